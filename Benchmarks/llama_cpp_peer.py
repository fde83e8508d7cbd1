"""Measures llama.cpp as `rudder bench` measures Rudder.

Both generate greedily, and the search for the largest logit counts; both compute the logits of each generated token, and of a prompt's last
token only; both start from an empty cache, which holds 16-bit numbers. Everything else is llama.cpp's default.
"""

import ctypes
import time

import llama_cpp
import numpy

from peer import Request, arguments, prompt, serve


class LlamaCpp:
    """A loaded model, and a context for each number of sequences."""

    def __init__(self, path: str, threads: int) -> None:
        self._silence = llama_cpp.llama_log_callback(lambda level, text, data: None)
        llama_cpp.llama_log_set(self._silence, ctypes.c_void_p(0))
        llama_cpp.llama_backend_init()
        self._threads = threads
        self._model = llama_cpp.llama_model_load_from_file(path.encode(), llama_cpp.llama_model_default_params())
        if not self._model:
            raise SystemExit(f"llama.cpp cannot load {path}")
        self._vocabulary = llama_cpp.llama_vocab_n_tokens(llama_cpp.llama_model_get_vocab(self._model))
        self._contexts: dict[int, llama_cpp.llama_context_p] = {}
        self._batch = llama_cpp.llama_batch_init(512, 0, 1)

    def measure(self, request: Request) -> float:
        """Runs a test once; tokens a second, all sequences together."""
        if request.steps is not None:
            raise ValueError("llama.cpp has no control")
        context = self._context(request.sequences)
        llama_cpp.llama_memory_clear(llama_cpp.llama_get_memory(context), True)
        start = time.perf_counter()
        if request.kind == "pp":
            self._prefill(context, request.tokens)
        else:
            self._decode(context, request.tokens, request.sequences)
        return request.tokens * request.sequences / (time.perf_counter() - start)

    def _context(self, sequences: int) -> llama_cpp.llama_context_p:
        if sequences not in self._contexts:
            parameters = llama_cpp.llama_context_default_params()
            # As many cells as the largest test needs: 512 of a prompt, 256 of each of several sequences.
            parameters.n_ctx = max(512, 256 * sequences)
            parameters.n_seq_max = sequences
            parameters.n_threads = parameters.n_threads_batch = self._threads
            context = llama_cpp.llama_init_from_model(self._model, parameters)
            if not context:
                raise SystemExit("llama.cpp makes no context")
            self._contexts[sequences] = context
        return self._contexts[sequences]

    def _put(self, index: int, token: int, position: int, sequence: int, logits: bool) -> None:
        batch = self._batch
        batch.token[index] = token
        batch.pos[index] = position
        batch.n_seq_id[index] = 1
        batch.seq_id[index][0] = sequence
        batch.logits[index] = logits

    def _run(self, context: llama_cpp.llama_context_p, count: int) -> None:
        self._batch.n_tokens = count
        if (status := llama_cpp.llama_decode(context, self._batch)) != 0:
            raise SystemExit(f"llama_decode failed with {status}")

    def _largest(self, context: llama_cpp.llama_context_p, index: int) -> int:
        logits = llama_cpp.llama_get_logits_ith(context, index)
        return int(numpy.ctypeslib.as_array(logits, (self._vocabulary,)).argmax())

    def _prefill(self, context: llama_cpp.llama_context_p, count: int) -> None:
        for index, token in enumerate(prompt(count, self._vocabulary)):
            self._put(index, token, index, 0, index == count - 1)
        self._run(context, count)
        # Computing may be asynchronous; asking for the logits waits.
        llama_cpp.llama_get_logits_ith(context, count - 1)

    def _decode(self, context: llama_cpp.llama_context_p, count: int, sequences: int) -> None:
        tokens = prompt(sequences, self._vocabulary)
        for position in range(count):
            for sequence, token in enumerate(tokens):
                self._put(sequence, token, position, sequence, True)
            self._run(context, sequences)
            tokens = [self._largest(context, sequence) for sequence in range(sequences)]


if __name__ == "__main__":
    options = arguments("Measures llama.cpp, one test for each line of standard input.")
    serve(LlamaCpp(options.model, options.threads).measure)
