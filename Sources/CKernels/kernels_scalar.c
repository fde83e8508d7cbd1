#pragma STDC FP_CONTRACT OFF

#include "blocks.h"

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

static void quantize_activations(const float *values, int64_t count, int8_t *quants, float *scales, float *sums) {
    for (int64_t block = 0; block < count / 32; block++) {
        const float *x = values + 32 * block;
        float largest = 0;
        for (int i = 0; i < 32; i++) largest = fmaxf(largest, fabsf(x[i]));
        // Below this 127 / largest would overflow; such a block is zero to every purpose.
        float inverse = largest > 1e-30f ? 127.0f / largest : 0, scale = largest / 127.0f;
        int32_t sum = 0;
        for (int i = 0; i < 32; i++) {
            float rounded = rintf(x[i] * inverse);
            int8_t quant = (int8_t)(rounded > 127 ? 127 : rounded >= -128 ? rounded : -128);
            quants[32 * block + i] = quant;
            sum += quant;
        }
        scales[block] = scale;
        sums[block] = scale * (float)sum;
    }
}

static float dot_quantized(const rudder_weights *weights, const uint8_t *row, const int8_t *quants, const float *scales, const float *sums) {
    float lanes[8] = {0}, offset = 0;
    decoded_block block;
    for (int64_t index = 0; index < weights->columns / 32; index++) {
        rudder_decode_block(weights->type, row, index, &block);
        const int8_t *x = quants + 32 * index;
        for (int lane = 0; lane < 8; lane++) {
            int32_t sum = 0;
            for (int i = 4 * lane; i < 4 * lane + 4; i++) sum += (int32_t)block.quants[i] * x[i];
            lanes[lane] = fmaf(block.scale[lane / 4] * scales[index], (float)sum, lanes[lane]);
        }
        offset = fmaf(block.offset - block.scale[0] * block.zero, sums[index], offset);
    }
    return fold8(lanes) + offset;
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

static void multiply(const rudder_weights *weights, int64_t first_row, int64_t last_row, const rudder_activations *activations,
                     float *out, int64_t out_stride) {
    int is_float = float_weight_bytes(weights->type) != 0;
    for (int64_t row = first_row; row < last_row; row++) {
        const uint8_t *data = weights->data + row * weights->row_bytes;
        for (int64_t a = 0; a < activations->count; a++) {
            out[a * out_stride + row] = is_float
                ? dot_floats(weights->type, data, activations->floats + a * activations->float_stride, weights->columns)
                : dot_quantized(weights, data, activations->quants + a * activations->quant_stride,
                                activations->scales + a * activations->scale_stride, activations->sums + a * activations->scale_stride);
        }
    }
}

static float dot_f32(const float *a, const float *b, int64_t count) {
    return dot_floats(RUDDER_F32, (const uint8_t *)a, b, count);
}

static float dot_f16(const uint16_t *a, const float *b, int64_t count) {
    return dot_floats(RUDDER_F16, (const uint8_t *)a, b, count);
}

static void add_scaled_f32(float *y, const float *x, float scale, int64_t count) {
    for (int64_t i = 0; i < count; i++) y[i] = fmaf(scale, x[i], y[i]);
}

static void add_scaled_f16(float *y, const uint16_t *x, float scale, int64_t count) {
    for (int64_t i = 0; i < count; i++) y[i] = fmaf(scale, half_to_float(x[i]), y[i]);
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

const rudder_kernels *rudder_kernels_scalar(void) {
    static const rudder_kernels kernels = {
        .name = "scalar",
        .quantize_activations = quantize_activations,
        .multiply = multiply,
        .dot_f32 = dot_f32,
        .dot_f16 = dot_f16,
        .add_scaled_f32 = add_scaled_f32,
        .add_scaled_f16 = add_scaled_f16,
        .convert_to_f16 = convert_to_f16,
    };
    return &kernels;
}
