#ifndef RUDDER_CKERNELS_H
#define RUDDER_CKERNELS_H

#include <stdint.h>

#include "pause.h"

#if defined(__clang__)
#pragma clang assume_nonnull begin
#define RUDDER_NULLABLE _Nullable
#else
#define RUDDER_NULLABLE
#endif

/// SIMD micro-kernels, one table of functions for each instruction set. `rudder_kernels_scalar` is the specification:
/// every other table returns the same bits for finite inputs.
///
/// A result depends only on the vectors that enter it: never on how many rows or columns share a call. Each output element
/// is summed in one fixed order (eight lanes for quantized weights, thirty-two for floating-point ones, folded pairwise).

/// The stored form of a weight. Block layouts are those of GGUF (ggml's block_q4_0 and so on).
typedef enum rudder_weight_type {
    RUDDER_F32,
    RUDDER_F16,
    RUDDER_BF16,
    RUDDER_Q4_0,
    RUDDER_Q4_1,
    RUDDER_Q5_0,
    RUDDER_Q5_1,
    RUDDER_Q8_0,
    RUDDER_Q4_K,
    RUDDER_Q5_K,
    RUDDER_Q6_K,
} rudder_weight_type;

/// A weight matrix, row-major; each row is `row_bytes` long and holds `columns` weights.
typedef struct rudder_weights {
    rudder_weight_type type;
    const uint8_t *data;
    int64_t row_bytes;
    int64_t columns;
} rudder_weights;

/// Inputs of a product: `count` vectors of `columns` values. Quantized weights read `quants` (int8, 32 to a block), `scales` and `sums`
/// (one of each for a block; a sum is scale times the sum of the block's quants); floating-point weights read `floats`.
typedef struct rudder_activations {
    int64_t count;
    const float *floats;
    int64_t float_stride;
    const int8_t *quants;
    int64_t quant_stride;
    const float *scales;
    const float *sums;
    int64_t scale_stride;
} rudder_activations;

typedef struct rudder_kernels {
    const char *name;

    /// Quantizes `count` values (a multiple of 32) to int8 in blocks of 32: the largest magnitude of a block becomes 127, rounding to even.
    void (*quantize_activations)(const float *values, int64_t count, int8_t *quants, float *scales, float *sums);

    /// out[a * out_stride + row] = weights[row] . activations[a], for rows first_row ..< last_row and every activation.
    void (*multiply)(const rudder_weights *weights, int64_t first_row, int64_t last_row, const rudder_activations *activations,
                     float *out, int64_t out_stride);

    float (*dot_f32)(const float *a, const float *b, int64_t count);
    float (*dot_f16)(const uint16_t *a, const float *b, int64_t count);

    /// y += scale * x
    void (*add_scaled_f32)(float *y, const float *x, float scale, int64_t count);
    void (*add_scaled_f16)(float *y, const uint16_t *x, float scale, int64_t count);

    /// Rounds to the nearest half-precision number, ties to even.
    void (*convert_to_f16)(const float *values, uint16_t *halves, int64_t count);
} rudder_kernels;

/// Portable C, and the specification of all others.
const rudder_kernels *rudder_kernels_scalar(void);

/// AVX2 with FMA and F16C; null where the processor lacks one of them.
const rudder_kernels *RUDDER_NULLABLE rudder_kernels_avx2(void);

/// The fastest table this processor can run.
const rudder_kernels *rudder_kernels_best(void);

/// Writes `count` weights of a row, from its first, as F32. `count` is a whole number of blocks.
void rudder_dequantize(rudder_weight_type type, const uint8_t *row, int64_t count, float *values);

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif

#endif
