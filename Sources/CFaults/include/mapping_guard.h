// Meets SIGBUS in mappings of files.
//
// A file that is cut short while it is mapped has pages that no longer exist; touching one raises SIGBUS, which would end the process. For mappings that
// are registered here such pages become pages of zeros, so that whoever touched them goes on, and the mapping is marked: what was computed from it since
// is worth nothing. Any other SIGBUS does what it did before.
#ifndef MAPPING_GUARD_H
#define MAPPING_GUARD_H

#include <stdbool.h>
#include <stddef.h>

// Registers a mapping, and begins to watch with the first one. The number names it; -1: as many are registered as can be, and this one is not watched.
int mapping_guard_add(const void *base, size_t size);

// Forgets a mapping. To be called before it is unmapped.
void mapping_guard_remove(int number);

// Whether a page of the mapping was touched that the file no longer has.
bool mapping_guard_is_damaged(int number);

#endif
