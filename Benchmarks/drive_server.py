"""Starts a server on a free port, drives it with `rudder bench --server` and the arguments given, and stops it."""

import argparse
import os
import subprocess
import sys

from server import MODEL, PROGRAM, serving


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", default=PROGRAM)
    parser.add_argument("--model", default=MODEL)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    options, rest = parser.parse_known_args()
    with serving(options.program, options.model, "--threads", str(options.threads)) as address:
        status = subprocess.run([options.program, "bench", "--server", address, *rest]).returncode
    sys.exit(status)


if __name__ == "__main__":
    main()
