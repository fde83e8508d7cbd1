#ifndef RUDDER_CKERNELS_H
#define RUDDER_CKERNELS_H

#include <stdint.h>

#include "pause.h"
#include "prefetch.h"

#if defined(__clang__)
#pragma clang assume_nonnull begin
#define RUDDER_NULLABLE _Nullable
#else
#define RUDDER_NULLABLE
#endif

/// SIMD micro-kernels, one table of functions for each instruction set. `rudder_kernels_scalar` is the specification:
/// every other table returns the same bits for finite inputs.
///
/// A result depends only on the vectors that enter it: never on how many rows or columns share a call, nor on whether the
/// weights were packed. Each output element is summed in one fixed order. Quantized weights: block by block, from the first;
/// the products of a block (of half a block, for Q6_K) add up exactly as integers, enter the sum by one fused multiply-add, and
/// the block's offset by another. Floating-point weights: thirty-two lanes, folded pairwise.

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

/// How the weights of a matrix lie in memory.
typedef enum rudder_weight_layout {
    /// Row after row of blocks, as in the file.
    RUDDER_ROWS,
    /// Panels of sixteen rows, interleaved (panels.h has the layout); quantized types only.
    RUDDER_PANELS,
} rudder_weight_layout;

/// The number of rows in a panel.
enum { RUDDER_PANEL_ROWS = 16 };

/// A weight matrix of `rows` by `columns`. In rows, `stride` bytes lead from one row to the next; in panels, from one panel to the next,
/// and the rows that the last panel lacks are zero.
typedef struct rudder_weights {
    rudder_weight_type type;
    rudder_weight_layout layout;
    const uint8_t *data;
    int64_t stride;
    int64_t rows;
    int64_t columns;
} rudder_weights;

/// How many vectors lie together in an activation block.
enum { RUDDER_ACTIVATION_LANES = 8 };

/// The same 32 columns of eight quantized vectors, next to each other so that a product reaches all of them from one pointer. A value is its
/// vector's scale times its quant; a sum is scale times the sum of the 32 quants; half sums are those of the first and last sixteen quants.
typedef struct rudder_activation_block {
    int8_t quants[8][32];
    float scales[8];
    float sums[8];
    int32_t half_sums[2][8];
} rudder_activation_block;

/// Inputs of a product: `count` vectors. Quantized weights read `blocks`: vector a is lane a % 8 of the `block_count` blocks from
/// a / 8 * block_count on. Floating-point weights read `floats`.
typedef struct rudder_activations {
    int64_t count;
    const float *floats;
    int64_t float_stride;
    const rudder_activation_block *blocks;
    int64_t block_count;
} rudder_activations;

/// One key-value head of one sequence in one layer of a paged cache, in half precision.
///
/// Position p lies in block blocks[p >> block_shift]. Within a block and a head, keys lie in groups of sixteen positions, each group
/// transposed: value d of position i at d * 16 + i. Values lie position after position. So sixteen scores take one row of keys for each
/// dimension, and no sum across lanes.
typedef struct rudder_cache_pages {
    const uint16_t *keys;
    const uint16_t *values;
    const int32_t *blocks;
    int64_t block_stride;
    int64_t block_shift;
    int64_t head_size;
} rudder_cache_pages;

/// How far behind `keys`, and behind `values`, the group of sixteen positions lies that starts at position `group`.
static inline int64_t rudder_group_offset(const rudder_cache_pages *pages, int64_t group) {
    int64_t in_block = group & (((int64_t)1 << pages->block_shift) - 1);
    return pages->blocks[group >> pages->block_shift] * pages->block_stride + in_block * pages->head_size;
}

/// Queries that share a key-value head: `heads` of each of `rows` successive positions, the first of them `position`. Query head h of row r
/// starts at r * stride + h * head_size. `window` is how many positions back a query sees, itself included.
typedef struct rudder_queries {
    const float *queries;
    float *out;
    int64_t stride;
    int64_t rows;
    int64_t heads;
    int64_t position;
    int64_t window;
    float scale;
    /// The first keys that the next call will read, to be fetched before it; may be null.
    const uint16_t *RUDDER_NULLABLE next_keys;
    /// Room for rows * heads * head_size numbers, where `attend` sees positions of more than one chunk.
    float *RUDDER_NULLABLE scratch;
} rudder_queries;

/// The most queries, rows times heads, that one call of `attend` takes.
enum { RUDDER_ATTENTION_QUERIES = 16 };

/// How many positions, aligned in the sequence, are summed up by themselves before they are added to those before them; a multiple of 16. So
/// chunks can be shared out, and their sums joined to the same bits.
enum { RUDDER_ATTENTION_CHUNK = 256 };

/// The state of one query: the largest score so far, and the sum of the weights relative to it; 0 where it has seen nothing.
typedef struct rudder_running_softmax {
    float largest;
    float sum;
} rudder_running_softmax;

/// Where the sums of one chunk go, for each query: weighted values, not divided yet, and the states. Query head h of row r has its numbers at
/// r * stride + h * head_stride, and its state at r * heads + h.
typedef struct rudder_attention_part {
    float *out;
    int64_t stride;
    int64_t head_stride;
    rudder_running_softmax *states;
} rudder_attention_part;

/// Rows of numbers, one behind the other: `count` rows of `columns`, of type F32, F16 or BF16.
typedef struct rudder_rows {
    const uint8_t *data;
    rudder_weight_type type;
    int64_t count;
    int64_t columns;
} rudder_rows;

/// What gradient ascent in a value function's hidden space keeps for each unit (Docs/control.md names them).
typedef struct rudder_units {
    const float *start;
    const float *direction;
    const float *RUDDER_NULLABLE change;
    float *moved;
    float *RUDDER_NULLABLE deviation;
    float *current;
    int64_t count;
} rudder_units;

/// Logits between two vectors: plain + scale * (steered - plain) in F32, and at scale 0 and 1 the one or the other, bit for bit.
typedef struct rudder_logit_mix {
    const float *plain;
    const float *steered;
    float scale;
    int64_t count;
} rudder_logit_mix;

/// Sums over a mix of logits, in double precision.
typedef struct rudder_mix_sums {
    /// The largest of the mix.
    float largest;
    /// w = exp(mix - largest)
    double weights;
    /// w * (mix - plain)
    double first;
    /// w * (mix - plain)^2
    double second;
} rudder_mix_sums;

typedef struct rudder_kernels {
    const char *name;

    /// Whether packed weights are worth their memory: whether `multiply` has a fast way of its own for panels.
    int prefers_panels;

    /// Quantizes a vector of `count` values (a multiple of 32) into one lane of as many blocks: the largest magnitude of 32 becomes 127,
    /// rounding to even.
    void (*quantize_activations)(const float *values, int64_t count, rudder_activation_block *blocks, int64_t lane);

    /// out[a * out_stride + row] = weights[row] . activations[a], for rows first_row ..< last_row and every activation. `first_row` is a
    /// multiple of RUDDER_PANEL_ROWS, and so is `last_row` unless it is the last of all.
    void (*multiply)(const rudder_weights *weights, int64_t first_row, int64_t last_row, const rudder_activations *activations,
                     float *out, int64_t out_stride);

    /// out = softmax(scale * query . keys) . values, for each query over the positions it sees. The keys of sixteen successive positions,
    /// aligned in the sequence, are taken at a time with a running maximum (arXiv:2205.14135), so no score outlives its sixteen.
    void (*attend)(const rudder_cache_pages *pages, const rudder_queries *queries);

    /// One chunk's part of `attend`, of positions chunk * RUDDER_ATTENTION_CHUNK and on.
    void (*attend_chunk)(const rudder_cache_pages *pages, const rudder_queries *queries, int64_t chunk, const rudder_attention_part *part);

    /// out = what `attend` gives one query, of the parts of successive chunks, `count` of them and each of `size` numbers, one behind the other.
    void (*join_chunks)(const float *parts, const rudder_running_softmax *states, int64_t count, int64_t size, float *out);

    float (*dot_f32)(const float *a, const float *b, int64_t count);

    /// out[r] = row r . x, each with the bits that `dot_f32` gives.
    void (*multiply_rows)(const rudder_rows *rows, const float *x, float *out);

    /// y += c[0] * row numbers[0] + c[1] * row numbers[1] + ..., one after the other, `count` of them.
    void (*add_rows)(const rudder_rows *rows, const int32_t *numbers, const float *c, int64_t count, float *y);

    /// moved += step * direction and, unless `deviation` is null, deviation += step * change; then current = start + moved. Writes the numbers of
    /// the units whose `current` became positive or ceased to be, in ascending order, into `flipped`, which has room for 16 more than there are
    /// units, and returns how many they are.
    int64_t (*advance_units)(const rudder_units *units, float step, int32_t *flipped);

    /// y += scale * x
    void (*add_scaled_f32)(float *y, const float *x, float scale, int64_t count);

    /// Rounds to the nearest half-precision number, ties to even.
    void (*convert_to_f16)(const float *values, uint16_t *halves, int64_t count);

    /// out[i] = exp(values[i] - shift), to two units in the last place; zero below exp(-87), and no more than exp(88). `out` may be `values`.
    /// Returns the sum of all, in sixteen lanes folded pairwise.
    float (*exponentials)(const float *values, float shift, float scale, int64_t count, float *out);

    /// Sums over a mix of one logit or more, in eight lanes that are folded pairwise.
    rudder_mix_sums (*sum_mix)(const rudder_logit_mix *mix);

    /// Finds the first of the largest of `count` values, 1 to 2^31 of them. Returns whether all are finite; where one is not, `index` says nothing.
    int (*find_largest)(const float *values, int64_t count, int64_t *index);

    /// gate = silu(gate) * up, with silu(x) = x / (1 + exp(-x)).
    void (*silu_multiply)(float *gate, const float *up, int64_t count);

    /// y = x * scale * gain
    void (*scale_by)(const float *x, float scale, const float *gain, float *y, int64_t count);

    /// Turns `count` neighbouring pairs by the angles whose cosines and sines are given.
    void (*rotate_pairs)(float *pairs, const float *cosines, const float *sines, int64_t count);
} rudder_kernels;

/// Portable C, and the specification of all others.
const rudder_kernels *rudder_kernels_scalar(void);

/// AVX2 with FMA and F16C; null where the processor lacks one of them.
const rudder_kernels *RUDDER_NULLABLE rudder_kernels_avx2(void);

/// AVX-512 (F, BW, DQ, VL) with VNNI; null where the processor lacks one of them.
const rudder_kernels *RUDDER_NULLABLE rudder_kernels_avx512(void);

/// The fastest table this processor can run.
const rudder_kernels *rudder_kernels_best(void);

/// Writes `count` weights of a row, from its first, as F32. `count` is a whole number of blocks.
void rudder_dequantize(rudder_weight_type type, const uint8_t *row, int64_t count, float *values);

/// The size of a panel of `columns` weights a row; 0 for types that have no panels.
int64_t rudder_panel_bytes(rudder_weight_type type, int64_t columns);

/// Packs `rows` (1 ... RUDDER_PANEL_ROWS) rows of `columns` weights, `row_stride` bytes apart, into a panel.
void rudder_pack_panel(rudder_weight_type type, const uint8_t *first_row, int64_t row_stride, int64_t rows, int64_t columns, uint8_t *panel);

/// Writes a row of a matrix of either layout as F32.
void rudder_dequantize_row(const rudder_weights *weights, int64_t row, float *values);

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif

#endif
