#ifndef RUDDER_CZLIB_SHIM_H
#define RUDDER_CZLIB_SHIM_H

#include <zlib.h>

/// zlib defines inflateInit2 as a macro, which Swift does not see.
static inline int rudder_inflate_init2(z_stream *stream, int window_bits) {
    return inflateInit2(stream, window_bits);
}

/// zlib defines deflateInit2 as a macro, which Swift does not see.
static inline int rudder_deflate_init2(z_stream *stream, int level, int window_bits) {
    return deflateInit2(stream, level, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY);
}

#endif
