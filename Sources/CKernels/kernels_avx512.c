#pragma STDC FP_CONTRACT OFF

#include "exponential.h"
#include "logit_mix.h"
#include "kernels_avx2.h"
#include "panels.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define AVX512 __attribute__((target("avx2,fma,f16c,avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")))
#define INLINE static inline __attribute__((always_inline)) AVX512
#define UNROLL _Pragma("clang loop unroll(full)")

/// How many activations share one unpacking of a weight: a whole activation block, whose accumulators stay in registers.
enum { TILE = RUDDER_ACTIVATION_LANES };

/// How many queries share one conversion of keys or values.
#define QUERIES 6

INLINE float fold16(__m512 lanes) {
    __m256 eight = _mm256_add_ps(_mm512_castps512_ps256(lanes), _mm512_extractf32x8_ps(lanes, 1));
    __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

INLINE __m512 load_halves(const void *halves) {
    return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)halves));
}

INLINE __mmask16 first_lanes(int64_t count) {
    return (__mmask16)(count >= 16 ? 0xffff : (1u << count) - 1);
}

// MARK: Quantized products

/// The scales of a block's sixteen rows, and its offsets. Q6_K has a scale for each half of the block.
typedef struct block_scales {
    __m512 scale[2];
    __m512 offset;
} block_scales;

INLINE __m512 load_bytes(const uint8_t *bytes, int is_signed) {
    __m128i sixteen = _mm_loadu_si128((const __m128i *)bytes);
    return _mm512_cvtepi32_ps(is_signed ? _mm512_cvtepi8_epi32(sixteen) : _mm512_cvtepu8_epi32(sixteen));
}

INLINE block_scales load_scales(rudder_weight_type type, panel_block block) {
    block_scales scales;
    __m512 d = load_halves(block.halves);
    scales.scale[0] = scales.scale[1] = d;
    scales.offset = panel_has_offset(type) ? load_halves(block.halves + HALVES_BYTES) : _mm512_setzero_ps();
    if (type == RUDDER_Q6_K) {
        scales.scale[0] = _mm512_mul_ps(d, load_bytes(block.scales, 1));
        scales.scale[1] = _mm512_mul_ps(d, load_bytes(block.scales + PANEL_ROWS, 1));
    } else if (panel_is_k(type)) {
        scales.scale[0] = _mm512_mul_ps(d, load_bytes(block.scales, 0));
        __m512 minimum = _mm512_mul_ps(scales.offset, load_bytes(block.scales + 8 * PANEL_ROWS, 0));
        scales.offset = _mm512_xor_ps(minimum, _mm512_set1_ps(-0.0f));
    }
    return scales;
}

INLINE __m512i load_word(const uint8_t *weights, int word) {
    return _mm512_loadu_si512(weights + WORD_BYTES * word);
}

/// Four quants of each of sixteen rows: those of columns 16 * side + 4 * j and after. Unsigned: Q8_0 gains 128.
INLINE __m512i unpack(rudder_weight_type type, const uint8_t *weights, int side, int j) {
    if (type == RUDDER_Q8_0) return _mm512_xor_si512(load_word(weights, 4 * side + j), _mm512_set1_epi8((char)0x80));
    __m512i nibbles = load_word(weights, j);
    __m512i quants = _mm512_and_si512(side ? _mm512_srli_epi16(nibbles, 4) : nibbles, _mm512_set1_epi8(15));
    if (panel_high_words(type) == 1) {
        __m512i bits = load_word(weights, 4);
        __m512i moved = side ? _mm512_srli_epi32(bits, (unsigned)j) : _mm512_slli_epi32(bits, (unsigned)(4 - j));
        quants = _mm512_or_si512(quants, _mm512_and_si512(moved, _mm512_set1_epi8(0x10)));
    } else if (panel_high_words(type) == 2) {
        __m512i bits = load_word(weights, 4 + side);
        __m512i moved = j == 3 ? _mm512_srli_epi32(bits, 2) : _mm512_slli_epi32(bits, (unsigned)(4 - 2 * j));
        quants = _mm512_or_si512(quants, _mm512_and_si512(moved, _mm512_set1_epi8(0x30)));
    }
    return quants;
}

/// What is to be subtracted from each unpacked quant.
INLINE int zero_point(rudder_weight_type type) {
    return type == RUDDER_Q8_0 ? 128 : panel_zero(type);
}

/// The integer product of a side of the block, sixteen columns, added to `dot`.
INLINE __m512i add_products(__m512i dot, const __m512i *weights, const int8_t *quants) {
    UNROLL for (int j = 0; j < 4; j++) {
        int32_t four;
        memcpy(&four, quants + 4 * j, 4);
        dot = _mm512_dpbusd_epi32(dot, weights[j], _mm512_set1_epi32(four));
    }
    return dot;
}

/// -`zero` times `count` in each lane.
INLINE __m512i zero_points(int zero, int32_t count) {
    return _mm512_mullo_epi32(_mm512_set1_epi32(count), _mm512_set1_epi32(-zero));
}

/// Adds `blocks` blocks of a panel to the outputs of the `count` activations of `inputs`; `is_first` starts them from zero.
INLINE void multiply_tile(rudder_weight_type type, const uint8_t *panel, int64_t blocks, const rudder_activation_block *inputs, int count,
                          int is_first, float *out, int64_t out_stride, __mmask16 rows) {
    const int zero = zero_point(type), is_kept = panels_are_kept();
    __m512 totals[TILE];
    UNROLL for (int a = 0; a < count; a++) totals[a] = is_first ? _mm512_setzero_ps() : _mm512_maskz_loadu_ps(rows, out + a * out_stride);
    for (int64_t index = 0; index < blocks; index++, inputs++) {
        panel_prefetch(type, panel, index, is_kept);
        panel_block block = panel_block_at(type, panel, index);
        block_scales block_scale = load_scales(type, block);
        __m512i weights[2][4];
        UNROLL for (int side = 0; side < 2; side++) {
            UNROLL for (int j = 0; j < 4; j++) weights[side][j] = unpack(type, block.weights, side, j);
        }
        UNROLL for (int a = 0; a < count; a++) {
            __m512 scale = _mm512_set1_ps(inputs->scales[a]);
            if (type == RUDDER_Q6_K) {
                UNROLL for (int side = 0; side < 2; side++) {
                    __m512i dot = add_products(zero_points(zero, inputs->half_sums[side][a]), weights[side], inputs->quants[a] + 16 * side);
                    totals[a] = _mm512_fmadd_ps(_mm512_mul_ps(block_scale.scale[side], scale), _mm512_cvtepi32_ps(dot), totals[a]);
                }
                continue;
            }
            __m512i dot = zero ? zero_points(zero, inputs->half_sums[0][a] + inputs->half_sums[1][a]) : _mm512_setzero_si512();
            dot = add_products(add_products(dot, weights[0], inputs->quants[a]), weights[1], inputs->quants[a] + 16);
            totals[a] = _mm512_fmadd_ps(_mm512_mul_ps(block_scale.scale[0], scale), _mm512_cvtepi32_ps(dot), totals[a]);
            if (panel_has_offset(type)) totals[a] = _mm512_fmadd_ps(block_scale.offset, _mm512_set1_ps(inputs->sums[a]), totals[a]);
        }
    }
    UNROLL for (int a = 0; a < count; a++) _mm512_mask_storeu_ps(out + a * out_stride, rows, totals[a]);
}

/// All activations times `blocks` blocks of a panel; `out` is the place of the panel's first row.
INLINE void multiply_panel(rudder_weight_type type, const uint8_t *panel, int64_t blocks, __mmask16 rows, const rudder_activations *x,
                           int64_t first_block, int is_first, float *out, int64_t out_stride) {
    for (int64_t first = 0; first < x->count; first += TILE, out += TILE * out_stride) {
        const rudder_activation_block *inputs = x->blocks + first / TILE * x->block_count + first_block;
        switch (x->count - first) {
        case 1: multiply_tile(type, panel, blocks, inputs, 1, is_first, out, out_stride, rows); break;
        case 2: multiply_tile(type, panel, blocks, inputs, 2, is_first, out, out_stride, rows); break;
        case 3: multiply_tile(type, panel, blocks, inputs, 3, is_first, out, out_stride, rows); break;
        case 4: multiply_tile(type, panel, blocks, inputs, 4, is_first, out, out_stride, rows); break;
        case 5: multiply_tile(type, panel, blocks, inputs, 5, is_first, out, out_stride, rows); break;
        case 6: multiply_tile(type, panel, blocks, inputs, 6, is_first, out, out_stride, rows); break;
        case 7: multiply_tile(type, panel, blocks, inputs, 7, is_first, out, out_stride, rows); break;
        default: multiply_tile(type, panel, blocks, inputs, TILE, is_first, out, out_stride, rows); break;
        }
    }
}

INLINE void multiply_quantized(rudder_weight_type type, const rudder_weights *weights, int64_t first_row, int64_t last_row,
                               const rudder_activations *x, float *out, int64_t out_stride) {
    int64_t blocks = weights->columns / 32;
    _Alignas(64) uint8_t strip[PANEL_STRIP_BYTES];
    for (int64_t row = first_row; row < last_row; row += PANEL_ROWS) {
        int64_t rows = last_row - row < PANEL_ROWS ? last_row - row : PANEL_ROWS;
        if (weights->layout == RUDDER_PANELS) {
            const uint8_t *panel = weights->data + row / PANEL_ROWS * weights->stride;
            multiply_panel(type, panel, blocks, first_lanes(rows), x, 0, 1, out + row, out_stride);
            continue;
        }
        for (int64_t first = 0; first < blocks; first += PANEL_STRIP_BLOCKS) {
            int64_t here = blocks - first < PANEL_STRIP_BLOCKS ? blocks - first : PANEL_STRIP_BLOCKS;
            rudder_pack_strip(type, weights->data + row * weights->stride, weights->stride, rows, first, here, strip);
            multiply_panel(type, strip, here, first_lanes(rows), x, first, first == 0, out + row, out_stride);
        }
    }
}

AVX512 static void multiply(const rudder_weights *w, int64_t first_row, int64_t last_row, const rudder_activations *x, float *out,
                            int64_t out_stride) {
    switch (w->type) {
    case RUDDER_Q4_0: multiply_quantized(RUDDER_Q4_0, w, first_row, last_row, x, out, out_stride); break;
    case RUDDER_Q4_1: multiply_quantized(RUDDER_Q4_1, w, first_row, last_row, x, out, out_stride); break;
    case RUDDER_Q5_0: multiply_quantized(RUDDER_Q5_0, w, first_row, last_row, x, out, out_stride); break;
    case RUDDER_Q5_1: multiply_quantized(RUDDER_Q5_1, w, first_row, last_row, x, out, out_stride); break;
    case RUDDER_Q8_0: multiply_quantized(RUDDER_Q8_0, w, first_row, last_row, x, out, out_stride); break;
    case RUDDER_Q4_K: multiply_quantized(RUDDER_Q4_K, w, first_row, last_row, x, out, out_stride); break;
    case RUDDER_Q5_K: multiply_quantized(RUDDER_Q5_K, w, first_row, last_row, x, out, out_stride); break;
    case RUDDER_Q6_K: multiply_quantized(RUDDER_Q6_K, w, first_row, last_row, x, out, out_stride); break;
    default: rudder_avx2_multiply_floats(w, first_row, last_row, x, out, out_stride); break;
    }
}

// MARK: Attention

INLINE __m512 exponential16(__m512 x) {
    __mmask16 in_range = _mm512_cmp_ps_mask(x, _mm512_set1_ps(EXPONENTIAL_LEAST), _CMP_GE_OQ);
    x = _mm512_min_ps(x, _mm512_set1_ps(EXPONENTIAL_MOST));
    __m512 n = _mm512_roundscale_ps(_mm512_mul_ps(x, _mm512_set1_ps(EXPONENTIAL_PER_LN2)), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    __m512 r = _mm512_fmadd_ps(n, _mm512_set1_ps(-EXPONENTIAL_LN2_HIGH), x);
    r = _mm512_fmadd_ps(n, _mm512_set1_ps(-EXPONENTIAL_LN2_LOW), r);
    __m512 p = _mm512_fmadd_ps(_mm512_set1_ps(EXPONENTIAL_P0), r, _mm512_set1_ps(EXPONENTIAL_P1));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(EXPONENTIAL_P2));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(EXPONENTIAL_P3));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(EXPONENTIAL_P4));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(EXPONENTIAL_P5));
    p = _mm512_add_ps(_mm512_fmadd_ps(p, _mm512_mul_ps(r, r), r), _mm512_set1_ps(1));
    __m512i bits = _mm512_add_epi32(_mm512_castps_si512(p), _mm512_slli_epi32(_mm512_cvtps_epi32(n), 23));
    return _mm512_maskz_mov_ps(in_range, _mm512_castsi512_ps(bits));
}

/// The scores of `count` queries with sixteen keys. Fetches as many numbers from `ahead` meanwhile.
INLINE void score_keys(const uint16_t *keys, const uint16_t *ahead, int64_t size, const float *const *queries, int count, float scale, float (*scores)[16]) {
    __m512 even[QUERIES], odd[QUERIES];
    UNROLL for (int q = 0; q < count; q++) even[q] = odd[q] = _mm512_setzero_ps();
    int64_t d = 0;
    for (; d + 1 < size; d += 2) {
        __builtin_prefetch(ahead + 16 * d);
        __m512 first = load_halves(keys + 16 * d), second = load_halves(keys + 16 * d + 16);
        UNROLL for (int q = 0; q < count; q++) {
            even[q] = _mm512_fmadd_ps(_mm512_set1_ps(queries[q][d]), first, even[q]);
            odd[q] = _mm512_fmadd_ps(_mm512_set1_ps(queries[q][d + 1]), second, odd[q]);
        }
    }
    if (d < size) {
        __m512 last = load_halves(keys + 16 * d);
        UNROLL for (int q = 0; q < count; q++) even[q] = _mm512_fmadd_ps(_mm512_set1_ps(queries[q][d]), last, even[q]);
    }
    UNROLL for (int q = 0; q < count; q++) {
        _mm512_storeu_ps(scores[q], _mm512_mul_ps(_mm512_add_ps(even[q], odd[q]), _mm512_set1_ps(scale)));
    }
}

/// Turns scores into weights relative to the largest so far; returns what earlier sums are to be multiplied by.
INLINE float weigh(float *scores, int from, int to, rudder_running_softmax *state) {
    __mmask16 seen = (__mmask16)(first_lanes(to) & ~first_lanes(from));
    __m512 all = _mm512_mask_loadu_ps(_mm512_set1_ps(-INFINITY), seen, scores);
    float largest = fmaxf(state->largest, _mm512_reduce_max_ps(all));
    __m512 weights = exponential16(_mm512_sub_ps(all, _mm512_set1_ps(largest)));
    _mm512_storeu_ps(scores, weights);
    float correction = largest == state->largest ? 1 : exponential(state->largest - largest);
    state->largest = largest;
    state->sum = __builtin_fmaf(state->sum, correction, fold16(weights));
    return correction;
}

/// out = out * correction + weights . values, for positions `from` ..< `to` and `count` queries; 16 * width dimensions at a time,
/// the last of them in `lanes`. Fetches as many numbers from `ahead` meanwhile.
INLINE void add_values_at(const uint16_t *values, const uint16_t *ahead, int64_t size, int from, int to, float (*weights)[16], const float *corrections,
                          float *const *outs, int count, int64_t d, int width, __mmask16 lanes) {
    __m512 sums[QUERIES][2];
    UNROLL for (int q = 0; q < count; q++) {
        UNROLL for (int k = 0; k < width; k++) {
            sums[q][k] = _mm512_mul_ps(_mm512_maskz_loadu_ps(lanes, outs[q] + d + 16 * k), _mm512_set1_ps(corrections[q]));
        }
    }
    for (int i = from; i < to; i++) {
        __m512 value[2];
        __builtin_prefetch(ahead + i * size + d);
        UNROLL for (int k = 0; k < width; k++) {
            value[k] = _mm512_cvtph_ps(_mm256_maskz_loadu_epi16(lanes, values + i * size + d + 16 * k));
        }
        UNROLL for (int q = 0; q < count; q++) {
            UNROLL for (int k = 0; k < width; k++) sums[q][k] = _mm512_fmadd_ps(_mm512_set1_ps(weights[q][i]), value[k], sums[q][k]);
        }
    }
    UNROLL for (int q = 0; q < count; q++) {
        UNROLL for (int k = 0; k < width; k++) _mm512_mask_storeu_ps(outs[q] + d + 16 * k, lanes, sums[q][k]);
    }
}

INLINE void add_values(const uint16_t *values, const uint16_t *ahead, int64_t size, int from, int to, float (*weights)[16], const float *corrections, float *const *outs,
                       int count) {
    int64_t d = 0;
    for (; d + 32 <= size; d += 32) add_values_at(values, ahead, size, from, to, weights, corrections, outs, count, d, 2, 0xffff);
    for (; d < size; d += 16) add_values_at(values, ahead, size, from, to, weights, corrections, outs, count, d, 1, first_lanes(size - d));
}

#define TARGET AVX512
#include "attend.h"

// MARK: Rows of numbers

/// How many rows are multiplied at a time: enough to hide the latency of a fused multiply-add.
enum { MULTIPLIED_ROWS = 4 };

INLINE int64_t row_bytes(rudder_weight_type type, const rudder_rows *rows) {
    return rows->columns * (type == RUDDER_F32 ? 4 : 2);
}

INLINE __m512 load_floats(rudder_weight_type type, const uint8_t *row, int64_t index, __mmask16 lanes) {
    switch (type) {
    case RUDDER_F16: return _mm512_cvtph_ps(_mm256_maskz_loadu_epi16(lanes, row + 2 * index));
    case RUDDER_BF16: return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(lanes, row + 2 * index)), 16));
    default: return _mm512_maskz_loadu_ps(lanes, row + 4 * index);
    }
}

/// Fetches 32 numbers.
INLINE void prefetch_floats(rudder_weight_type type, const uint8_t *row, int64_t index) {
    const int64_t size = type == RUDDER_F32 ? 4 : 2;
    UNROLL for (int64_t line = 0; line < 32 * size; line += 64) __builtin_prefetch(row + index * size + line);
}

/// The products of `count` rows with x. Lanes are summed as eight at a time would be, so that all processors agree.
INLINE void dot_rows(rudder_weight_type type, const uint8_t *data, int64_t bytes, int64_t columns, const float *x, int count, float *out) {
    __m512 lanes[MULTIPLIED_ROWS][2];
    UNROLL for (int r = 0; r < count; r++) lanes[r][0] = lanes[r][1] = _mm512_setzero_ps();
    int64_t i = 0;
    for (; i + 32 <= columns; i += 32) {
        // The rows that follow, which lie right behind.
        UNROLL for (int r = 0; r < count; r++) prefetch_floats(type, data + (count + r) * bytes, i);
        UNROLL for (int k = 0; k < 2; k++) {
            __m512 value = _mm512_loadu_ps(x + i + 16 * k);
            UNROLL for (int r = 0; r < count; r++) {
                lanes[r][k] = _mm512_fmadd_ps(load_floats(type, data + r * bytes, i + 16 * k, 0xffff), value, lanes[r][k]);
            }
        }
    }
    UNROLL for (int r = 0; r < count; r++) {
        __m256 sums[2];
        UNROLL for (int k = 0; k < 2; k++) {
            sums[k] = _mm256_add_ps(_mm512_castps512_ps256(lanes[r][k]), _mm512_extractf32x8_ps(lanes[r][k], 1));
        }
        __m256 eight = _mm256_add_ps(sums[0], sums[1]);
        __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
        __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
        float tail = 0;
        for (int64_t j = i; j < columns; j++) {
            float weight = _mm512_cvtss_f32(load_floats(type, data + r * bytes, j, 1));
            tail = __builtin_fmaf(weight, x[j], tail);
        }
        out[r] = _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two))) + tail;
    }
}

INLINE void multiply_float_rows(rudder_weight_type type, const rudder_rows *rows, const float *x, float *out) {
    int64_t bytes = row_bytes(type, rows), r = 0;
    for (; r + MULTIPLIED_ROWS <= rows->count; r += MULTIPLIED_ROWS) {
        dot_rows(type, rows->data + r * bytes, bytes, rows->columns, x, MULTIPLIED_ROWS, out + r);
    }
    for (; r < rows->count; r++) dot_rows(type, rows->data + r * bytes, bytes, rows->columns, x, 1, out + r);
}

/// A strip of y, `width` vectors, the last of them in `lanes`, stays in registers while all rows are added to it.
INLINE void add_strip(rudder_weight_type type, const rudder_rows *rows, const int32_t *numbers, const float *c, int64_t count, float *y, int64_t i,
                      int width, __mmask16 lanes) {
    __m512 sums[12];
    UNROLL for (int k = 0; k < width; k++) sums[k] = _mm512_maskz_loadu_ps(lanes, y + i + 16 * k);
    for (int64_t n = 0; n < count; n++) {
        const uint8_t *row = rows->data + numbers[n] * row_bytes(type, rows);
        __m512 scale = _mm512_set1_ps(c[n]);
        UNROLL for (int k = 0; k < width; k++) sums[k] = _mm512_fmadd_ps(scale, load_floats(type, row, i + 16 * k, lanes), sums[k]);
    }
    UNROLL for (int k = 0; k < width; k++) _mm512_mask_storeu_ps(y + i + 16 * k, lanes, sums[k]);
}

INLINE void add_float_rows(rudder_weight_type type, const rudder_rows *rows, const int32_t *numbers, const float *c, int64_t count, float *y) {
    int64_t i = 0;
    for (; i + 192 <= rows->columns; i += 192) add_strip(type, rows, numbers, c, count, y, i, 12, 0xffff);
    for (; i < rows->columns; i += 16) add_strip(type, rows, numbers, c, count, y, i, 1, first_lanes(rows->columns - i));
}

AVX512 static void multiply_rows(const rudder_rows *rows, const float *x, float *out) {
    switch (rows->type) {
    case RUDDER_F16: multiply_float_rows(RUDDER_F16, rows, x, out); break;
    case RUDDER_BF16: multiply_float_rows(RUDDER_BF16, rows, x, out); break;
    default: multiply_float_rows(RUDDER_F32, rows, x, out); break;
    }
}

AVX512 static void add_rows(const rudder_rows *rows, const int32_t *numbers, const float *c, int64_t count, float *y) {
    switch (rows->type) {
    case RUDDER_F16: add_float_rows(RUDDER_F16, rows, numbers, c, count, y); break;
    case RUDDER_BF16: add_float_rows(RUDDER_BF16, rows, numbers, c, count, y); break;
    default: add_float_rows(RUDDER_F32, rows, numbers, c, count, y); break;
    }
}

/// Sixteen units from number i on; returns which of them flipped.
INLINE __mmask16 advance_sixteen(const rudder_units *units, __m512 step, int64_t i, __mmask16 lanes) {
    const __m512 zero = _mm512_setzero_ps();
    __m512 moved = _mm512_maskz_loadu_ps(lanes, units->moved + i);
    moved = _mm512_fmadd_ps(step, _mm512_maskz_loadu_ps(lanes, units->direction + i), moved);
    _mm512_mask_storeu_ps(units->moved + i, lanes, moved);
    if (units->deviation) {
        __m512 deviation = _mm512_maskz_loadu_ps(lanes, units->deviation + i);
        deviation = _mm512_fmadd_ps(step, _mm512_maskz_loadu_ps(lanes, units->change + i), deviation);
        _mm512_mask_storeu_ps(units->deviation + i, lanes, deviation);
    }
    __m512 now = _mm512_add_ps(_mm512_maskz_loadu_ps(lanes, units->start + i), moved);
    __mmask16 was = _mm512_mask_cmp_ps_mask(lanes, _mm512_maskz_loadu_ps(lanes, units->current + i), zero, _CMP_GT_OQ);
    _mm512_mask_storeu_ps(units->current + i, lanes, now);
    return was ^ _mm512_mask_cmp_ps_mask(lanes, now, zero, _CMP_GT_OQ);
}

AVX512 static int64_t advance_units(const rudder_units *units, float step, int32_t *flipped) {
    const __m512 steps = _mm512_set1_ps(step);
    __m512i here = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    int64_t found = 0, i = 0;
    // No branch depends on which units flip: they cannot be foreseen.
    for (; i + 16 <= units->count; i += 16) {
        __mmask16 changed = advance_sixteen(units, steps, i, 0xffff);
        _mm512_storeu_si512(flipped + found, _mm512_maskz_compress_epi32(changed, here));
        found += __builtin_popcount(changed);
        here = _mm512_add_epi32(here, _mm512_set1_epi32(16));
    }
    if (i < units->count) {
        __mmask16 changed = advance_sixteen(units, steps, i, first_lanes(units->count - i));
        _mm512_storeu_si512(flipped + found, _mm512_maskz_compress_epi32(changed, here));
        found += __builtin_popcount(changed);
    }
    return found;
}

// MARK: Vectors

AVX512 static float dot_f32(const float *a, const float *b, int64_t count) {
    float result;
    dot_rows(RUDDER_F32, (const uint8_t *)a, 0, count, b, 1, &result);
    return result;
}

AVX512 static void add_scaled_f32(float *y, const float *x, float scale, int64_t count) {
    int64_t i = 0;
    for (; i + 16 <= count; i += 16) {
        _mm512_storeu_ps(y + i, _mm512_fmadd_ps(_mm512_set1_ps(scale), _mm512_loadu_ps(x + i), _mm512_loadu_ps(y + i)));
    }
    if (i < count) {
        __mmask16 lanes = first_lanes(count - i);
        __m512 sum = _mm512_fmadd_ps(_mm512_set1_ps(scale), _mm512_maskz_loadu_ps(lanes, x + i), _mm512_maskz_loadu_ps(lanes, y + i));
        _mm512_mask_storeu_ps(y + i, lanes, sum);
    }
}

AVX512 static float exponentials(const float *values, float shift, float scale, int64_t count, float *out) {
    __m512 sums = _mm512_setzero_ps();
    for (int64_t i = 0; i < count; i += 16) {
        __mmask16 lanes = first_lanes(count - i);
        __m512 below = _mm512_sub_ps(_mm512_maskz_loadu_ps(lanes, values + i), _mm512_set1_ps(shift));
        __m512 value = exponential16(_mm512_mul_ps(below, _mm512_set1_ps(scale)));
        _mm512_mask_storeu_ps(out + i, lanes, value);
        sums = _mm512_mask_add_ps(sums, lanes, sums, value);
    }
    return fold16(sums);
}

INLINE __m512d exponential_of_doubles(__m512d x) {
    __m512d least = _mm512_set1_pd(DOUBLE_LEAST), bounded = _mm512_max_pd(x, least);
    __m512d shifted = _mm512_fmadd_pd(bounded, _mm512_set1_pd(DOUBLE_PER_LN2), _mm512_set1_pd(DOUBLE_ROUNDING));
    __m512d n = _mm512_sub_pd(shifted, _mm512_set1_pd(DOUBLE_ROUNDING)), sum = _mm512_setzero_pd();
    __m512d r = _mm512_fmadd_pd(n, _mm512_set1_pd(-DOUBLE_LN2_HIGH), bounded);
    r = _mm512_fmadd_pd(n, _mm512_set1_pd(-DOUBLE_LN2_LOW), r);
#define TERM(coefficient) sum = _mm512_fmadd_pd(sum, r, _mm512_set1_pd(coefficient));
    DOUBLE_SERIES(TERM)
#undef TERM
    __m512i power = _mm512_add_epi64(_mm512_castpd_si512(sum), _mm512_slli_epi64(_mm512_castpd_si512(shifted), 52));
    __mmask8 is_least = _mm512_cmp_pd_mask(x, least, _CMP_LT_OQ);
    return _mm512_mask_mov_pd(_mm512_castsi512_pd(power), is_least, _mm512_setzero_pd());
}

INLINE __m256 mixed_logits(const rudder_logit_mix *mix, int64_t i) {
    if (mix->scale == 1) return _mm256_loadu_ps(mix->steered + i);
    __m256 plain = _mm256_loadu_ps(mix->plain + i);
    if (mix->scale == 0) return plain;
    return _mm256_add_ps(plain, _mm256_mul_ps(_mm256_set1_ps(mix->scale), _mm256_sub_ps(_mm256_loadu_ps(mix->steered + i), plain)));
}

AVX512 static rudder_mix_sums sum_mix(const rudder_logit_mix *mix) {
    int64_t vectors = mix->count / 8 * 8;
    __m256 most = _mm256_set1_ps(-INFINITY);
    // What is no number is passed over, as in the scalar comparison: of two operands the second is kept.
    for (int64_t i = 0; i < vectors; i += 8) most = _mm256_max_ps(mixed_logits(mix, i), most);
    float eight[8], largest = -INFINITY;
    _mm256_storeu_ps(eight, most);
    for (int k = 0; k < 8; k++) largest = eight[k] > largest ? eight[k] : largest;
    for (int64_t i = vectors; i < mix->count; i++) largest = mixed_logit(mix, i) > largest ? mixed_logit(mix, i) : largest;

    __m512d weights = _mm512_setzero_pd(), first = weights, second = weights, above = _mm512_set1_pd(largest);
    for (int64_t i = 0; i < vectors; i += 8) {
        __m512d value = _mm512_cvtps_pd(mixed_logits(mix, i));
        __m512d moved = _mm512_sub_pd(value, _mm512_cvtps_pd(_mm256_loadu_ps(mix->plain + i)));
        __m512d weight = exponential_of_doubles(_mm512_sub_pd(value, above)), weighted = _mm512_mul_pd(weight, moved);
        weights = _mm512_add_pd(weights, weight);
        first = _mm512_add_pd(first, weighted);
        second = _mm512_fmadd_pd(weighted, moved, second);
    }
    mix_lanes lanes;
    _mm512_storeu_pd(lanes.weights, weights);
    _mm512_storeu_pd(lanes.first, first);
    _mm512_storeu_pd(lanes.second, second);
    for (int64_t i = vectors; i < mix->count; i++) add_mixed_logit(&lanes, mix, i, largest);
    return fold_mix_lanes(&lanes, largest);
}

AVX512 static int find_largest(const float *values, int64_t count, int64_t *index) {
    __m512 best = _mm512_set1_ps(-INFINITY);
    __m512i here = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15), where = here;
    __mmask16 not_finite = 0;
    for (int64_t i = 0; i < count; i += 16) {
        __mmask16 lanes = first_lanes(count - i);
        __m512 value = _mm512_maskz_loadu_ps(lanes, values + i);
        __mmask16 is_larger = _mm512_mask_cmp_ps_mask(lanes, value, best, _CMP_GT_OQ);
        // Not a number, quiet or signalling, and both infinities.
        not_finite |= _mm512_mask_fpclass_ps_mask(lanes, value, 0x99);
        best = _mm512_mask_mov_ps(best, is_larger, value);
        where = _mm512_mask_mov_epi32(where, is_larger, here);
        here = _mm512_add_epi32(here, _mm512_set1_epi32(16));
    }
    __mmask16 is_best = _mm512_cmp_ps_mask(best, _mm512_set1_ps(_mm512_reduce_max_ps(best)), _CMP_EQ_OQ);
    *index = _mm512_mask_reduce_min_epi32(is_best, where);
    return not_finite == 0;
}

AVX512 static void silu_multiply(float *gate, const float *up, int64_t count) {
    for (int64_t i = 0; i < count; i += 16) {
        __mmask16 lanes = first_lanes(count - i);
        __m512 x = _mm512_maskz_loadu_ps(lanes, gate + i);
        __m512 below = _mm512_add_ps(_mm512_set1_ps(1), exponential16(_mm512_xor_ps(x, _mm512_set1_ps(-0.0f))));
        __m512 result = _mm512_mul_ps(_mm512_div_ps(x, below), _mm512_maskz_loadu_ps(lanes, up + i));
        _mm512_mask_storeu_ps(gate + i, lanes, result);
    }
}

const rudder_kernels *RUDDER_NULLABLE rudder_kernels_avx512(void) {
    static const rudder_kernels kernels = {
        .name = "avx512",
        .prefers_panels = 1,
        .quantize_activations = rudder_avx2_quantize_activations,
        .multiply = multiply,
        .attend = attend,
        .attend_chunk = attend_chunk,
        .join_chunks = join_chunks,
        .dot_f32 = dot_f32,
        .multiply_rows = multiply_rows,
        .add_rows = add_rows,
        .advance_units = advance_units,
        .add_scaled_f32 = add_scaled_f32,
        .convert_to_f16 = rudder_avx2_convert_to_f16,
        .exponentials = exponentials,
        .sum_mix = sum_mix,
        .find_largest = find_largest,
        .silu_multiply = silu_multiply,
        .scale_by = rudder_avx2_scale_by,
        .rotate_pairs = rudder_avx2_rotate_pairs,
    };
    int supported = rudder_kernels_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                    __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni");
    return supported ? &kernels : 0;
}

#else

const rudder_kernels *RUDDER_NULLABLE rudder_kernels_avx512(void) {
    return 0;
}

#endif
