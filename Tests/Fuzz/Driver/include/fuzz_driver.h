#ifndef RUDDER_FUZZ_DRIVER_H
#define RUDDER_FUZZ_DRIVER_H

#include <stddef.h>
#include <stdint.h>

/// libFuzzer's entry for programs that have a main of their own: calls `run` with one input after the other, as the arguments, which are its own, say.
///
/// Returns the process's exit code.
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*run)(const uint8_t *bytes, size_t count));

#endif
