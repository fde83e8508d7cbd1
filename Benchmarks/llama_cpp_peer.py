"""Measures llama.cpp with its own defaults: mmap, repacking where it knows how, flash attention where it thinks it helps."""

import ctypes

import llama_cpp

from llama_engine import LlamaEngine
from peer import arguments, serve


def clear(context: llama_cpp.llama_context_p) -> None:
    llama_cpp.llama_memory_clear(llama_cpp.llama_get_memory(context), True)


if __name__ == "__main__":
    options = arguments("Measures llama.cpp, one test for each line of standard input.")
    silence = llama_cpp.llama_log_callback(lambda level, text, data: None)
    llama_cpp.llama_log_set(silence, ctypes.c_void_p(0))
    serve(LlamaEngine(llama_cpp, options.model, options.threads, clear, adjust=lambda parameters: None).measure)
