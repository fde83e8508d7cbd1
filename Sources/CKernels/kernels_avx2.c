#pragma STDC FP_CONTRACT OFF

#include "exponential.h"
#include "logit_mix.h"
#include "panels.h"
#include "kernels_avx2.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define AVX2 __attribute__((target("avx2,fma,f16c")))
#define INLINE static inline __attribute__((always_inline)) AVX2
#define UNROLL _Pragma("clang loop unroll(full)")

/// How many activations share one unpacking of a weight: their accumulators stay in registers.
enum { TILE = 4 };

/// How many queries share one conversion of keys or values.
#define QUERIES 3

INLINE float load_half_avx2(const uint8_t *bytes) {
    return _cvtsh_ss(load_u16(bytes));
}

INLINE float fold8(__m256 lanes) {
    __m128 four = _mm_add_ps(_mm256_castps256_ps128(lanes), _mm256_extractf128_ps(lanes, 1));
    __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

INLINE __m256 load_halves(const void *halves) {
    return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)halves));
}

// MARK: Quantized products

/// The scales of a block's eight rows, and its offsets. Q6_K has a scale for each half of the block.
typedef struct block_scales {
    __m256 scale[2];
    __m256 offset;
} block_scales;

INLINE __m256 load_bytes(const uint8_t *bytes, int is_signed) {
    __m128i eight = _mm_loadl_epi64((const __m128i *)bytes);
    return _mm256_cvtepi32_ps(is_signed ? _mm256_cvtepi8_epi32(eight) : _mm256_cvtepu8_epi32(eight));
}

INLINE block_scales load_scales(rudder_weight_type type, panel_block block, int half) {
    block_scales scales;
    __m256 d = load_halves(block.halves + 16 * half);
    scales.scale[0] = scales.scale[1] = d;
    scales.offset = panel_has_offset(type) ? load_halves(block.halves + HALVES_BYTES + 16 * half) : _mm256_setzero_ps();
    if (type == RUDDER_Q6_K) {
        scales.scale[0] = _mm256_mul_ps(d, load_bytes(block.scales + 8 * half, 1));
        scales.scale[1] = _mm256_mul_ps(d, load_bytes(block.scales + PANEL_ROWS + 8 * half, 1));
    } else if (panel_is_k(type)) {
        scales.scale[0] = _mm256_mul_ps(d, load_bytes(block.scales + 8 * half, 0));
        __m256 minimum = _mm256_mul_ps(scales.offset, load_bytes(block.scales + 8 * PANEL_ROWS + 8 * half, 0));
        scales.offset = _mm256_xor_ps(minimum, _mm256_set1_ps(-0.0f));
    }
    return scales;
}

INLINE __m256i load_word(const uint8_t *weights, int word, int half) {
    return _mm256_loadu_si256((const __m256i *)(weights + WORD_BYTES * word + 32 * half));
}

/// Four quants of each of eight rows: those of columns 16 * side + 4 * j and after. Unsigned, but for Q8_0.
INLINE __m256i unpack(rudder_weight_type type, const uint8_t *weights, int side, int j, int half) {
    if (type == RUDDER_Q8_0) return load_word(weights, 4 * side + j, half);
    __m256i nibbles = load_word(weights, j, half);
    __m256i quants = _mm256_and_si256(side ? _mm256_srli_epi16(nibbles, 4) : nibbles, _mm256_set1_epi8(15));
    if (panel_high_words(type) == 1) {
        __m256i bits = load_word(weights, 4, half);
        __m256i moved = side ? _mm256_srli_epi32(bits, j) : _mm256_slli_epi32(bits, 4 - j);
        quants = _mm256_or_si256(quants, _mm256_and_si256(moved, _mm256_set1_epi8(0x10)));
    } else if (panel_high_words(type) == 2) {
        __m256i bits = load_word(weights, 4 + side, half);
        __m256i moved = j == 3 ? _mm256_srli_epi32(bits, 2) : _mm256_slli_epi32(bits, 4 - 2 * j);
        quants = _mm256_or_si256(quants, _mm256_and_si256(moved, _mm256_set1_epi8(0x30)));
    }
    return quants;
}

/// How many products of two can be summed in 16 bits: 2 * 127 times the largest quant, so often, stays below 32768.
INLINE int groups_in_16_bits(rudder_weight_type type) {
    switch (type) {
    case RUDDER_Q8_0: return 1;
    case RUDDER_Q6_K: return 2;
    case RUDDER_Q5_0: case RUDDER_Q5_1: case RUDDER_Q5_K: return 4;
    default: return 8;
    }
}

/// `count` times `zero` in each lane.
INLINE __m256i zero_points(int zero, int32_t count) {
    return _mm256_mullo_epi32(_mm256_set1_epi32(count), _mm256_set1_epi32(zero));
}

/// Adds `blocks` blocks of eight rows, the panel's first or last, to the outputs of `count` activations, lanes `lane` and on of `inputs`;
/// `is_first` starts them from zero.
INLINE void multiply_tile(rudder_weight_type type, const uint8_t *panel, int64_t blocks, int half, const rudder_activation_block *inputs, int lane,
                          int count, int is_first, float *out, int64_t out_stride, int rows) {
    const __m256i ones = _mm256_set1_epi16(1);
    const int in_16_bits = groups_in_16_bits(type), is_kept = panels_are_kept();
    __m256 totals[TILE];
    float partial[TILE][8];
    UNROLL for (int a = 0; a < count; a++) {
        if (rows < 8 && !is_first) memcpy(partial[a], out + a * out_stride, (size_t)rows * 4);
        totals[a] = is_first ? _mm256_setzero_ps() : _mm256_loadu_ps(rows < 8 ? partial[a] : out + a * out_stride);
    }
    for (int64_t index = 0; index < blocks; index++, inputs++) {
        panel_prefetch(type, panel, index, is_kept);
        panel_block block = panel_block_at(type, panel, index);
        block_scales block_scale = load_scales(type, block, half);
        __m256i dots[TILE], pairs[TILE];
        UNROLL for (int group = 0; group < 8; group++) {
            int side = group / 4, j = group % 4;
            __m256i weights = unpack(type, block.weights, side, j, half);
            UNROLL for (int a = 0; a < count; a++) {
                int32_t four;
                memcpy(&four, inputs->quants[lane + a] + 4 * group, 4);
                __m256i x = _mm256_set1_epi32(four);
                __m256i products = type == RUDDER_Q8_0
                    ? _mm256_maddubs_epi16(_mm256_sign_epi8(weights, weights), _mm256_sign_epi8(x, weights))
                    : _mm256_maddubs_epi16(weights, x);
                pairs[a] = group % in_16_bits == 0 ? products : _mm256_add_epi16(pairs[a], products);
                if (group % in_16_bits == in_16_bits - 1) {
                    __m256i summed = _mm256_madd_epi16(pairs[a], ones);
                    dots[a] = group < in_16_bits || (type == RUDDER_Q6_K && group == 5) ? summed : _mm256_add_epi32(dots[a], summed);
                }
                if (type == RUDDER_Q6_K && j == 3) {
                    __m256i dot = _mm256_sub_epi32(dots[a], zero_points(32, inputs->half_sums[side][lane + a]));
                    __m256 scale = _mm256_mul_ps(block_scale.scale[side], _mm256_set1_ps(inputs->scales[lane + a]));
                    totals[a] = _mm256_fmadd_ps(scale, _mm256_cvtepi32_ps(dot), totals[a]);
                }
            }
        }
        UNROLL for (int a = 0; a < count && type != RUDDER_Q6_K; a++) {
            __m256i dot = dots[a];
            if (panel_zero(type)) {
                dot = _mm256_sub_epi32(dot, zero_points(panel_zero(type), inputs->half_sums[0][lane + a] + inputs->half_sums[1][lane + a]));
            }
            __m256 scale = _mm256_mul_ps(block_scale.scale[0], _mm256_set1_ps(inputs->scales[lane + a]));
            totals[a] = _mm256_fmadd_ps(scale, _mm256_cvtepi32_ps(dot), totals[a]);
            if (panel_has_offset(type)) totals[a] = _mm256_fmadd_ps(block_scale.offset, _mm256_set1_ps(inputs->sums[lane + a]), totals[a]);
        }
    }
    UNROLL for (int a = 0; a < count; a++) {
        _mm256_storeu_ps(rows < 8 ? partial[a] : out + a * out_stride, totals[a]);
        if (rows < 8) memcpy(out + a * out_stride, partial[a], (size_t)rows * 4);
    }
}

/// All activations times `blocks` blocks of a panel of `rows` rows; `out` is the place of the panel's first row.
INLINE void multiply_panel(rudder_weight_type type, const uint8_t *panel, int64_t blocks, int64_t rows, const rudder_activations *x,
                           int64_t first_block, int is_first, float *out, int64_t out_stride) {
    for (int half = 0; 8 * half < rows; half++) {
        int here = rows - 8 * half < 8 ? (int)(rows - 8 * half) : 8;
        for (int64_t first = 0; first < x->count; first += TILE) {
            const rudder_activation_block *inputs = x->blocks + first / RUDDER_ACTIVATION_LANES * x->block_count + first_block;
            float *place = out + first * out_stride + 8 * half;
            int lane = (int)(first % RUDDER_ACTIVATION_LANES);
            switch (x->count - first) {
            case 1: multiply_tile(type, panel, blocks, half, inputs, lane, 1, is_first, place, out_stride, here); break;
            case 2: multiply_tile(type, panel, blocks, half, inputs, lane, 2, is_first, place, out_stride, here); break;
            case 3: multiply_tile(type, panel, blocks, half, inputs, lane, 3, is_first, place, out_stride, here); break;
            default: multiply_tile(type, panel, blocks, half, inputs, lane, TILE, is_first, place, out_stride, here); break;
            }
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
            multiply_panel(type, weights->data + row / PANEL_ROWS * weights->stride, blocks, rows, x, 0, 1, out + row, out_stride);
            continue;
        }
        for (int64_t first = 0; first < blocks; first += PANEL_STRIP_BLOCKS) {
            int64_t here = blocks - first < PANEL_STRIP_BLOCKS ? blocks - first : PANEL_STRIP_BLOCKS;
            rudder_pack_strip(type, weights->data + row * weights->stride, weights->stride, rows, first, here, strip);
            multiply_panel(type, strip, here, rows, x, first, first == 0, out + row, out_stride);
        }
    }
}

// MARK: Floating-point products

INLINE __m256 load_weights(rudder_weight_type type, const uint8_t *row, int64_t index) {
    switch (type) {
    case RUDDER_F16: return load_halves(row + 2 * index);
    case RUDDER_BF16:
        return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)(row + 2 * index))), 16));
    default: return _mm256_loadu_ps((const float *)(const void *)(row + 4 * index));
    }
}

INLINE float load_weight(rudder_weight_type type, const uint8_t *row, int64_t index) {
    float value;
    switch (type) {
    case RUDDER_F16: return load_half_avx2(row + 2 * index);
    case RUDDER_BF16: return bfloat_to_float(load_u16(row + 2 * index));
    default: memcpy(&value, row + 4 * index, 4); return value;
    }
}

/// The products of a row with `count` vectors, `stride` apart. Four accumulators of eight lanes each, enough to hide the latency of a fused multiply-add.
INLINE void dot_floats(rudder_weight_type type, const uint8_t *row, const float *x, int64_t stride, int count, int64_t columns, float *out,
                       int64_t out_stride) {
    __m256 lanes[2][4];
    float tails[2] = {0, 0};
    UNROLL for (int a = 0; a < count; a++) UNROLL for (int k = 0; k < 4; k++) lanes[a][k] = _mm256_setzero_ps();
    int64_t i = 0;
    for (; i + 32 <= columns; i += 32) {
        UNROLL for (int k = 0; k < 4; k++) {
            __m256 weights = load_weights(type, row, i + 8 * k);
            UNROLL for (int a = 0; a < count; a++) {
                lanes[a][k] = _mm256_fmadd_ps(weights, _mm256_loadu_ps(x + a * stride + i + 8 * k), lanes[a][k]);
            }
        }
    }
    for (; i < columns; i++) {
        for (int a = 0; a < count; a++) tails[a] = __builtin_fmaf(load_weight(type, row, i), x[a * stride + i], tails[a]);
    }
    UNROLL for (int a = 0; a < count; a++) {
        __m256 folded = _mm256_add_ps(_mm256_add_ps(lanes[a][0], lanes[a][1]), _mm256_add_ps(lanes[a][2], lanes[a][3]));
        out[a * out_stride] = fold8(folded) + tails[a];
    }
}

INLINE void multiply_rows(rudder_weight_type type, const rudder_weights *weights, int64_t first_row, int64_t last_row,
                          const rudder_activations *x, float *out, int64_t out_stride) {
    for (int64_t row = first_row; row < last_row; row++) {
        const uint8_t *data = weights->data + row * weights->stride;
        int64_t a = 0;
        for (; a + 2 <= x->count; a += 2) {
            dot_floats(type, data, x->floats + a * x->float_stride, x->float_stride, 2, weights->columns, out + a * out_stride + row, out_stride);
        }
        if (a < x->count) dot_floats(type, data, x->floats + a * x->float_stride, 0, 1, weights->columns, out + a * out_stride + row, 0);
    }
}

AVX2 void rudder_avx2_multiply_floats(const rudder_weights *w, int64_t first_row, int64_t last_row, const rudder_activations *x, float *out,
                                      int64_t out_stride) {
    switch (w->type) {
    case RUDDER_F16: multiply_rows(RUDDER_F16, w, first_row, last_row, x, out, out_stride); break;
    case RUDDER_BF16: multiply_rows(RUDDER_BF16, w, first_row, last_row, x, out, out_stride); break;
    default: multiply_rows(RUDDER_F32, w, first_row, last_row, x, out, out_stride); break;
    }
}

AVX2 static void multiply(const rudder_weights *w, int64_t first_row, int64_t last_row, const rudder_activations *x, float *out,
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

AVX2 void rudder_avx2_quantize_activations(const float *values, int64_t count, rudder_activation_block *blocks, int64_t lane) {
    const __m256 sign = _mm256_set1_ps(-0.0f);
    for (int64_t index = 0; index < count / 32; index++) {
        rudder_activation_block *block = blocks + index;
        __m256 x[4];
        for (int k = 0; k < 4; k++) x[k] = _mm256_loadu_ps(values + 32 * index + 8 * k);
        __m256 most = _mm256_max_ps(_mm256_max_ps(_mm256_andnot_ps(sign, x[0]), _mm256_andnot_ps(sign, x[1])),
                                    _mm256_max_ps(_mm256_andnot_ps(sign, x[2]), _mm256_andnot_ps(sign, x[3])));
        __m128 four = _mm_max_ps(_mm256_castps256_ps128(most), _mm256_extractf128_ps(most, 1));
        __m128 two = _mm_max_ps(four, _mm_movehl_ps(four, four));
        float largest = _mm_cvtss_f32(_mm_max_ss(two, _mm_movehdup_ps(two)));
        float inverse = largest > 1e-30f ? 127.0f / largest : 0, scale = largest / 127.0f;
        __m256i q[4];
        for (int k = 0; k < 4; k++) q[k] = _mm256_cvtps_epi32(_mm256_mul_ps(x[k], _mm256_set1_ps(inverse)));
        __m256i first = _mm256_add_epi32(q[0], q[1]), last = _mm256_add_epi32(q[2], q[3]);
        // Two sums at once: the first sixteen quants' in the lower lanes, the last sixteen's in the upper ones.
        __m256i both = _mm256_add_epi32(_mm256_permute2x128_si256(first, last, 0x20), _mm256_permute2x128_si256(first, last, 0x31));
        both = _mm256_add_epi32(both, _mm256_shuffle_epi32(both, 0x4e));
        both = _mm256_add_epi32(both, _mm256_shuffle_epi32(both, 0xb1));
        int32_t halves[2] = {_mm256_cvtsi256_si32(both), _mm256_extract_epi32(both, 4)};
        // The packs interleave 128-bit halves; the permutation puts the bytes back in order.
        __m256i packed = _mm256_packs_epi16(_mm256_packs_epi32(q[0], q[1]), _mm256_packs_epi32(q[2], q[3]));
        packed = _mm256_permutevar8x32_epi32(packed, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
        _mm256_storeu_si256((__m256i *)block->quants[lane], packed);
        block->half_sums[0][lane] = halves[0];
        block->half_sums[1][lane] = halves[1];
        block->scales[lane] = scale;
        block->sums[lane] = scale * (float)(halves[0] + halves[1]);
    }
}

// MARK: Attention

INLINE __m256 exponential8(__m256 x) {
    __m256 in_range = _mm256_cmp_ps(x, _mm256_set1_ps(EXPONENTIAL_LEAST), _CMP_GE_OQ);
    x = _mm256_min_ps(x, _mm256_set1_ps(EXPONENTIAL_MOST));
    __m256 n = _mm256_round_ps(_mm256_mul_ps(x, _mm256_set1_ps(EXPONENTIAL_PER_LN2)), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    __m256 r = _mm256_fmadd_ps(n, _mm256_set1_ps(-EXPONENTIAL_LN2_HIGH), x);
    r = _mm256_fmadd_ps(n, _mm256_set1_ps(-EXPONENTIAL_LN2_LOW), r);
    __m256 p = _mm256_fmadd_ps(_mm256_set1_ps(EXPONENTIAL_P0), r, _mm256_set1_ps(EXPONENTIAL_P1));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(EXPONENTIAL_P2));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(EXPONENTIAL_P3));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(EXPONENTIAL_P4));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(EXPONENTIAL_P5));
    p = _mm256_add_ps(_mm256_fmadd_ps(p, _mm256_mul_ps(r, r), r), _mm256_set1_ps(1));
    __m256i bits = _mm256_add_epi32(_mm256_castps_si256(p), _mm256_slli_epi32(_mm256_cvtps_epi32(n), 23));
    return _mm256_and_ps(_mm256_castsi256_ps(bits), in_range);
}

/// The scores of `count` queries with sixteen keys. Fetches as many numbers from `ahead` meanwhile.
INLINE void score_keys(const uint16_t *keys, const uint16_t *ahead, int64_t size, const float *const *queries, int count, float scale, float (*scores)[16]) {
    __m256 even[QUERIES][2], odd[QUERIES][2];
    UNROLL for (int q = 0; q < count; q++) even[q][0] = even[q][1] = odd[q][0] = odd[q][1] = _mm256_setzero_ps();
    int64_t d = 0;
    for (; d + 1 < size; d += 2) {
        __builtin_prefetch(ahead + 16 * d);
        __m256 first = load_halves(keys + 16 * d), last = load_halves(keys + 16 * d + 8);
        UNROLL for (int q = 0; q < count; q++) {
            __m256 value = _mm256_broadcast_ss(queries[q] + d);
            even[q][0] = _mm256_fmadd_ps(value, first, even[q][0]);
            even[q][1] = _mm256_fmadd_ps(value, last, even[q][1]);
        }
        first = load_halves(keys + 16 * d + 16), last = load_halves(keys + 16 * d + 24);
        UNROLL for (int q = 0; q < count; q++) {
            __m256 value = _mm256_broadcast_ss(queries[q] + d + 1);
            odd[q][0] = _mm256_fmadd_ps(value, first, odd[q][0]);
            odd[q][1] = _mm256_fmadd_ps(value, last, odd[q][1]);
        }
    }
    if (d < size) {
        __m256 first = load_halves(keys + 16 * d), last = load_halves(keys + 16 * d + 8);
        UNROLL for (int q = 0; q < count; q++) {
            __m256 value = _mm256_broadcast_ss(queries[q] + d);
            even[q][0] = _mm256_fmadd_ps(value, first, even[q][0]);
            even[q][1] = _mm256_fmadd_ps(value, last, even[q][1]);
        }
    }
    UNROLL for (int q = 0; q < count; q++) {
        for (int k = 0; k < 2; k++) {
            _mm256_storeu_ps(scores[q] + 8 * k, _mm256_mul_ps(_mm256_add_ps(even[q][k], odd[q][k]), _mm256_set1_ps(scale)));
        }
    }
}

/// Turns scores into weights relative to the largest so far; returns what earlier sums are to be multiplied by.
INLINE float weigh(float *scores, int from, int to, rudder_running_softmax *state) {
    if (from > 0 || to < 16) {
        for (int i = 0; i < 16; i++) scores[i] = i >= from && i < to ? scores[i] : -INFINITY;
    }
    __m256 first = _mm256_loadu_ps(scores), last = _mm256_loadu_ps(scores + 8), most = _mm256_max_ps(first, last);
    __m128 four = _mm_max_ps(_mm256_castps256_ps128(most), _mm256_extractf128_ps(most, 1));
    __m128 two = _mm_max_ps(four, _mm_movehl_ps(four, four));
    float largest = fmaxf(state->largest, _mm_cvtss_f32(_mm_max_ss(two, _mm_movehdup_ps(two))));
    first = exponential8(_mm256_sub_ps(first, _mm256_set1_ps(largest)));
    last = exponential8(_mm256_sub_ps(last, _mm256_set1_ps(largest)));
    _mm256_storeu_ps(scores, first);
    _mm256_storeu_ps(scores + 8, last);
    float correction = largest == state->largest ? 1 : exponential(state->largest - largest);
    state->largest = largest;
    state->sum = __builtin_fmaf(state->sum, correction, fold8(_mm256_add_ps(first, last)));
    return correction;
}

/// out = out * correction + weights . values, for positions `from` ..< `to` and `count` queries. Fetches as many numbers from `ahead` meanwhile.
INLINE void add_values(const uint16_t *values, const uint16_t *ahead, int64_t size, int from, int to, float (*weights)[16], const float *corrections, float *const *outs,
                       int count) {
    int64_t d = 0;
    for (; d + 16 <= size; d += 16) {
        __m256 sums[QUERIES][2];
        UNROLL for (int q = 0; q < count; q++) {
            UNROLL for (int k = 0; k < 2; k++) {
                sums[q][k] = _mm256_mul_ps(_mm256_loadu_ps(outs[q] + d + 8 * k), _mm256_set1_ps(corrections[q]));
            }
        }
        for (int i = from; i < to; i++) {
            __builtin_prefetch(ahead + i * size + d);
            __m256 first = load_halves(values + i * size + d), last = load_halves(values + i * size + d + 8);
            UNROLL for (int q = 0; q < count; q++) {
                __m256 weight = _mm256_broadcast_ss(weights[q] + i);
                sums[q][0] = _mm256_fmadd_ps(weight, first, sums[q][0]);
                sums[q][1] = _mm256_fmadd_ps(weight, last, sums[q][1]);
            }
        }
        UNROLL for (int q = 0; q < count; q++) UNROLL for (int k = 0; k < 2; k++) _mm256_storeu_ps(outs[q] + d + 8 * k, sums[q][k]);
    }
    for (; d < size; d++) {
        for (int q = 0; q < count; q++) {
            float sum = outs[q][d] * corrections[q];
            for (int i = from; i < to; i++) sum = __builtin_fmaf(weights[q][i], half_to_float(values[i * size + d]), sum);
            outs[q][d] = sum;
        }
    }
}

#define TARGET AVX2
#include "attend.h"

// MARK: Vectors

AVX2 static float dot_f32(const float *a, const float *b, int64_t count) {
    float result;
    dot_floats(RUDDER_F32, (const uint8_t *)a, b, 0, 1, count, &result, 0);
    return result;
}

INLINE int64_t row_bytes(rudder_weight_type type, const rudder_rows *rows) {
    return rows->columns * (type == RUDDER_F32 ? 4 : 2);
}

INLINE void multiply_float_rows(rudder_weight_type type, const rudder_rows *rows, const float *x, float *out) {
    for (int64_t r = 0; r < rows->count; r++) {
        dot_floats(type, rows->data + r * row_bytes(type, rows), x, 0, 1, rows->columns, out + r, 0);
    }
}

/// A strip of y stays in registers while all rows are added to it.
INLINE void add_float_rows(rudder_weight_type type, const rudder_rows *rows, const int32_t *numbers, const float *c, int64_t count, float *y) {
    int64_t i = 0;
    for (; i + 64 <= rows->columns; i += 64) {
        __m256 sums[8];
        UNROLL for (int k = 0; k < 8; k++) sums[k] = _mm256_loadu_ps(y + i + 8 * k);
        for (int64_t n = 0; n < count; n++) {
            const uint8_t *row = rows->data + numbers[n] * row_bytes(type, rows);
            __m256 scale = _mm256_broadcast_ss(c + n);
            UNROLL for (int k = 0; k < 8; k++) sums[k] = _mm256_fmadd_ps(scale, load_weights(type, row, i + 8 * k), sums[k]);
        }
        UNROLL for (int k = 0; k < 8; k++) _mm256_storeu_ps(y + i + 8 * k, sums[k]);
    }
    for (; i < rows->columns; i++) {
        for (int64_t n = 0; n < count; n++) {
            y[i] = __builtin_fmaf(c[n], load_weight(type, rows->data + numbers[n] * row_bytes(type, rows), i), y[i]);
        }
    }
}

AVX2 static void multiply_rows_by(const rudder_rows *rows, const float *x, float *out) {
    switch (rows->type) {
    case RUDDER_F16: multiply_float_rows(RUDDER_F16, rows, x, out); break;
    case RUDDER_BF16: multiply_float_rows(RUDDER_BF16, rows, x, out); break;
    default: multiply_float_rows(RUDDER_F32, rows, x, out); break;
    }
}

AVX2 static void add_rows(const rudder_rows *rows, const int32_t *numbers, const float *c, int64_t count, float *y) {
    switch (rows->type) {
    case RUDDER_F16: add_float_rows(RUDDER_F16, rows, numbers, c, count, y); break;
    case RUDDER_BF16: add_float_rows(RUDDER_BF16, rows, numbers, c, count, y); break;
    default: add_float_rows(RUDDER_F32, rows, numbers, c, count, y); break;
    }
}

AVX2 static int64_t advance_units(const rudder_units *units, float step, int32_t *flipped) {
    const __m256 zero = _mm256_setzero_ps(), steps = _mm256_set1_ps(step);
    int64_t found = 0, i = 0;
    for (; i + 8 <= units->count; i += 8) {
        __m256 moved = _mm256_fmadd_ps(steps, _mm256_loadu_ps(units->direction + i), _mm256_loadu_ps(units->moved + i));
        _mm256_storeu_ps(units->moved + i, moved);
        if (units->deviation) {
            __m256 deviation = _mm256_fmadd_ps(steps, _mm256_loadu_ps(units->change + i), _mm256_loadu_ps(units->deviation + i));
            _mm256_storeu_ps(units->deviation + i, deviation);
        }
        __m256 now = _mm256_add_ps(_mm256_loadu_ps(units->start + i), moved);
        __m256 was = _mm256_cmp_ps(_mm256_loadu_ps(units->current + i), zero, _CMP_GT_OQ);
        unsigned changed = (unsigned)_mm256_movemask_ps(_mm256_xor_ps(was, _mm256_cmp_ps(now, zero, _CMP_GT_OQ)));
        _mm256_storeu_ps(units->current + i, now);
        for (; changed; changed &= changed - 1) flipped[found++] = (int32_t)i + __builtin_ctz(changed);
    }
    for (; i < units->count; i++) {
        units->moved[i] = __builtin_fmaf(step, units->direction[i], units->moved[i]);
        if (units->deviation) units->deviation[i] = __builtin_fmaf(step, units->change[i], units->deviation[i]);
        float now = units->start[i] + units->moved[i];
        if ((units->current[i] > 0) != (now > 0)) flipped[found++] = (int32_t)i;
        units->current[i] = now;
    }
    return found;
}

AVX2 static void add_scaled_f32(float *y, const float *x, float scale, int64_t count) {
    int64_t i = 0;
    for (; i + 8 <= count; i += 8) {
        _mm256_storeu_ps(y + i, _mm256_fmadd_ps(_mm256_set1_ps(scale), _mm256_loadu_ps(x + i), _mm256_loadu_ps(y + i)));
    }
    for (; i < count; i++) y[i] = __builtin_fmaf(scale, x[i], y[i]);
}

AVX2 void rudder_avx2_convert_to_f16(const float *values, uint16_t *halves, int64_t count) {
    int64_t i = 0;
    for (; i + 8 <= count; i += 8) {
        _mm_storeu_si128((__m128i *)(halves + i), _mm256_cvtps_ph(_mm256_loadu_ps(values + i), _MM_FROUND_TO_NEAREST_INT));
    }
    for (; i < count; i++) halves[i] = _cvtss_sh(values[i], _MM_FROUND_TO_NEAREST_INT);
}

AVX2 void rudder_avx2_scale_by(const float *x, float scale, const float *gain, float *y, int64_t count) {
    int64_t i = 0;
    for (; i + 8 <= count; i += 8) {
        __m256 scaled = _mm256_mul_ps(_mm256_loadu_ps(x + i), _mm256_set1_ps(scale));
        _mm256_storeu_ps(y + i, _mm256_mul_ps(scaled, _mm256_loadu_ps(gain + i)));
    }
    for (; i < count; i++) y[i] = x[i] * scale * gain[i];
}

AVX2 void rudder_avx2_rotate_pairs(float *pairs, const float *cosines, const float *sines, int64_t count) {
    const __m256i twice = _mm256_setr_epi32(0, 0, 1, 1, 2, 2, 3, 3);
    int64_t i = 0;
    for (; i + 4 <= count; i += 4) {
        __m256 cosine = _mm256_permutevar8x32_ps(_mm256_castps128_ps256(_mm_loadu_ps(cosines + i)), twice);
        __m256 sine = _mm256_permutevar8x32_ps(_mm256_castps128_ps256(_mm_loadu_ps(sines + i)), twice);
        __m256 both = _mm256_loadu_ps(pairs + 2 * i), crossed = _mm256_mul_ps(_mm256_permute_ps(both, 0xb1), sine);
        _mm256_storeu_ps(pairs + 2 * i, _mm256_fmaddsub_ps(both, cosine, crossed));
    }
    for (; i < count; i++) {
        float a = pairs[2 * i], b = pairs[2 * i + 1];
        pairs[2 * i] = __builtin_fmaf(a, cosines[i], -(b * sines[i]));
        pairs[2 * i + 1] = __builtin_fmaf(b, cosines[i], a * sines[i]);
    }
}

AVX2 static float exponentials(const float *values, float shift, float scale, int64_t count, float *out) {
    __m256 sums[2] = {_mm256_setzero_ps(), _mm256_setzero_ps()};
    int64_t i = 0;
    for (; i + 16 <= count; i += 16) {
        for (int k = 0; k < 2; k++) {
            __m256 below = _mm256_sub_ps(_mm256_loadu_ps(values + i + 8 * k), _mm256_set1_ps(shift));
            __m256 value = exponential8(_mm256_mul_ps(below, _mm256_set1_ps(scale)));
            _mm256_storeu_ps(out + i + 8 * k, value);
            sums[k] = _mm256_add_ps(sums[k], value);
        }
    }
    float lanes[16];
    _mm256_storeu_ps(lanes, sums[0]);
    _mm256_storeu_ps(lanes + 8, sums[1]);
    for (; i < count; i++) {
        out[i] = exponential((values[i] - shift) * scale);
        lanes[i % 16] += out[i];
    }
    return fold8(_mm256_add_ps(_mm256_loadu_ps(lanes), _mm256_loadu_ps(lanes + 8)));
}

INLINE __m256d exponential4(__m256d x) {
    __m256d least = _mm256_set1_pd(DOUBLE_LEAST), bounded = _mm256_max_pd(x, least);
    __m256d shifted = _mm256_fmadd_pd(bounded, _mm256_set1_pd(DOUBLE_PER_LN2), _mm256_set1_pd(DOUBLE_ROUNDING));
    __m256d n = _mm256_sub_pd(shifted, _mm256_set1_pd(DOUBLE_ROUNDING)), sum = _mm256_setzero_pd();
    __m256d r = _mm256_fmadd_pd(n, _mm256_set1_pd(-DOUBLE_LN2_HIGH), bounded);
    r = _mm256_fmadd_pd(n, _mm256_set1_pd(-DOUBLE_LN2_LOW), r);
#define TERM(coefficient) sum = _mm256_fmadd_pd(sum, r, _mm256_set1_pd(coefficient));
    DOUBLE_SERIES(TERM)
#undef TERM
    __m256i power = _mm256_add_epi64(_mm256_castpd_si256(sum), _mm256_slli_epi64(_mm256_castpd_si256(shifted), 52));
    return _mm256_andnot_pd(_mm256_cmp_pd(x, least, _CMP_LT_OQ), _mm256_castsi256_pd(power));
}

INLINE __m256 mixed_logits(const rudder_logit_mix *mix, int64_t i) {
    if (mix->scale == 1) return _mm256_loadu_ps(mix->steered + i);
    __m256 plain = _mm256_loadu_ps(mix->plain + i);
    if (mix->scale == 0) return plain;
    return _mm256_add_ps(plain, _mm256_mul_ps(_mm256_set1_ps(mix->scale), _mm256_sub_ps(_mm256_loadu_ps(mix->steered + i), plain)));
}

AVX2 static rudder_mix_sums sum_mix(const rudder_logit_mix *mix) {
    int64_t vectors = mix->count / 8 * 8;
    __m256 most = _mm256_set1_ps(-INFINITY);
    // What is no number is passed over, as in the scalar comparison: of two operands the second is kept.
    for (int64_t i = 0; i < vectors; i += 8) most = _mm256_max_ps(mixed_logits(mix, i), most);
    float eight[8], largest = -INFINITY;
    _mm256_storeu_ps(eight, most);
    for (int k = 0; k < 8; k++) largest = eight[k] > largest ? eight[k] : largest;
    for (int64_t i = vectors; i < mix->count; i++) largest = mixed_logit(mix, i) > largest ? mixed_logit(mix, i) : largest;

    __m256d weights[2], first[2], second[2], above = _mm256_set1_pd(largest);
    for (int k = 0; k < 2; k++) weights[k] = first[k] = second[k] = _mm256_setzero_pd();
    for (int64_t i = 0; i < vectors; i += 8) {
        __m256 values = mixed_logits(mix, i), plain = _mm256_loadu_ps(mix->plain + i);
        UNROLL for (int k = 0; k < 2; k++) {
            __m256d value = _mm256_cvtps_pd(k ? _mm256_extractf128_ps(values, 1) : _mm256_castps256_ps128(values));
            __m256d moved = _mm256_sub_pd(value, _mm256_cvtps_pd(k ? _mm256_extractf128_ps(plain, 1) : _mm256_castps256_ps128(plain)));
            __m256d weight = exponential4(_mm256_sub_pd(value, above)), weighted = _mm256_mul_pd(weight, moved);
            weights[k] = _mm256_add_pd(weights[k], weight);
            first[k] = _mm256_add_pd(first[k], weighted);
            second[k] = _mm256_fmadd_pd(weighted, moved, second[k]);
        }
    }
    mix_lanes lanes;
    for (int k = 0; k < 2; k++) {
        _mm256_storeu_pd(lanes.weights + 4 * k, weights[k]);
        _mm256_storeu_pd(lanes.first + 4 * k, first[k]);
        _mm256_storeu_pd(lanes.second + 4 * k, second[k]);
    }
    for (int64_t i = vectors; i < mix->count; i++) add_mixed_logit(&lanes, mix, i, largest);
    return fold_mix_lanes(&lanes, largest);
}

AVX2 static int find_largest(const float *values, int64_t count, int64_t *index) {
    const __m256i exponent = _mm256_set1_epi32(0x7f800000);
    __m256 best = _mm256_set1_ps(-INFINITY);
    __m256i here = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7), where = here, not_finite = _mm256_setzero_si256();
    int64_t i = 0;
    for (; i + 8 <= count; i += 8) {
        __m256 value = _mm256_loadu_ps(values + i);
        __m256 is_larger = _mm256_cmp_ps(value, best, _CMP_GT_OQ);
        not_finite = _mm256_or_si256(not_finite, _mm256_cmpeq_epi32(_mm256_and_si256(_mm256_castps_si256(value), exponent), exponent));
        best = _mm256_blendv_ps(best, value, is_larger);
        where = _mm256_blendv_epi8(where, here, _mm256_castps_si256(is_larger));
        here = _mm256_add_epi32(here, _mm256_set1_epi32(8));
    }
    float lanes[8];
    int32_t places[8];
    _mm256_storeu_ps(lanes, best);
    _mm256_storeu_si256((__m256i *)places, where);
    float largest = lanes[0];
    int64_t first = places[0];
    for (int lane = 1; lane < 8; lane++) {
        int is_better = lanes[lane] > largest || (lanes[lane] == largest && places[lane] < first);
        if (is_better) largest = lanes[lane], first = places[lane];
    }
    int is_finite = _mm256_testz_si256(not_finite, not_finite);
    for (; i < count; i++) {
        is_finite &= isfinite(values[i]) != 0;
        if (values[i] > largest) largest = values[i], first = i;
    }
    *index = first;
    return is_finite;
}

AVX2 static void silu_multiply(float *gate, const float *up, int64_t count) {
    int64_t i = 0;
    for (; i + 8 <= count; i += 8) {
        __m256 x = _mm256_loadu_ps(gate + i);
        __m256 below = _mm256_add_ps(_mm256_set1_ps(1), exponential8(_mm256_xor_ps(x, _mm256_set1_ps(-0.0f))));
        _mm256_storeu_ps(gate + i, _mm256_mul_ps(_mm256_div_ps(x, below), _mm256_loadu_ps(up + i)));
    }
    for (; i < count; i++) gate[i] = gate[i] / (1 + exponential(-gate[i])) * up[i];
}

const rudder_kernels *RUDDER_NULLABLE rudder_kernels_avx2(void) {
    static const rudder_kernels kernels = {
        .name = "avx2",
        .prefers_panels = 1,
        .quantize_activations = rudder_avx2_quantize_activations,
        .multiply = multiply,
        .attend = attend,
        .attend_chunk = attend_chunk,
        .join_chunks = join_chunks,
        .dot_f32 = dot_f32,
        .multiply_rows = multiply_rows_by,
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
    int supported = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
    return supported ? &kernels : 0;
}

#else

const rudder_kernels *RUDDER_NULLABLE rudder_kernels_avx2(void) {
    return 0;
}

#endif
