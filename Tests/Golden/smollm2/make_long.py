"""A long text read by SmolLM2, computed plainly: the whole text in single precision from dequantized weights, with NumPy and the gguf package.

    python3 make_long.py MODEL.gguf OUT.json

Writes the tokens of a made-up text of 8,192 tokens and, for some positions of it, the log-probability of the next token and the ten likeliest.
Where llama-cpp-python is installed, also how far llama.cpp is from them: the mean KL over the ten and the rest.
"""

import importlib.util
import json
import re
import sys

import gguf
import numpy as np

LENGTH = 8192
NAMES = ["Ada", "Bruno", "Clara", "Dario", "Edith", "Fabio", "Greta", "Hugo"]
THINGS = ["apples", "letters", "coats", "clocks", "ropes", "candles", "stones", "maps"]
PLACES = ["the cellar", "the tower", "the garden", "the attic", "the harbour", "the library", "the kitchen", "the stable"]


class Model:
    def __init__(self, reader):
        def number(key):
            return reader.fields[f"llama.{key}"].parts[-1][0]

        self.weights = {
            tensor.name: gguf.quants.dequantize(tensor.data, tensor.tensor_type).astype(np.float32) for tensor in reader.tensors
        }
        self.layers, self.heads = int(number("block_count")), int(number("attention.head_count"))
        self.key_heads, self.epsilon = int(number("attention.head_count_kv")), float(number("attention.layer_norm_rms_epsilon"))
        self.size = int(number("embedding_length")) // self.heads
        self.frequencies = float(number("rope.freq_base")) ** (-np.arange(0, self.size, 2) / self.size)

    def norm(self, x, name):
        return x / np.sqrt((x * x).mean(-1, keepdims=True) + self.epsilon) * self.weights[name]

    def rotate(self, x):
        # GGUF has the rows of a Llama's queries and keys so that neighbours are turned.
        angles = np.arange(x.shape[0], dtype=np.float64)[:, None] * self.frequencies
        cos, sin = np.cos(angles).astype(np.float32)[:, None, :], np.sin(angles).astype(np.float32)[:, None, :]
        first, second = x[..., 0::2], x[..., 1::2]
        out = np.empty_like(x)
        out[..., 0::2], out[..., 1::2] = first * cos - second * sin, second * cos + first * sin
        return out

    def attention(self, q, k, v):
        count, group = q.shape[0], self.heads // self.key_heads
        out = np.empty_like(q)
        for head in range(self.heads):
            keys, values = k[:, head // group], v[:, head // group]
            for start in range(0, count, 512):
                end = min(start + 512, count)
                scores = q[start:end, head] @ keys[:end].T / np.float32(np.sqrt(self.size))
                scores[np.arange(start, end)[:, None] < np.arange(end)[None, :]] = -np.inf
                scores = np.exp(scores - scores.max(-1, keepdims=True))
                out[start:end, head] = scores @ values[:end] / scores.sum(-1, keepdims=True)
        return out.reshape(count, -1)

    def states(self, tokens):
        weights, count = self.weights, len(tokens)
        x = weights["token_embd.weight"][tokens]
        for layer in range(self.layers):
            prefix = f"blk.{layer}."
            h = self.norm(x, prefix + "attn_norm.weight")
            q = self.rotate((h @ weights[prefix + "attn_q.weight"].T).reshape(count, self.heads, self.size))
            k = self.rotate((h @ weights[prefix + "attn_k.weight"].T).reshape(count, self.key_heads, self.size))
            v = (h @ weights[prefix + "attn_v.weight"].T).reshape(count, self.key_heads, self.size)
            x = x + self.attention(q, k, v) @ weights[prefix + "attn_output.weight"].T
            h = self.norm(x, prefix + "ffn_norm.weight")
            gate, up = h @ weights[prefix + "ffn_gate.weight"].T, h @ weights[prefix + "ffn_up.weight"].T
            x = x + (gate / (1 + np.exp(-gate)) * up) @ weights[prefix + "ffn_down.weight"].T
            print(f"layer {layer}", file=sys.stderr, flush=True)
        return self.norm(x, "output_norm.weight")

    def logprobs(self, states):
        logits = (states @ self.weights.get("output.weight", self.weights["token_embd.weight"]).T).astype(np.float64)
        logits -= logits.max(-1, keepdims=True)
        return logits - np.log(np.exp(logits).sum(-1, keepdims=True))


def text(lines):
    """Lines that repeat themselves in parts, so that what comes next can be found far behind."""
    out, x = [], 7
    for index in range(lines):
        picks = []
        for _ in range(4):
            x = (x * 1103515245 + 12345) % 2**31
            picks.append(x >> 16)
        out.append(
            f"Entry {index + 1}: {NAMES[picks[0] % 8]} keeps {picks[1] % 90 + 10} {THINGS[picks[2] % 8]} in {PLACES[picks[3] % 8]}.\n"
        )
    return out


def llama_cpp_divergence(path, golden):
    """llama.cpp's mean KL from the reference, its 16-bit cache and rounded products included."""
    import llama_cpp as api

    api.llama_backend_init()
    model = api.llama_model_load_from_file(path.encode(), api.llama_model_default_params())
    parameters = api.llama_context_default_params()
    parameters.n_ctx = LENGTH
    context = api.llama_init_from_model(model, parameters)
    batch = api.llama_batch_init(512, 0, 1)
    wanted, divergences = {entry["position"]: entry for entry in golden["positions"]}, []
    for start in range(0, LENGTH, 512):
        for index in range(512):
            batch.token[index], batch.pos[index] = golden["tokens"][start + index], start + index
            batch.n_seq_id[index], batch.seq_id[index][0], batch.logits[index] = 1, 0, start + index in wanted
        batch.n_tokens = 512
        assert api.llama_decode(context, batch) == 0
        for index in range(512):
            if (entry := wanted.get(start + index)) is None:
                continue
            logits = np.ctypeslib.as_array(api.llama_get_logits_ith(context, index), (api.llama_vocab_n_tokens(api.llama_model_get_vocab(model)),)).astype(np.float64)
            logits -= logits.max()
            ours = np.exp([pair[1] for pair in entry["top"]])
            theirs = np.exp((logits - np.log(np.exp(logits).sum()))[[pair[0] for pair in entry["top"]]])
            rest = 1 - ours.sum()
            divergence = (ours * np.log(ours / theirs)).sum() + (rest * np.log(rest / (1 - theirs.sum())) if rest > 1e-9 else 0)
            divergences.append(divergence)
    return round(float(np.mean(divergences)), 6)


def main():
    path, out = sys.argv[1:]
    reader = gguf.GGUFReader(path)
    model = Model(reader)
    field = reader.fields["tokenizer.ggml.tokens"]
    ids = {bytes(field.parts[part]).decode(): index for index, part in enumerate(field.data)}

    def spell(piece):
        token = piece.replace(" ", "Ġ").replace("\n", "Ċ")
        return [ids[token]] if token in ids else [ids[character] for character in token]

    body = []
    for line in text(2000):
        pieces = re.findall(r" ?[A-Za-z]+|\d| (?=\d)|[:.\n]", line)
        assert "".join(pieces) == line, (pieces, line)
        for piece in pieces:
            body += spell(piece)
    # The first entries come again at the end.
    tail = body[:300]
    tokens = ([ids["<|im_start|>"]] + body)[: LENGTH - len(tail)] + tail
    assert len(tokens) == LENGTH
    states = model.states(np.array(tokens))
    positions = sorted({*range(63, LENGTH - 1, 173), *range(LENGTH - 40, LENGTH - 1, 3)})
    logprobs = model.logprobs(states[positions])
    entries = []
    for row, position in zip(logprobs, positions):
        best = np.argsort(row)[::-1][:10]
        entries.append({
            "position": position,
            "next_token_logprob": round(float(row[tokens[position + 1]]), 5),
            "top": [[int(i), round(float(row[i]), 5)] for i in best],
        })
    golden = {"tokens": tokens, "positions": entries}
    if importlib.util.find_spec("llama_cpp"):
        golden["llama_cpp_mean_kl_top10"] = llama_cpp_divergence(path, golden)
    with open(out, "w") as file:
        json.dump(golden, file, separators=(",", ":"))


main()
