"""Steering between two blocks, computed plainly: the whole text anew for every token, in double precision, with NumPy alone.

    python3 make.py MODELS/llama3 OUT

MODELS/llama3 is a Hugging Face folder of a Llama 3 (config.json, model.safetensors, expected.json with PyTorch's logits, against which the plain
forward pass is checked first). Writes OUT/cases.json and a head for each case.
"""

import hashlib
import json
import pathlib
import struct
import sys

import numpy as np


def read_safetensors(path):
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    tensors = {}
    for name, entry in json.loads(data[8 : 8 + length]).items():
        if name == "__metadata__":
            continue
        assert entry["dtype"] == "F32", entry
        start, end = entry["data_offsets"]
        tensors[name] = np.frombuffer(data[8 + length + start : 8 + length + end], "<f4").reshape(entry["shape"]).astype(np.float64)
    return tensors


def write_safetensors(path, tensors, metadata):
    header, blob = {"__metadata__": metadata}, b""
    for name, value in tensors.items():
        raw = value.astype("<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(value.shape), "data_offsets": [len(blob), len(blob) + len(raw)]}
        blob += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + blob)


class Llama:
    def __init__(self, folder):
        self.weights = read_safetensors(folder / "model.safetensors")
        config = json.loads((folder / "config.json").read_text())
        self.layers = config["num_hidden_layers"]
        self.heads = config["num_attention_heads"]
        self.key_heads = config["num_key_value_heads"]
        self.size = config["head_dim"]
        self.epsilon = config["rms_norm_eps"]
        rope = config["rope_parameters"]
        assert rope["rope_type"] == "llama3"
        frequencies = rope["rope_theta"] ** (-np.arange(0, self.size, 2) / self.size)
        wavelengths = 2 * np.pi / frequencies
        original, factor = rope["original_max_position_embeddings"], rope["factor"]
        low, high = rope["low_freq_factor"], rope["high_freq_factor"]
        smooth = np.clip((original / wavelengths - low) / (high - low), 0, 1)
        self.frequencies = (1 - smooth) * frequencies / factor + smooth * frequencies

    def norm(self, x, name):
        return x / np.sqrt((x * x).mean(-1, keepdims=True) + self.epsilon) * self.weights[name]

    def rotate(self, x):
        angles = np.arange(x.shape[0])[:, None] * self.frequencies
        cos, sin = np.cos(angles)[:, None, :], np.sin(angles)[:, None, :]
        first, second = x[..., : self.size // 2], x[..., self.size // 2 :]
        return np.concatenate([first * cos - second * sin, second * cos + first * sin], -1)

    def forward(self, tokens, after=lambda layer, x: x):
        """Logits at every position; `after` may change the residual stream behind a block."""
        weights, count = self.weights, len(tokens)
        x = weights["model.embed_tokens.weight"][tokens]
        for layer in range(self.layers):
            prefix = f"model.layers.{layer}."
            h = self.norm(x, prefix + "input_layernorm.weight")
            q = (h @ weights[prefix + "self_attn.q_proj.weight"].T).reshape(count, self.heads, self.size)
            k = (h @ weights[prefix + "self_attn.k_proj.weight"].T).reshape(count, self.key_heads, self.size)
            v = (h @ weights[prefix + "self_attn.v_proj.weight"].T).reshape(count, self.key_heads, self.size)
            q, k = self.rotate(q), self.rotate(k)
            k, v = (np.repeat(part, self.heads // self.key_heads, axis=1) for part in (k, v))
            scores = np.einsum("qhd,khd->hqk", q, k) / np.sqrt(self.size)
            scores = np.where(np.tril(np.ones((count, count), bool)), scores, -np.inf)
            scores = np.exp(scores - scores.max(-1, keepdims=True))
            scores /= scores.sum(-1, keepdims=True)
            x = x + np.einsum("hqk,khd->qhd", scores, v).reshape(count, -1) @ weights[prefix + "self_attn.o_proj.weight"].T
            h = self.norm(x, prefix + "post_attention_layernorm.weight")
            gate = h @ weights[prefix + "mlp.gate_proj.weight"].T
            up = h @ weights[prefix + "mlp.up_proj.weight"].T
            x = x + (gate / (1 + np.exp(-gate)) * up) @ weights[prefix + "mlp.down_proj.weight"].T
            x = after(layer, x)
        return self.norm(x, "model.norm.weight") @ weights["lm_head.weight"].T


class Head:
    def __init__(self, width, units, random):
        self.tensors = {
            "fc1.weight": random.normal(0, 1 / np.sqrt(width), (units, width)),
            "fc1.bias": random.normal(0, 0.1, units),
            "fc3.weight": random.normal(0, 1 / np.sqrt(units), (1, units)),
            "fc3.bias": random.normal(0, 0.1, 1),
        }
        # As the file has them.
        self.tensors = {name: value.astype(np.float32).astype(np.float64) for name, value in self.tensors.items()}

    def value(self, h):
        z = self.tensors["fc1.weight"] @ h + self.tensors["fc1.bias"]
        return float(self.tensors["fc3.weight"][0] @ np.maximum(z, 0) + self.tensors["fc3.bias"][0])

    def steer(self, h, steps, step_size):
        u = np.zeros_like(h)
        for _ in range(steps):
            z = self.tensors["fc1.weight"] @ (h + u) + self.tensors["fc1.bias"]
            u = u + step_size * self.tensors["fc1.weight"].T @ (self.tensors["fc3.weight"][0] * (z > 0))
        return h + u


def main():
    folder, out = map(pathlib.Path, sys.argv[1:])
    model = Llama(folder)
    # Tests run the same weights from the GGUF file beside them.
    digest = hashlib.sha256((folder / "model.gguf").read_bytes()).hexdigest()
    examples = json.loads((folder / "expected.json").read_text())["examples"]
    for example in examples:
        expected = np.array(example["last_logits"])
        assert np.abs(model.forward(example["tokens"])[-1] - expected).max() < 1e-4 * np.abs(expected).max()
    prompt = min((example["tokens"] for example in examples), key=len)
    cases = []
    for layer, steps, step_size, seed in [(0, 40, 0.1, 11), (1, 40, 0.1, 1), (2, 40, 0.15, 6)]:
        head, tokens, rows = Head(64, 48, np.random.default_rng(seed)), list(prompt), []
        write_safetensors(out / f"layer-{layer}.safetensors", head.tensors, {"site": f"layer.{layer}"})
        for _ in range(24):
            def after(place, x):
                if place != layer:
                    if place == model.layers - 1:
                        row["last"] = x[-1].copy()
                    return x
                x = x.copy()
                for position in range(len(prompt) - 1, len(x)):
                    before = x[position].copy()
                    x[position] = head.steer(before, steps, step_size)
                    row.update(
                        value_before=head.value(before), value_after=head.value(x[position]),
                        norm=float(np.linalg.norm(x[position] - before) / np.linalg.norm(before)), state=x[position].copy(),
                    )
                if place == model.layers - 1:
                    row["last"] = x[-1].copy()
                return x

            row = {}
            logits = model.forward(tokens, after)[-1]
            plain = model.forward(tokens)[-1]
            best = np.sort(logits)[::-1]
            token = int(np.argmax(logits))
            states = {name: [round(float(x), 5) for x in row.pop(name)] for name in ("state", "last")}
            rows.append(row | states | {
                "token": token, "margin": float(best[0] - best[1]), "plain_token": int(np.argmax(plain)),
                "logprob": float(best[0] - np.log(np.exp(logits - best[0]).sum()) - best[0]),
            })
            tokens.append(token)
        cases.append({"file": f"layer-{layer}.safetensors", "model": digest, "layer": layer, "steps": steps, "step_size": step_size, "prompt": prompt, "tokens": rows})
        print(layer, "moved", [round(r["norm"], 3) for r in rows][:6], "differs from plain", sum(r["token"] != r["plain_token"] for r in rows), "least margin", min(r["margin"] for r in rows), [r["token"] for r in rows])
    (out / "cases.json").write_text(json.dumps({"cases": cases}, indent=None) + "\n")


main()
