"""The clients of many kinds."""

import pathlib
import sys

# What tests of several folders share.
sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "Shared"))
