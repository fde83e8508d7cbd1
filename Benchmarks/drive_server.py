"""Starts a server on a free port, drives it with `rudder bench --server` and the arguments given, and stops it."""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

READY = "rudder: listening on "


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", default=".build/release/rudder")
    parser.add_argument("--model", default=".cache/models/SmolLM2-135M-Instruct.Q4_1.gguf")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    options, rest = parser.parse_known_args()
    with tempfile.TemporaryDirectory() as folder:
        # Nobody's batches are gone on with.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("RUDDER_")}
        environment["RUDDER_BATCHES_DIRECTORY"] = f"{folder}/batches"
        serve = [options.program, "serve", "--model", options.model, "--threads", str(options.threads), "--port", "0"]
        with open(Path(folder) / "log", "w+") as log:
            server = subprocess.Popen(
                [*serve, "--registry", f"{folder}/heads"], env=environment, stdout=subprocess.PIPE, stderr=log, text=True
            )
            try:
                line = server.stdout.readline().strip()
                if not line.startswith(READY):
                    log.seek(0)
                    sys.exit(f"the server does not start: {log.read()}")
                status = subprocess.run([options.program, "bench", "--server", line.removeprefix(READY), *rest]).returncode
            finally:
                server.terminate()
                server.wait()
    sys.exit(status)


if __name__ == "__main__":
    main()
