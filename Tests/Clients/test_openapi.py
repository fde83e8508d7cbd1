"""Schemathesis, from the repository's own description of the interface, against a running server."""

import os
import pathlib
import subprocess
import sys
import unittest

from support import ROOT, ServerCase

HERE = pathlib.Path(__file__).resolve().parent
DESCRIPTION = ROOT / "Docs/openapi.yaml"


class DescriptionTests(ServerCase):
    # Generations are kept short, and their number in bounds.
    settings = {"limits__max_tokens": 16, "log__level": "error"}

    def test_the_server_does_what_its_description_says(self):
        run = subprocess.run(
            [
                pathlib.Path(sys.executable).parent / "schemathesis", "--config-file", HERE / "schemathesis.toml",
                "run", DESCRIPTION, "--url", self.server.url,
                "--phases", "examples,coverage,fuzzing", "--max-examples", "25", "--seed", "1", "--workers", "1",
                # Every check is on, but for what the configuration turns off; `--checks all` would overrule that.
                "--request-timeout", "60", "--suppress-health-check", "all", "--continue-on-failure",
            ],
            cwd=self.server.folder.name, capture_output=True, text=True, timeout=1500,
            env=dict(os.environ, SCHEMATHESIS_HOOKS="schemathesis_hooks", PYTHONPATH=str(HERE)),
        )
        self.assertEqual(run.returncode, 0, run.stdout[-8000:] + run.stderr[-2000:])


if __name__ == "__main__":
    unittest.main()
