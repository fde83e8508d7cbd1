"""Value functions with random weights, as safetensors files, for the tests that are written in Python."""

import json
import random
import struct


def assembled(width, hidden, dtype, numbers, metadata):
    """A head of one hidden layer. `numbers` gives the bytes of so many numbers."""
    shapes = {"fc1.weight": [hidden, width], "fc1.bias": [hidden], "fc3.weight": [1, hidden], "fc3.bias": [1]}
    header, data = {"__metadata__": metadata} if metadata else {}, b""
    for name, shape in shapes.items():
        piece = numbers(shape[0] * (shape[1] if len(shape) > 1 else 1))
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(data), len(data) + len(piece)]}
        data += piece
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + data


def head_file(seed, width, hidden, **metadata):
    """A head whose numbers are the same for the same seed."""
    source = random.Random(seed)

    def numbers(count):
        return struct.pack(f"<{count}f", *(source.uniform(-0.1, 0.1) for _ in range(count)))

    return assembled(width, hidden, "F32", numbers, {"format": "rudder.value-function.v1", **metadata})
