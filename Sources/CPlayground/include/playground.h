#ifndef RUDDER_PLAYGROUND_H
#define RUDDER_PLAYGROUND_H

#include <stddef.h>

/// A file of the playground, as it was when the program was compiled.
struct playground_file {
    /// The file's name in the folder pages.
    const char *name;
    const unsigned char *bytes;
    size_t count;
};

/// How many files there are.
size_t playground_file_count(void);

/// The file at an index; without bytes where there is none.
struct playground_file playground_file_at(size_t index);

#endif
