"""A server of this project on a free port, for what measures it."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROGRAM = ".build/release/rudder"
MODEL = ".cache/models/SmolLM2-135M-Instruct.Q4_1.gguf"
READY = "rudder: listening on "


@contextmanager
def serving(program: str, model: str, *arguments: str) -> Iterator[str]:
    """Starts it, in folders that go with it and without the caller's settings, so that nobody's batches are gone on with. Gives its address."""
    with tempfile.TemporaryDirectory() as folder, open(Path(folder) / "log", "w+") as log:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("RUDDER_")}
        environment["RUDDER_BATCHES_DIRECTORY"] = f"{folder}/batches"
        server = subprocess.Popen(
            [program, "serve", "--model", model, "--port", "0", "--registry", f"{folder}/heads", *arguments],
            env=environment, stdout=subprocess.PIPE, stderr=log, text=True,
        )
        try:
            line = server.stdout.readline().strip()
            if not line.startswith(READY):
                log.seek(0)
                sys.exit(f"the server does not start: {log.read()}")
            yield line.removeprefix(READY)
        finally:
            server.terminate()
            server.wait()
