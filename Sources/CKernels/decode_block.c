#pragma STDC FP_CONTRACT OFF

#include "panels.h"

static void set_scale(decoded_block *block, float scale, float offset) {
    block->scale[0] = block->scale[1] = scale;
    block->offset = offset;
}

/// Subtracts the value that stands for zero.
static void center(decoded_block *block, int zero) {
    for (int i = 0; i < 32; i++) block->quants[i] = (int8_t)(block->quants[i] - zero);
}

/// Low nibbles are the first sixteen weights, high nibbles the last.
static void split_nibbles(const uint8_t *packed, int8_t *quants) {
    for (int i = 0; i < 16; i++) {
        quants[i] = (int8_t)(packed[i] & 15);
        quants[i + 16] = (int8_t)(packed[i] >> 4);
    }
}

/// Bit i of the four bytes is the fifth bit of weight i.
static void add_fifth_bits(const uint8_t *high, int8_t *quants) {
    for (int i = 0; i < 32; i++) quants[i] = (int8_t)(quants[i] | ((high[i / 8] >> (i % 8)) & 1) << 4);
}

static void decode_q4_k(const block_q4_k *source, int sub, decoded_block *block) {
    int scale, minimum;
    k_scale_min(source->scales, sub, &scale, &minimum);
    const uint8_t *packed = source->qs + 32 * (sub / 2);
    for (int i = 0; i < 32; i++) block->quants[i] = (int8_t)(packed[i] >> 4 * (sub % 2) & 15);
    set_scale(block, load_half(source->d) * (float)scale, -(load_half(source->dmin) * (float)minimum));
}

static void decode_q5_k(const block_q5_k *source, int sub, decoded_block *block) {
    int scale, minimum;
    k_scale_min(source->scales, sub, &scale, &minimum);
    const uint8_t *packed = source->qs + 32 * (sub / 2);
    for (int i = 0; i < 32; i++) block->quants[i] = (int8_t)((packed[i] >> 4 * (sub % 2) & 15) | (source->qh[i] >> sub & 1) << 4);
    set_scale(block, load_half(source->d) * (float)scale, -(load_half(source->dmin) * (float)minimum));
}

static void decode_q6_k(const block_q6_k *source, int sub, decoded_block *block) {
    int half = sub / 4, quarter = sub % 4;
    const uint8_t *low = source->ql + 64 * half + 32 * (quarter % 2), *high = source->qh + 32 * half;
    for (int i = 0; i < 32; i++) {
        block->quants[i] = (int8_t)(((low[i] >> 4 * (quarter / 2) & 15) | (high[i] >> 2 * quarter & 3) << 4) - 32);
    }
    float d = load_half(source->d);
    block->scale[0] = d * (float)source->scales[8 * half + 2 * quarter];
    block->scale[1] = d * (float)source->scales[8 * half + 2 * quarter + 1];
    block->offset = 0;
}

void rudder_decode_block(rudder_weight_type type, const uint8_t *row, int64_t index, decoded_block *block) {
    switch (type) {
    case RUDDER_Q4_0: {
        const block_q4_0 *source = (const block_q4_0 *)row + index;
        split_nibbles(source->qs, block->quants);
        center(block, 8);
        set_scale(block, load_half(source->d), 0);
        break;
    }
    case RUDDER_Q4_1: {
        const block_q4_1 *source = (const block_q4_1 *)row + index;
        split_nibbles(source->qs, block->quants);
        set_scale(block, load_half(source->d), load_half(source->m));
        break;
    }
    case RUDDER_Q5_0: {
        const block_q5_0 *source = (const block_q5_0 *)row + index;
        split_nibbles(source->qs, block->quants);
        add_fifth_bits(source->qh, block->quants);
        center(block, 16);
        set_scale(block, load_half(source->d), 0);
        break;
    }
    case RUDDER_Q5_1: {
        const block_q5_1 *source = (const block_q5_1 *)row + index;
        split_nibbles(source->qs, block->quants);
        add_fifth_bits(source->qh, block->quants);
        set_scale(block, load_half(source->d), load_half(source->m));
        break;
    }
    case RUDDER_Q8_0: {
        const block_q8_0 *source = (const block_q8_0 *)row + index;
        memcpy(block->quants, source->qs, 32);
        set_scale(block, load_half(source->d), 0);
        break;
    }
    case RUDDER_Q4_K: decode_q4_k((const block_q4_k *)row + index / 8, (int)(index % 8), block); break;
    case RUDDER_Q5_K: decode_q5_k((const block_q5_k *)row + index / 8, (int)(index % 8), block); break;
    case RUDDER_Q6_K: decode_q6_k((const block_q6_k *)row + index / 8, (int)(index % 8), block); break;
    default: memset(block, 0, sizeof *block); break;
    }
}

void rudder_dequantize(rudder_weight_type type, const uint8_t *row, int64_t count, float *values) {
    switch (type) {
    case RUDDER_F32: memcpy(values, row, (size_t)count * 4); return;
    case RUDDER_F16:
        for (int64_t i = 0; i < count; i++) values[i] = load_half(row + 2 * i);
        return;
    case RUDDER_BF16:
        for (int64_t i = 0; i < count; i++) values[i] = bfloat_to_float(load_u16(row + 2 * i));
        return;
    default: break;
    }
    decoded_block block;
    for (int64_t index = 0; index < count / 32; index++) {
        rudder_decode_block(type, row, index, &block);
        for (int i = 0; i < 32; i++) {
            values[32 * index + i] = block.scale[i / 16] * (float)block.quants[i] + block.offset;
        }
    }
}

void rudder_dequantize_row(const rudder_weights *weights, int64_t row, float *values) {
    if (weights->layout == RUDDER_ROWS) {
        rudder_dequantize(weights->type, weights->data + row * weights->stride, weights->columns, values);
        return;
    }
    decoded_block block;
    const uint8_t *panel = weights->data + row / PANEL_ROWS * weights->stride;
    for (int64_t index = 0; index < weights->columns / 32; index++) {
        rudder_decode_panel_block(weights->type, panel, (int)(row % PANEL_ROWS), index, &block);
        for (int i = 0; i < 32; i++) values[32 * index + i] = block.scale[i / 16] * (float)block.quants[i] + block.offset;
    }
}
