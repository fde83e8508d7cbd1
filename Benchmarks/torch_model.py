"""A Llama in plain PyTorch: the weights of a GGUF file dequantized to float32, and a KV cache."""

import gguf
import torch
import torch.nn.functional as F
from gguf.quants import dequantize


class Llama:
    """Computes one token after the other of one sequence."""

    def __init__(self, path: str) -> None:
        reader = gguf.GGUFReader(path)

        def field(name: str):
            return reader.fields[f"llama.{name}"].contents()

        tensors = {
            tensor.name: torch.from_numpy(dequantize(tensor.data, tensor.tensor_type).copy()).reshape(tuple(reversed(tensor.shape.tolist())))
            for tensor in reader.tensors
        }
        self.width = int(field("embedding_length"))
        self.heads = int(field("attention.head_count"))
        self.key_heads = int(field("attention.head_count_kv"))
        self.head_width = self.width // self.heads
        self.epsilon = float(field("attention.layer_norm_rms_epsilon"))
        self.embedding = tensors["token_embd.weight"]
        self.output = tensors.get("output.weight", self.embedding)
        self.output_norm = tensors["output_norm.weight"]
        self.vocabulary = self.embedding.shape[0]
        names = ["attn_norm", "attn_q", "attn_k", "attn_v", "attn_output", "ffn_norm", "ffn_gate", "ffn_up", "ffn_down"]
        self.blocks = [[tensors[f"blk.{block}.{name}.weight"] for name in names] for block in range(int(field("block_count")))]
        base = float(field("rope.freq_base"))
        self._frequencies = base ** (-torch.arange(0, self.head_width, 2, dtype=torch.float64) / self.head_width)
        self.clear(0)

    def clear(self, positions: int) -> None:
        """Empties the cache and makes room for that many positions."""
        self.position = 0
        shape = (len(self.blocks), 2, self.key_heads, positions, self.head_width)
        self._cache = torch.zeros(shape)
        angles = torch.outer(torch.arange(positions, dtype=torch.float64), self._frequencies)
        self._cosines, self._sines = angles.cos().float(), angles.sin().float()

    def _rotate(self, x: torch.Tensor) -> torch.Tensor:
        """Rotary embedding of neighbouring pairs: the order in which GGUF keeps the rows of Llama's queries and keys."""
        cosine, sine = self._cosines[self.position], self._sines[self.position]
        even, odd = x[..., 0::2], x[..., 1::2]
        return torch.stack((even * cosine - odd * sine, even * sine + odd * cosine), dim=-1).flatten(-2)

    @torch.no_grad()
    def state(self, token: int) -> torch.Tensor:
        """The final hidden state, after the last norm, of a token at the next position."""
        x = self.embedding[token]
        end = self.position + 1
        for cache, (norm, q, k, v, o, ffn_norm, gate, up, down) in zip(self._cache, self.blocks):
            h = F.rms_norm(x, (self.width,), norm, self.epsilon)
            query = self._rotate((q @ h).view(self.heads, self.head_width))
            cache[0, :, self.position] = self._rotate((k @ h).view(self.key_heads, self.head_width))
            cache[1, :, self.position] = (v @ h).view(self.key_heads, self.head_width)
            # The queries that share a key are rows of one product.
            query = query.view(self.key_heads, self.heads // self.key_heads, self.head_width)
            attention = F.scaled_dot_product_attention(query[None], cache[None, 0, :, :end], cache[None, 1, :, :end])
            x = x + o @ attention.flatten()
            h = F.rms_norm(x, (self.width,), ffn_norm, self.epsilon)
            x = x + down @ (F.silu(gate @ h) * (up @ h))
        self.position = end
        return F.rms_norm(x, (self.width,), self.output_norm, self.epsilon)

    @torch.no_grad()
    def next_token(self, state: torch.Tensor) -> int:
        """The most likely token after a state."""
        return int((self.output @ state).argmax())
