#pragma STDC FP_CONTRACT OFF

#include "panels.h"

static inline uint32_t load_u32(const uint8_t *bytes) {
    uint32_t value;
    memcpy(&value, bytes, 4);
    return value;
}

static inline void store_u32(uint8_t *bytes, uint32_t value) {
    memcpy(bytes, &value, 4);
}

static const uint32_t low_nibbles = 0x0f0f0f0f;

/// Thirty-two nibbles in a file's order: low ones are the first sixteen weights.
static inline void pack_nibbles(const uint8_t *packed, uint8_t *words) {
    for (int j = 0; j < 4; j++) store_u32(words + WORD_BYTES * j, load_u32(packed + 4 * j));
}

/// The nibbles of a K type's sub-block: low or high ones of 32 bytes.
static inline void pack_k_nibbles(const uint8_t *packed, int sub, uint8_t *words) {
    for (int j = 0; j < 4; j++) {
        uint32_t first = load_u32(packed + 4 * j) >> 4 * (sub % 2) & low_nibbles;
        uint32_t last = load_u32(packed + 16 + 4 * j) >> 4 * (sub % 2) & low_nibbles;
        store_u32(words + WORD_BYTES * j, first | last << 4);
    }
}

/// Bit i of four bytes is the fifth bit of weight i.
static inline void pack_fifth_bits(const uint8_t *high, uint8_t *word) {
    uint32_t bits = load_u32(high), packed = 0;
    for (int j = 0; j < 4; j++) {
        for (int t = 0; t < 4; t++) {
            packed |= (bits >> (4 * j + t) & 1) << (8 * t + j);
            packed |= (bits >> (16 + 4 * j + t) & 1) << (8 * t + 4 + j);
        }
    }
    store_u32(word, packed);
}

/// Bit `sub` of byte i is the fifth bit of weight i.
static inline void pack_k_fifth_bits(const uint8_t *high, int sub, uint8_t *word) {
    uint32_t packed = 0;
    for (int j = 0; j < 4; j++) {
        packed |= (load_u32(high + 4 * j) >> sub & 0x01010101) << j;
        packed |= (load_u32(high + 16 + 4 * j) >> sub & 0x01010101) << (4 + j);
    }
    store_u32(word, packed);
}

static inline void pack_q6_k(const block_q6_k *source, int sub, uint8_t *weights) {
    int half = sub / 4, quarter = sub % 4;
    const uint8_t *low = source->ql + 64 * half + 32 * (quarter % 2), *high = source->qh + 32 * half;
    uint32_t packed[2] = {0, 0};
    for (int j = 0; j < 4; j++) {
        uint32_t nibbles = 0;
        for (int side = 0; side < 2; side++) {
            uint32_t four = load_u32(low + 16 * side + 4 * j) >> 4 * (quarter / 2) & low_nibbles;
            nibbles |= four << 4 * side;
            packed[side] |= (load_u32(high + 16 * side + 4 * j) >> 2 * quarter & 0x03030303) << 2 * j;
        }
        store_u32(weights + WORD_BYTES * j, nibbles);
    }
    store_u32(weights + WORD_BYTES * 4, packed[0]);
    store_u32(weights + WORD_BYTES * 5, packed[1]);
}

/// A K type's super-block of one row. `unit` and all offsets are those of row 0; a row's words, halves and bytes lie 4, 2 and 1 further each.
static inline void pack_super_block(rudder_weight_type type, const uint8_t *source, int row, uint8_t *unit) {
    uint8_t *halves = unit + 8 * panel_weight_bytes(type);
    for (int sub = 0; sub < 8; sub++) {
        uint8_t *words = unit + sub * panel_weight_bytes(type) + 4 * row;
        if (type == RUDDER_Q6_K) {
            const block_q6_k *block = (const block_q6_k *)source;
            uint8_t *scales = halves + HALVES_BYTES + 2 * sub * PANEL_ROWS;
            pack_q6_k(block, sub, words);
            memcpy(scales + row, &block->scales[8 * (sub / 4) + 2 * (sub % 4)], 1);
            memcpy(scales + PANEL_ROWS + row, &block->scales[8 * (sub / 4) + 2 * (sub % 4) + 1], 1);
            if (sub == 0) memcpy(halves + 2 * row, block->d, 2);
            continue;
        }
        const block_q4_k *four = (const block_q4_k *)source;
        const block_q5_k *five = (const block_q5_k *)source;
        int scale, minimum;
        if (type == RUDDER_Q4_K) {
            pack_k_nibbles(four->qs + 32 * (sub / 2), sub, words);
            k_scale_min(four->scales, sub, &scale, &minimum);
        } else {
            pack_k_nibbles(five->qs + 32 * (sub / 2), sub, words);
            pack_k_fifth_bits(five->qh, sub, words + 4 * WORD_BYTES);
            k_scale_min(five->scales, sub, &scale, &minimum);
        }
        uint8_t *scales = halves + 2 * HALVES_BYTES + sub * PANEL_ROWS;
        scales[row] = (uint8_t)scale;
        scales[8 * PANEL_ROWS + row] = (uint8_t)minimum;
        // Both types begin with d and dmin.
        if (sub == 0) memcpy(halves + 2 * row, four->d, 2), memcpy(halves + HALVES_BYTES + 2 * row, four->dmin, 2);
    }
}

/// A block of 32 weights of one row.
static inline void pack_block(rudder_weight_type type, const uint8_t *source, int row, uint8_t *unit) {
    uint8_t *words = unit + 4 * row, *high = words + 4 * WORD_BYTES, *halves = unit + panel_weight_bytes(type) + 2 * row;
    memcpy(halves, source, 2);
    switch (type) {
    case RUDDER_Q4_0: pack_nibbles(((const block_q4_0 *)source)->qs, words); break;
    case RUDDER_Q4_1:
        pack_nibbles(((const block_q4_1 *)source)->qs, words);
        memcpy(halves + HALVES_BYTES, ((const block_q4_1 *)source)->m, 2);
        break;
    case RUDDER_Q5_0:
        pack_nibbles(((const block_q5_0 *)source)->qs, words);
        pack_fifth_bits(((const block_q5_0 *)source)->qh, high);
        break;
    case RUDDER_Q5_1:
        pack_nibbles(((const block_q5_1 *)source)->qs, words);
        pack_fifth_bits(((const block_q5_1 *)source)->qh, high);
        memcpy(halves + HALVES_BYTES, ((const block_q5_1 *)source)->m, 2);
        break;
    default:
        for (int g = 0; g < 8; g++) store_u32(words + WORD_BYTES * g, load_u32((const uint8_t *)((const block_q8_0 *)source)->qs + 4 * g));
        break;
    }
}

static inline int64_t block_bytes(rudder_weight_type type) {
    switch (type) {
    case RUDDER_Q4_0: return sizeof(block_q4_0);
    case RUDDER_Q4_1: return sizeof(block_q4_1);
    case RUDDER_Q5_0: return sizeof(block_q5_0);
    case RUDDER_Q5_1: return sizeof(block_q5_1);
    case RUDDER_Q8_0: return sizeof(block_q8_0);
    case RUDDER_Q4_K: return sizeof(block_q4_k);
    case RUDDER_Q5_K: return sizeof(block_q5_k);
    case RUDDER_Q6_K: return sizeof(block_q6_k);
    default: return 0;
    }
}

static inline __attribute__((always_inline)) void pack_units(rudder_weight_type type, const uint8_t *first_row, int64_t row_stride, int64_t rows,
                                                             int64_t first, int64_t units, uint8_t *panel) {
    if (rows < PANEL_ROWS) memset(panel, 0, (size_t)(units * panel_unit_bytes(type)));
    for (int64_t unit = 0; unit < units; unit++) {
        for (int row = 0; row < rows; row++) {
            const uint8_t *source = first_row + row * row_stride + (first + unit) * block_bytes(type);
            if (panel_is_k(type)) {
                pack_super_block(type, source, row, panel + unit * panel_unit_bytes(type));
            } else {
                pack_block(type, source, row, panel + unit * panel_unit_bytes(type));
            }
        }
    }
}

void rudder_pack_strip(rudder_weight_type type, const uint8_t *first_row, int64_t row_stride, int64_t rows, int64_t first, int64_t blocks,
                       uint8_t *strip) {
    switch (type) {
    case RUDDER_Q4_0: pack_units(RUDDER_Q4_0, first_row, row_stride, rows, first, blocks, strip); break;
    case RUDDER_Q4_1: pack_units(RUDDER_Q4_1, first_row, row_stride, rows, first, blocks, strip); break;
    case RUDDER_Q5_0: pack_units(RUDDER_Q5_0, first_row, row_stride, rows, first, blocks, strip); break;
    case RUDDER_Q5_1: pack_units(RUDDER_Q5_1, first_row, row_stride, rows, first, blocks, strip); break;
    case RUDDER_Q8_0: pack_units(RUDDER_Q8_0, first_row, row_stride, rows, first, blocks, strip); break;
    case RUDDER_Q4_K: pack_units(RUDDER_Q4_K, first_row, row_stride, rows, first / 8, blocks / 8, strip); break;
    case RUDDER_Q5_K: pack_units(RUDDER_Q5_K, first_row, row_stride, rows, first / 8, blocks / 8, strip); break;
    case RUDDER_Q6_K: pack_units(RUDDER_Q6_K, first_row, row_stride, rows, first / 8, blocks / 8, strip); break;
    default: break;
    }
}

int64_t rudder_panel_bytes(rudder_weight_type type, int64_t columns) {
    return block_bytes(type) == 0 ? 0 : columns / panel_unit_columns(type) * panel_unit_bytes(type);
}

void rudder_pack_panel(rudder_weight_type type, const uint8_t *first_row, int64_t row_stride, int64_t rows, int64_t columns, uint8_t *panel) {
    rudder_pack_strip(type, first_row, row_stride, rows, 0, columns / 32, panel);
}

void rudder_decode_panel_block(rudder_weight_type type, const uint8_t *panel, int row, int64_t index, decoded_block *block) {
    panel_block source = panel_block_at(type, panel, index);
    uint8_t words[8 * 4];
    int count = panel_quant_words(type) + panel_high_words(type);
    for (int word = 0; word < count; word++) memcpy(words + 4 * word, source.weights + WORD_BYTES * word + 4 * row, 4);
    for (int i = 0; i < 32; i++) {
        int side = i / 16, j = i % 16 / 4, t = i % 4;
        int quant = type == RUDDER_Q8_0 ? (int8_t)words[i] : words[4 * j + t] >> 4 * side & 15;
        if (panel_high_words(type) == 1) quant |= (words[16 + t] >> (4 * side + j) & 1) << 4;
        if (panel_high_words(type) == 2) quant |= (words[16 + 4 * side + t] >> 2 * j & 3) << 4;
        block->quants[i] = (int8_t)(quant - panel_zero(type));
    }
    float d = load_half(source.halves + 2 * row);
    block->scale[0] = block->scale[1] = d;
    block->offset = panel_has_offset(type) ? load_half(source.halves + HALVES_BYTES + 2 * row) : 0;
    if (type == RUDDER_Q6_K) {
        block->scale[0] = d * (float)(int8_t)source.scales[row];
        block->scale[1] = d * (float)(int8_t)source.scales[PANEL_ROWS + row];
    } else if (panel_is_k(type)) {
        block->scale[0] = block->scale[1] = d * (float)source.scales[row];
        block->offset = -(block->offset * (float)source.scales[8 * PANEL_ROWS + row]);
    }
}
