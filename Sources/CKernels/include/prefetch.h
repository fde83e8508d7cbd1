#ifndef RUDDER_PREFETCH_H
#define RUDDER_PREFETCH_H

#include <stdint.h>

/// Asks for memory that will soon be read. A hint: nothing waits for it.
static inline void rudder_prefetch(const void *memory, int64_t bytes) {
    for (int64_t i = 0; i < bytes; i += 64) __builtin_prefetch((const char *)memory + i);
}

#endif
