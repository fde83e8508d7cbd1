"""Measures llama.cpp, or a fork of it, as `rudder bench` measures Rudder.

Both generate greedily, and the search for the largest logit counts; both compute the logits of each generated token, and of a prompt's last
token only; both start from an empty cache, or behind a text that is read before the clock starts, and caches hold 16-bit numbers.
"""

import time
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy

from peer import Request, prompt


class LlamaEngine:
    """A loaded model, and a context for each number of sequences and cells.

    `api` holds llama.cpp's functions by their C names, `clear` empties a context's cache, and `adjust` may change the default parameters of the
    model and of a context.
    """

    def __init__(self, api: ModuleType, path: str, threads: int, clear: Callable[[Any], None], adjust: Callable[[Any], None]) -> None:
        api.llama_backend_init()
        self._api, self._threads, self._clear, self._adjust = api, threads, clear, adjust
        parameters = api.llama_model_default_params()
        adjust(parameters)
        self._model = api.llama_model_load_from_file(path.encode(), parameters)
        if not self._model:
            raise SystemExit(f"{api.__name__} cannot load {path}")
        self._vocabulary = api.llama_vocab_n_tokens(api.llama_model_get_vocab(self._model))
        self._contexts: dict[int, Any] = {}
        self._batch = api.llama_batch_init(512, 0, 1)

    def measure(self, request: Request) -> float:
        """Runs a test once; tokens a second, all sequences together."""
        if request.steps is not None:
            raise ValueError("there is no control")
        if request.depth and request.sequences > 1:
            raise ValueError("several sequences begin with an empty cache")
        context = self._context(request.sequences, request.depth + request.tokens)
        self._clear(context)
        end = request.depth + request.tokens
        if request.depth:
            self._prefill(context, 0, request.depth)
        start = time.perf_counter()
        if request.kind == "pp":
            self._prefill(context, request.depth, end)
        else:
            self._decode(context, request.depth, end, request.sequences)
        return request.tokens * request.sequences / (time.perf_counter() - start)

    def _context(self, sequences: int, tokens: int) -> Any:
        # As many cells as the largest test needs: 512 of a prompt, 256 of each of several sequences; a long text has a context of its own.
        cells = max(512, 256 * sequences, -(-tokens // 256) * 256)
        key = (sequences, cells)
        if key not in self._contexts:
            parameters = self._api.llama_context_default_params()
            parameters.n_ctx = cells
            parameters.n_seq_max = sequences
            parameters.n_threads = parameters.n_threads_batch = self._threads
            self._adjust(parameters)
            context = self._api.llama_init_from_model(self._model, parameters)
            if not context:
                raise SystemExit(f"{self._api.__name__} makes no context")
            self._contexts[key] = context
        return self._contexts[key]

    def _put(self, index: int, token: int, position: int, sequence: int, logits: bool) -> None:
        batch = self._batch
        batch.token[index] = token
        batch.pos[index] = position
        batch.n_seq_id[index] = 1
        batch.seq_id[index][0] = sequence
        batch.logits[index] = logits

    def _run(self, context: Any, count: int) -> None:
        self._batch.n_tokens = count
        if (status := self._api.llama_decode(context, self._batch)) != 0:
            raise SystemExit(f"llama_decode failed with {status}")

    def _largest(self, context: Any, index: int) -> int:
        logits = self._api.llama_get_logits_ith(context, index)
        return int(numpy.ctypeslib.as_array(logits, (self._vocabulary,)).argmax())

    def _prefill(self, context: Any, first: int, end: int) -> None:
        tokens = prompt(end, self._vocabulary)
        for start in range(first, end, 512):
            stop = min(start + 512, end)
            for position in range(start, stop):
                self._put(position - start, tokens[position], position, 0, position == end - 1)
            self._run(context, stop - start)
        # Computing may be asynchronous; asking for the logits waits.
        self._api.llama_get_logits_ith(context, stop - start - 1)

    def _decode(self, context: Any, first: int, end: int, sequences: int) -> None:
        tokens = prompt(sequences, self._vocabulary)
        for position in range(first, end):
            for sequence, token in enumerate(tokens):
                self._put(sequence, token, position, sequence, True)
            self._run(context, sequences)
            tokens = [self._largest(context, sequence) for sequence in range(sequences)]

