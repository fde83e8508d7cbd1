#pragma STDC FP_CONTRACT OFF

#include "double_exponential.h"
#include "exponential.h"
#include "logit_mix.h"
#include "panels.h"

/// Folds eight lanes the way the SIMD kernels do: halves, then quarters, then the pair.
static float fold8(const float *lanes) {
    float a = lanes[0] + lanes[4], b = lanes[1] + lanes[5], c = lanes[2] + lanes[6], d = lanes[3] + lanes[7];
    return (a + c) + (b + d);
}

/// Folds four accumulators of eight lanes.
static float fold32(const float *lanes) {
    float folded[8];
    for (int i = 0; i < 8; i++) folded[i] = (lanes[i] + lanes[8 + i]) + (lanes[16 + i] + lanes[24 + i]);
    return fold8(folded);
}

/// Folds sixteen lanes.
static float fold16(const float *lanes) {
    float folded[8];
    for (int i = 0; i < 8; i++) folded[i] = lanes[i] + lanes[8 + i];
    return fold8(folded);
}

static void quantize_activations(const float *values, int64_t count, rudder_activation_block *blocks, int64_t lane) {
    for (int64_t index = 0; index < count / 32; index++) {
        const float *x = values + 32 * index;
        rudder_activation_block *block = blocks + index;
        float largest = 0;
        for (int i = 0; i < 32; i++) largest = fmaxf(largest, fabsf(x[i]));
        // Below this 127 / largest would overflow; such a block is zero to every purpose.
        float inverse = largest > 1e-30f ? 127.0f / largest : 0, scale = largest / 127.0f;
        int32_t halves[2] = {0, 0};
        for (int i = 0; i < 32; i++) {
            float rounded = rintf(x[i] * inverse);
            int8_t quant = (int8_t)(rounded > 127 ? 127 : rounded >= -128 ? rounded : -128);
            block->quants[lane][i] = quant;
            halves[i / 16] += quant;
        }
        block->half_sums[0][lane] = halves[0];
        block->half_sums[1][lane] = halves[1];
        block->scales[lane] = scale;
        block->sums[lane] = scale * (float)(halves[0] + halves[1]);
    }
}

static void decode_block(const rudder_weights *weights, int64_t row, int64_t index, decoded_block *block) {
    if (weights->layout == RUDDER_PANELS) {
        const uint8_t *panel = weights->data + row / PANEL_ROWS * weights->stride;
        rudder_decode_panel_block(weights->type, panel, (int)(row % PANEL_ROWS), index, block);
    } else {
        rudder_decode_block(weights->type, weights->data + row * weights->stride, index, block);
    }
}

static int32_t dot_quants(const int8_t *weights, const int8_t *x, int count) {
    int32_t sum = 0;
    for (int i = 0; i < count; i++) sum += (int32_t)weights[i] * x[i];
    return sum;
}

/// One output for each activation.
static void multiply_quantized_row(const rudder_weights *weights, int64_t row, const rudder_activations *x, float *out, int64_t out_stride) {
    for (int64_t a = 0; a < x->count; a++) out[a * out_stride + row] = 0;
    for (int64_t index = 0; index < weights->columns / 32; index++) {
        decoded_block block;
        decode_block(weights, row, index, &block);
        for (int64_t a = 0; a < x->count; a++) {
            const rudder_activation_block *inputs = x->blocks + a / RUDDER_ACTIVATION_LANES * x->block_count + index;
            int64_t lane = a % RUDDER_ACTIVATION_LANES;
            const int8_t *quants = inputs->quants[lane];
            float scale = inputs->scales[lane], sum = out[a * out_stride + row];
            if (weights->type == RUDDER_Q6_K) {
                sum = fmaf(block.scale[0] * scale, (float)dot_quants(block.quants, quants, 16), sum);
                sum = fmaf(block.scale[1] * scale, (float)dot_quants(block.quants + 16, quants + 16, 16), sum);
            } else {
                sum = fmaf(block.scale[0] * scale, (float)dot_quants(block.quants, quants, 32), sum);
            }
            if (panel_has_offset(weights->type)) sum = fmaf(block.offset, inputs->sums[lane], sum);
            out[a * out_stride + row] = sum;
        }
    }
}

static float weight_at(rudder_weight_type type, const uint8_t *row, int64_t index) {
    float value;
    switch (type) {
    case RUDDER_F16: return load_half(row + 2 * index);
    case RUDDER_BF16: return bfloat_to_float(load_u16(row + 2 * index));
    default: memcpy(&value, row + 4 * index, 4); return value;
    }
}

static float dot_floats(rudder_weight_type type, const uint8_t *row, const float *x, int64_t count) {
    float lanes[32] = {0}, tail = 0;
    int64_t whole = count / 32 * 32;
    for (int64_t i = 0; i < whole; i++) lanes[i % 32] = fmaf(weight_at(type, row, i), x[i], lanes[i % 32]);
    for (int64_t i = whole; i < count; i++) tail = fmaf(weight_at(type, row, i), x[i], tail);
    return fold32(lanes) + tail;
}

static void multiply(const rudder_weights *weights, int64_t first_row, int64_t last_row, const rudder_activations *x, float *out,
                     int64_t out_stride) {
    for (int64_t row = first_row; row < last_row; row++) {
        if (float_weight_bytes(weights->type) == 0) {
            multiply_quantized_row(weights, row, x, out, out_stride);
            continue;
        }
        for (int64_t a = 0; a < x->count; a++) {
            out[a * out_stride + row] =
                dot_floats(weights->type, weights->data + row * weights->stride, x->floats + a * x->float_stride, weights->columns);
        }
    }
}

/// Takes the positions `from` ..< `to` of a group of sixteen into account.
static void attend_group(const uint16_t *keys, const uint16_t *values, int64_t size, int from, int to, const float *query, float scale,
                         rudder_running_softmax *state, float *out) {
    float scores[16], largest = state->largest;
    for (int i = 0; i < 16; i++) {
        float even = 0, odd = 0;
        for (int64_t d = 0; d + 1 < size; d += 2) {
            even = fmaf(query[d], half_to_float(keys[16 * d + i]), even);
            odd = fmaf(query[d + 1], half_to_float(keys[16 * (d + 1) + i]), odd);
        }
        if (size % 2) even = fmaf(query[size - 1], half_to_float(keys[16 * (size - 1) + i]), even);
        scores[i] = i >= from && i < to ? (even + odd) * scale : -INFINITY;
        largest = fmaxf(largest, scores[i]);
    }
    float correction = exponential(state->largest - largest);
    for (int i = 0; i < 16; i++) scores[i] = exponential(scores[i] - largest);
    state->largest = largest;
    state->sum = fmaf(state->sum, correction, fold16(scores));
    for (int64_t d = 0; d < size; d++) {
        float sum = out[d] * correction;
        for (int i = from; i < to; i++) sum = fmaf(scores[i], half_to_float(values[i * size + d]), sum);
        out[d] = sum;
    }
}

static void attend_chunk(const rudder_cache_pages *pages, const rudder_queries *q, int64_t chunk, const rudder_attention_part *part) {
    int64_t size = pages->head_size, chunk_start = chunk * RUDDER_ATTENTION_CHUNK;
    for (int64_t row = 0; row < q->rows; row++) {
        int64_t end = q->position + row + 1, start = end > q->window ? end - q->window : 0;
        int64_t last = end < chunk_start + RUDDER_ATTENTION_CHUNK ? end : chunk_start + RUDDER_ATTENTION_CHUNK;
        for (int64_t head = 0; head < q->heads; head++) {
            const float *query = q->queries + row * q->stride + head * size;
            float *out = part->out + row * part->stride + head * part->head_stride;
            rudder_running_softmax *state = part->states + row * q->heads + head;
            *state = (rudder_running_softmax){-INFINITY, 0};
            for (int64_t d = 0; d < size; d++) out[d] = 0;
            for (int64_t group = start > chunk_start ? start / 16 * 16 : chunk_start; group < last; group += 16) {
                int64_t offset = rudder_group_offset(pages, group);
                int from = group < start ? (int)(start - group) : 0, to = end - group < 16 ? (int)(end - group) : 16;
                attend_group(pages->keys + offset, pages->values + offset, size, from, to, query, q->scale, state, out);
            }
        }
    }
}

#define TARGET
#include "attention_chunks.h"

static float dot_f32(const float *a, const float *b, int64_t count) {
    return dot_floats(RUDDER_F32, (const uint8_t *)a, b, count);
}

static void add_scaled_f32(float *y, const float *x, float scale, int64_t count) {
    for (int64_t i = 0; i < count; i++) y[i] = fmaf(scale, x[i], y[i]);
}

static int64_t row_bytes(const rudder_rows *rows) {
    return rows->columns * (rows->type == RUDDER_F32 ? 4 : 2);
}

static void multiply_rows(const rudder_rows *rows, const float *x, float *out) {
    for (int64_t r = 0; r < rows->count; r++) out[r] = dot_floats(rows->type, rows->data + r * row_bytes(rows), x, rows->columns);
}

static void add_rows(const rudder_rows *rows, const int32_t *numbers, const float *c, int64_t count, float *y) {
    for (int64_t n = 0; n < count; n++) {
        const uint8_t *row = rows->data + numbers[n] * row_bytes(rows);
        for (int64_t i = 0; i < rows->columns; i++) y[i] = fmaf(c[n], weight_at(rows->type, row, i), y[i]);
    }
}

static int64_t advance_units(const rudder_units *units, float step, int32_t *flipped) {
    int64_t found = 0;
    for (int64_t i = 0; i < units->count; i++) {
        units->moved[i] = fmaf(step, units->direction[i], units->moved[i]);
        if (units->deviation) units->deviation[i] = fmaf(step, units->change[i], units->deviation[i]);
        float now = units->start[i] + units->moved[i];
        if ((units->current[i] > 0) != (now > 0)) flipped[found++] = (int32_t)i;
        units->current[i] = now;
    }
    return found;
}

static uint16_t float_to_half(float value) {
    uint32_t bits;
    memcpy(&bits, &value, 4);
    uint16_t sign = (uint16_t)(bits >> 16 & 0x8000);
    uint32_t magnitude = bits & 0x7fffffff;
    if (magnitude > 0x7f800000) return (uint16_t)(sign | 0x7e00 | (magnitude >> 13 & 0x1ff));
    if (magnitude >= 0x477ff000) return sign | 0x7c00;
    if (magnitude < 0x38800000) {  // a subnormal half: let the float adder round to a multiple of 2^-24
        float absolute;
        memcpy(&absolute, &magnitude, 4);
        absolute += 0.5f;
        memcpy(&magnitude, &absolute, 4);
        return (uint16_t)(sign | (magnitude - 0x3f000000));
    }
    magnitude += 0xfff + (magnitude >> 13 & 1);
    return (uint16_t)(sign | (magnitude - 0x38000000) >> 13);
}

static void convert_to_f16(const float *values, uint16_t *halves, int64_t count) {
    for (int64_t i = 0; i < count; i++) halves[i] = float_to_half(values[i]);
}

static float exponentials(const float *values, float shift, float scale, int64_t count, float *out) {
    float lanes[16] = {0};
    for (int64_t i = 0; i < count; i++) {
        out[i] = exponential((values[i] - shift) * scale);
        lanes[i % 16] += out[i];
    }
    return fold16(lanes);
}

static rudder_mix_sums sum_mix(const rudder_logit_mix *mix) {
    float largest = -INFINITY;
    for (int64_t i = 0; i < mix->count; i++) {
        float value = mixed_logit(mix, i);
        if (value > largest) largest = value;
    }
    mix_lanes lanes = {{0}};
    for (int64_t i = 0; i < mix->count; i++) add_mixed_logit(&lanes, mix, i, largest);
    return fold_mix_lanes(&lanes, largest);
}

static int find_largest(const float *values, int64_t count, int64_t *index) {
    int64_t best = 0, finite = 1;
    for (int64_t i = 0; i < count; i++) {
        if (values[i] > values[best]) best = i;
        finite &= isfinite(values[i]) != 0;
    }
    *index = best;
    return (int)finite;
}

static void silu_multiply(float *gate, const float *up, int64_t count) {
    for (int64_t i = 0; i < count; i++) gate[i] = gate[i] / (1 + exponential(-gate[i])) * up[i];
}

static void scale_by(const float *x, float scale, const float *gain, float *y, int64_t count) {
    for (int64_t i = 0; i < count; i++) y[i] = x[i] * scale * gain[i];
}

static void rotate_pairs(float *pairs, const float *cosines, const float *sines, int64_t count) {
    for (int64_t i = 0; i < count; i++) {
        float a = pairs[2 * i], b = pairs[2 * i + 1];
        pairs[2 * i] = fmaf(a, cosines[i], -(b * sines[i]));
        pairs[2 * i + 1] = fmaf(b, cosines[i], a * sines[i]);
    }
}

const rudder_kernels *rudder_kernels_scalar(void) {
    static const rudder_kernels kernels = {
        .name = "scalar",
        .prefers_panels = 0,
        .quantize_activations = quantize_activations,
        .multiply = multiply,
        .attend = attend,
        .attend_chunk = attend_chunk,
        .join_chunks = join_chunks,
        .dot_f32 = dot_f32,
        .multiply_rows = multiply_rows,
        .add_rows = add_rows,
        .advance_units = advance_units,
        .add_scaled_f32 = add_scaled_f32,
        .convert_to_f16 = convert_to_f16,
        .exponentials = exponentials,
        .sum_mix = sum_mix,
        .find_largest = find_largest,
        .silu_multiply = silu_multiply,
        .scale_by = scale_by,
        .rotate_pairs = rotate_pairs,
    };
    return &kernels;
}
