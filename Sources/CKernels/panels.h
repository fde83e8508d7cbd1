#ifndef RUDDER_PANELS_H
#define RUDDER_PANELS_H

#include "blocks.h"

/// The layout of a panel: sixteen rows of a quantized matrix, interleaved so that a vector register holds the same four weights of each row,
/// four bytes a row, and a row's result grows in a lane of its own.
///
/// A panel is a run of units, one for each block of 32 columns; for the K types, one for each super-block of 256. A unit of 32 columns is
///
///     quants   4 words a row (8 for Q8_0): word j of row r at 64 * j + 4 * r
///     high     the fifth bits, or the fifth and sixth: one word a row for Q5, two for Q6_K, after the quants
///     scales   sixteen halves, and sixteen more for the offsets of Q4_1 and Q5_1
///
/// A word of nibbles holds weights 4j ... 4j+3 in its low nibbles and 16+4j ... 16+4j+3 in its high ones. A word of fifth bits holds, in byte t,
/// bit j of weight 4j+t and bit 4+j of weight 16+4j+t. A word of Q6_K's two high bits holds, in byte t, bits 2j and 2j+1 of weight 4j+t (first
/// word) or 16+4j+t (second word). A unit of the K types is eight such quants with their high bits, then sixteen halves d, sixteen halves
/// dmin (not Q6_K), then a byte a row for each sub-block's scale and, behind all scales, for each sub-block's minimum; Q6_K has two scales
/// a sub-block and no minimums.
enum { PANEL_ROWS = RUDDER_PANEL_ROWS, WORD_BYTES = 4 * PANEL_ROWS, HALVES_BYTES = 2 * PANEL_ROWS };

static inline __attribute__((always_inline)) int panel_is_k(rudder_weight_type type) {
    return type == RUDDER_Q4_K || type == RUDDER_Q5_K || type == RUDDER_Q6_K;
}

/// Words a row of 32 weights' quants.
static inline __attribute__((always_inline)) int panel_quant_words(rudder_weight_type type) {
    return type == RUDDER_Q8_0 ? 8 : 4;
}

/// Words a row of 32 weights' high bits.
static inline __attribute__((always_inline)) int panel_high_words(rudder_weight_type type) {
    switch (type) {
    case RUDDER_Q5_0: case RUDDER_Q5_1: case RUDDER_Q5_K: return 1;
    case RUDDER_Q6_K: return 2;
    default: return 0;
    }
}

/// Bytes of 32 columns' quants and high bits.
static inline __attribute__((always_inline)) int64_t panel_weight_bytes(rudder_weight_type type) {
    return WORD_BYTES * (panel_quant_words(type) + panel_high_words(type));
}

/// Whether a block adds its offset times the sum of its inputs.
static inline __attribute__((always_inline)) int panel_has_offset(rudder_weight_type type) {
    return type == RUDDER_Q4_1 || type == RUDDER_Q5_1 || type == RUDDER_Q4_K || type == RUDDER_Q5_K;
}

/// What is to be subtracted from each stored quant.
static inline __attribute__((always_inline)) int panel_zero(rudder_weight_type type) {
    switch (type) {
    case RUDDER_Q4_0: return 8;
    case RUDDER_Q5_0: return 16;
    case RUDDER_Q6_K: return 32;
    default: return 0;
    }
}

/// Columns of a unit.
static inline __attribute__((always_inline)) int64_t panel_unit_columns(rudder_weight_type type) {
    return panel_is_k(type) ? 256 : 32;
}

/// Bytes of a unit.
static inline __attribute__((always_inline)) int64_t panel_unit_bytes(rudder_weight_type type) {
    if (type == RUDDER_Q6_K) return 8 * panel_weight_bytes(type) + HALVES_BYTES + 16 * PANEL_ROWS;
    if (panel_is_k(type)) return 8 * panel_weight_bytes(type) + 2 * HALVES_BYTES + 16 * PANEL_ROWS;
    return panel_weight_bytes(type) + HALVES_BYTES * (1 + panel_has_offset(type));
}

/// Where a block of 32 columns lies.
typedef struct panel_block {
    /// Its quants; the high bits follow.
    const uint8_t *weights;
    /// Halves: the scales, or d of the super-block. The offsets, or dmin, follow.
    const uint8_t *halves;
    /// Bytes: the sub-block's scale of each row (two of them for Q6_K); its minimums are 8 * PANEL_ROWS further. K types only.
    const uint8_t *scales;
} panel_block;

static inline __attribute__((always_inline)) panel_block panel_block_at(rudder_weight_type type, const uint8_t *panel, int64_t index) {
    if (!panel_is_k(type)) {
        const uint8_t *unit = panel + index * panel_unit_bytes(type);
        return (panel_block){unit, unit + panel_weight_bytes(type), unit};
    }
    const uint8_t *unit = panel + index / 8 * panel_unit_bytes(type), *halves = unit + 8 * panel_weight_bytes(type);
    int64_t sub = index % 8;
    int is_q6 = type == RUDDER_Q6_K;
    return (panel_block){unit + sub * panel_weight_bytes(type), halves, halves + (is_q6 ? 1 : 2) * HALVES_BYTES + sub * (is_q6 ? 2 : 1) * PANEL_ROWS};
}

/// How far ahead of the arithmetic weights are fetched. Panels lie one behind the other, so this reaches into the next: the processor's own
/// prefetching starts anew at each page and runs too short a way ahead when many activations share a weight.
enum { PANEL_PREFETCH_BYTES = 6144 };

/// Whether weights are fetched through all caches. They are read once a token, so they are not to drive keys, values and activations out of the
/// outer ones. But Intel's processors keep what is fetched as used once out of their last cache altogether, where a small model has room, and fetch
/// it more slowly: decoding is three times as fast with weights that fit there, and half as fast again with those that do not.
static inline int panels_are_kept(void) {
#if defined(__x86_64__)
    return __builtin_cpu_is("intel") != 0;
#else
    return 0;
#endif
}

/// Fetches what lies PANEL_PREFETCH_BYTES behind block `index`, a block's worth. A hint: where it points outside of the matrix nothing happens.
static inline __attribute__((always_inline)) void panel_prefetch(rudder_weight_type type, const uint8_t *panel, int64_t index, int is_kept) {
    const int64_t bytes = panel_unit_bytes(type) * 32 / panel_unit_columns(type);
    uintptr_t start = (uintptr_t)panel + (uintptr_t)(index * bytes) + PANEL_PREFETCH_BYTES;
    _Pragma("clang loop unroll(full)") for (int64_t line = 0; line < bytes; line += 64) {
        const void *place = (const void *)(start + (uintptr_t)line);
        if (is_kept) {
            __builtin_prefetch(place, 0, 3);
        } else {
            __builtin_prefetch(place, 0, 0);
        }
    }
}

/// How many blocks of a row are packed at a time where a product meets weights that are not packed: a whole number of super-blocks.
enum { PANEL_STRIP_BLOCKS = 16, PANEL_STRIP_BYTES = PANEL_STRIP_BLOCKS * (8 * WORD_BYTES + 2 * HALVES_BYTES) };

/// Packs blocks first ..< first + blocks of some rows; the strip is a panel of that many blocks.
void rudder_pack_strip(rudder_weight_type type, const uint8_t *first_row, int64_t row_stride, int64_t rows, int64_t first, int64_t blocks,
                       uint8_t *strip);

/// The inverse: block `index` of one of a panel's rows.
void rudder_decode_panel_block(rudder_weight_type type, const uint8_t *panel, int row, int64_t index, decoded_block *block);

#endif
