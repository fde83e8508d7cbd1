#ifndef RUDDER_BLOCKS_H
#define RUDDER_BLOCKS_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "CKernels.h"

/// Block layouts of GGUF's quantized types (ggml-common.h names the fields the same way). All are byte arrays, so nothing is assumed about alignment.
typedef struct { uint8_t d[2]; uint8_t qs[16]; } block_q4_0;
typedef struct { uint8_t d[2]; uint8_t m[2]; uint8_t qs[16]; } block_q4_1;
typedef struct { uint8_t d[2]; uint8_t qh[4]; uint8_t qs[16]; } block_q5_0;
typedef struct { uint8_t d[2]; uint8_t m[2]; uint8_t qh[4]; uint8_t qs[16]; } block_q5_1;
typedef struct { uint8_t d[2]; int8_t qs[32]; } block_q8_0;
typedef struct { uint8_t d[2]; uint8_t dmin[2]; uint8_t scales[12]; uint8_t qs[128]; } block_q4_k;
typedef struct { uint8_t d[2]; uint8_t dmin[2]; uint8_t scales[12]; uint8_t qh[32]; uint8_t qs[128]; } block_q5_k;
typedef struct { uint8_t ql[128]; uint8_t qh[64]; int8_t scales[16]; uint8_t d[2]; } block_q6_k;

_Static_assert(sizeof(block_q4_0) == 18 && sizeof(block_q4_1) == 20 && sizeof(block_q5_0) == 22 && sizeof(block_q5_1) == 24, "GGUF layout");
_Static_assert(sizeof(block_q8_0) == 34 && sizeof(block_q4_k) == 144 && sizeof(block_q5_k) == 176 && sizeof(block_q6_k) == 210, "GGUF layout");

static inline uint16_t load_u16(const uint8_t *bytes) {
    uint16_t value;
    memcpy(&value, bytes, 2);
    return value;
}

/// IEEE half to single precision, exact for every input.
static inline float half_to_float(uint16_t half) {
    uint32_t sign = (uint32_t)(half & 0x8000) << 16, exponent = (half >> 10) & 31, mantissa = half & 0x3ff, bits;
    if (exponent == 0) {
        float value = (float)mantissa * 0x1p-24f;
        return sign ? -value : value;
    }
    bits = exponent == 31 ? sign | 0x7f800000 | mantissa << 13 : sign | (exponent + 112) << 23 | mantissa << 13;
    float value;
    memcpy(&value, &bits, 4);
    return value;
}

static inline float load_half(const uint8_t *bytes) {
    return half_to_float(load_u16(bytes));
}

static inline float bfloat_to_float(uint16_t half) {
    uint32_t bits = (uint32_t)half << 16;
    float value;
    memcpy(&value, &bits, 4);
    return value;
}

/// The 6-bit scale and minimum of sub-block `j` (0 ..< 8) of a Q4_K or Q5_K block.
static inline void k_scale_min(const uint8_t *scales, int j, int *scale, int *minimum) {
    if (j < 4) {
        *scale = scales[j] & 63;
        *minimum = scales[j + 4] & 63;
    } else {
        *scale = (scales[j + 4] & 15) | (scales[j - 4] >> 6) << 4;
        *minimum = scales[j + 4] >> 4 | (scales[j] >> 6) << 4;
    }
}

/// Thirty-two consecutive weights of a quantized row, decoded: weight i is scale[i / 16] * quants[i] + offset.
typedef struct decoded_block {
    int8_t quants[32];
    float scale[2];
    float offset;
} decoded_block;

/// Decodes weights 32 * index ..< 32 * index + 32 of a row of a quantized type.
void rudder_decode_block(rudder_weight_type type, const uint8_t *row, int64_t index, decoded_block *block);

/// The number of bytes of one weight of a floating-point type; 0 for the quantized ones.
static inline int64_t float_weight_bytes(rudder_weight_type type) {
    switch (type) {
    case RUDDER_F32: return 4;
    case RUDDER_F16: case RUDDER_BF16: return 2;
    default: return 0;
    }
}

#endif
