"""Value functions with random weights, as safetensors files."""

import json
import random
import struct


def head_file(seed: int, width: int, hidden: int, **metadata: str) -> bytes:
    """A head of one hidden layer; the same seed gives the same bytes."""
    numbers = random.Random(seed)
    shapes = {"fc1.weight": [hidden, width], "fc1.bias": [hidden], "fc3.weight": [1, hidden], "fc3.bias": [1]}
    header: dict = {"__metadata__": {"format": "rudder.value-function.v1", "activation": "relu", "site": "final_norm", **metadata}}
    data = b""
    for name, shape in shapes.items():
        count = shape[0] * (shape[1] if len(shape) > 1 else 1)
        piece = struct.pack(f"<{count}f", *(numbers.uniform(-0.1, 0.1) for _ in range(count)))
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [len(data), len(data) + len(piece)]}
        data += piece
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + data
