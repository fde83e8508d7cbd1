#include "allocator.h"

// Any header of the C library's tells which library it is.
#include <stdlib.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

void allocator_give_back(void) {
#ifdef __GLIBC__
    mallopt(M_ARENA_MAX, 2);
    mallopt(M_MMAP_THRESHOLD, 1 << 20);
    mallopt(M_TRIM_THRESHOLD, 4 << 20);
#endif
}
