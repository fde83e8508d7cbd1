"""Measures ik_llama.cpp, llama.cpp's faster fork, with what its authors advise on a CPU: weights repacked when they are loaded, flash
attention for one sequence, and its other defaults."""

import os
import sys

from ik_llama_cpp import _ctypes_api as ik_llama_cpp

from llama_engine import LlamaEngine
from peer import arguments, serve


def adjust(parameters: object) -> None:
    if hasattr(parameters, "repack_tensors"):
        parameters.repack_tensors, parameters.use_mmap = True, False
    if hasattr(parameters, "flash_attn"):
        # With several sequences in a batch its kernels stop at an assertion (version 0.1.5).
        parameters.flash_attn = parameters.n_seq_max == 1


if __name__ == "__main__":
    options = arguments("Measures ik_llama.cpp, one test for each line of standard input.")
    # The library writes its log to standard error, and some of it to standard output, which answers are to have for themselves.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    sys.stdout = answers
    serve(LlamaEngine(ik_llama_cpp, options.model, options.threads, ik_llama_cpp.llama_kv_cache_clear, adjust).measure)
