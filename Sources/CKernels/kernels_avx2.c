#pragma STDC FP_CONTRACT OFF

#include "blocks.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define AVX2 __attribute__((target("avx2,fma,f16c")))
#define INLINE static inline __attribute__((always_inline)) AVX2

/// How many activations share one unpacking of a weight block: their accumulators and the block stay in registers.
enum { TILE = 4 };

/// Thirty-two weights in a register. Unsigned quants (0 ... 63) multiply directly; signed ones by magnitude and sign.
typedef struct unpacked_block {
    __m256i quants;
    __m256 scale;
    float offset;  // with the zero point folded in
} unpacked_block;

INLINE float load_half_avx2(const uint8_t *bytes) {
    return _cvtsh_ss(load_u16(bytes));
}

INLINE float fold8(__m256 lanes) {
    __m128 four = _mm_add_ps(_mm256_castps256_ps128(lanes), _mm256_extractf128_ps(lanes, 1));
    __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

INLINE __m256i split_nibbles(const uint8_t *packed) {
    __m128i bytes = _mm_loadu_si128((const __m128i *)packed);
    __m256i both = _mm256_inserti128_si256(_mm256_castsi128_si256(bytes), _mm_srli_epi16(bytes, 4), 1);
    return _mm256_and_si256(both, _mm256_set1_epi8(15));
}

/// Spreads 32 bits over 32 bytes: 16 where the bit is set, else 0.
INLINE __m256i fifth_bits(const uint8_t *high) {
    int32_t bits;
    memcpy(&bits, high, 4);
    const __m256i spread = _mm256_set_epi64x(0x0303030303030303, 0x0202020202020202, 0x0101010101010101, 0);
    const __m256i select = _mm256_set1_epi64x((int64_t)0x8040201008040201);
    __m256i bytes = _mm256_shuffle_epi8(_mm256_set1_epi32(bits), spread);
    __m256i set = _mm256_cmpeq_epi8(_mm256_and_si256(bytes, select), select);
    return _mm256_and_si256(set, _mm256_set1_epi8(16));
}

INLINE unpacked_block unpack_k(const uint8_t *d, const uint8_t *dmin, const uint8_t *scales, int sub, __m256i quants) {
    int scale, minimum;
    k_scale_min(scales, sub, &scale, &minimum);
    float s = load_half_avx2(d) * (float)scale;
    return (unpacked_block){quants, _mm256_set1_ps(s), -(load_half_avx2(dmin) * (float)minimum)};
}

/// The nibbles of sub-block `sub`: each 32 bytes hold two sub-blocks, the even one in the low nibbles.
INLINE __m256i k_nibbles(const uint8_t *qs, int sub) {
    __m256i bytes = _mm256_loadu_si256((const __m256i *)(qs + 32 * (sub / 2)));
    return _mm256_and_si256(_mm256_srl_epi16(bytes, _mm_cvtsi32_si128(4 * (sub % 2))), _mm256_set1_epi8(15));
}

INLINE unpacked_block unpack(rudder_weight_type type, const uint8_t *row, int64_t index) {
    switch (type) {
    case RUDDER_Q4_0: {
        const block_q4_0 *source = (const block_q4_0 *)row + index;
        float d = load_half_avx2(source->d);
        return (unpacked_block){split_nibbles(source->qs), _mm256_set1_ps(d), 0.0f - d * 8.0f};
    }
    case RUDDER_Q4_1: {
        const block_q4_1 *source = (const block_q4_1 *)row + index;
        return (unpacked_block){split_nibbles(source->qs), _mm256_set1_ps(load_half_avx2(source->d)), load_half_avx2(source->m)};
    }
    case RUDDER_Q5_0: {
        const block_q5_0 *source = (const block_q5_0 *)row + index;
        float d = load_half_avx2(source->d);
        return (unpacked_block){_mm256_or_si256(split_nibbles(source->qs), fifth_bits(source->qh)), _mm256_set1_ps(d), 0.0f - d * 16.0f};
    }
    case RUDDER_Q5_1: {
        const block_q5_1 *source = (const block_q5_1 *)row + index;
        __m256i quants = _mm256_or_si256(split_nibbles(source->qs), fifth_bits(source->qh));
        return (unpacked_block){quants, _mm256_set1_ps(load_half_avx2(source->d)), load_half_avx2(source->m)};
    }
    case RUDDER_Q4_K: {
        const block_q4_k *source = (const block_q4_k *)row + index / 8;
        int sub = (int)(index % 8);
        return unpack_k(source->d, source->dmin, source->scales, sub, k_nibbles(source->qs, sub));
    }
    case RUDDER_Q5_K: {
        const block_q5_k *source = (const block_q5_k *)row + index / 8;
        int sub = (int)(index % 8);
        __m256i high = _mm256_loadu_si256((const __m256i *)source->qh);
        __m256i bit = _mm256_and_si256(_mm256_srl_epi16(high, _mm_cvtsi32_si128(sub)), _mm256_set1_epi8(1));
        __m256i quants = _mm256_or_si256(k_nibbles(source->qs, sub), _mm256_slli_epi16(bit, 4));
        return unpack_k(source->d, source->dmin, source->scales, sub, quants);
    }
    case RUDDER_Q6_K: {
        const block_q6_k *source = (const block_q6_k *)row + index / 8;
        int half = (int)(index % 8) / 4, quarter = (int)(index % 4);
        __m256i low = _mm256_loadu_si256((const __m256i *)(source->ql + 64 * half + 32 * (quarter % 2)));
        __m256i high = _mm256_loadu_si256((const __m256i *)(source->qh + 32 * half));
        low = _mm256_and_si256(_mm256_srl_epi16(low, _mm_cvtsi32_si128(4 * (quarter / 2))), _mm256_set1_epi8(15));
        high = _mm256_and_si256(_mm256_srl_epi16(high, _mm_cvtsi32_si128(2 * quarter)), _mm256_set1_epi8(3));
        __m256i quants = _mm256_sub_epi8(_mm256_or_si256(low, _mm256_slli_epi16(high, 4)), _mm256_set1_epi8(32));
        const int8_t *scales = source->scales + 8 * half + 2 * quarter;
        float d = load_half_avx2(source->d);
        __m256 scale = _mm256_set_m128(_mm_set1_ps(d * (float)scales[1]), _mm_set1_ps(d * (float)scales[0]));
        return (unpacked_block){quants, scale, 0};
    }
    default: {
        const block_q8_0 *source = (const block_q8_0 *)row + index;
        __m256i quants = _mm256_loadu_si256((const __m256i *)source->qs);
        return (unpacked_block){quants, _mm256_set1_ps(load_half_avx2(source->d)), 0};
    }
    }
}

/// Eight sums of four products each. The 16-bit intermediate sums stay below 2 * 128 * 127, so they never saturate.
INLINE __m256i dot_quants(__m256i weights, __m256i x, int is_signed) {
    __m256i pairs = is_signed ? _mm256_maddubs_epi16(_mm256_sign_epi8(weights, weights), _mm256_sign_epi8(x, weights))
                              : _mm256_maddubs_epi16(weights, x);
    return _mm256_madd_epi16(pairs, _mm256_set1_epi16(1));
}

INLINE void multiply_tile(rudder_weight_type type, const uint8_t *row, int64_t blocks, const rudder_activations *x, int64_t first,
                          int count, float *out, int64_t out_stride) {
    int is_signed = type == RUDDER_Q8_0 || type == RUDDER_Q6_K, has_offset = !is_signed;
    const int8_t *quants = x->quants + first * x->quant_stride;
    const float *scales = x->scales + first * x->scale_stride, *sums = x->sums + first * x->scale_stride;
    __m256 lanes[TILE];
    float offsets[TILE];
    for (int a = 0; a < count; a++) lanes[a] = _mm256_setzero_ps(), offsets[a] = 0;
    for (int64_t index = 0; index < blocks; index++) {
        unpacked_block block = unpack(type, row, index);
        for (int a = 0; a < count; a++) {
            __m256i values = _mm256_loadu_si256((const __m256i *)(quants + a * x->quant_stride + 32 * index));
            __m256 products = _mm256_cvtepi32_ps(dot_quants(block.quants, values, is_signed));
            __m256 scale = _mm256_mul_ps(block.scale, _mm256_set1_ps(scales[a * x->scale_stride + index]));
            lanes[a] = _mm256_fmadd_ps(scale, products, lanes[a]);
            if (has_offset) offsets[a] = __builtin_fmaf(block.offset, sums[a * x->scale_stride + index], offsets[a]);
        }
    }
    for (int a = 0; a < count; a++) out[(first + a) * out_stride] = fold8(lanes[a]) + offsets[a];
}

INLINE void multiply_quantized(rudder_weight_type type, const rudder_weights *weights, int64_t first_row, int64_t last_row,
                               const rudder_activations *x, float *out, int64_t out_stride) {
    int64_t blocks = weights->columns / 32;
    for (int64_t row = first_row; row < last_row; row++) {
        const uint8_t *data = weights->data + row * weights->row_bytes;
        int64_t first = 0;
        for (; first + TILE <= x->count; first += TILE) multiply_tile(type, data, blocks, x, first, TILE, out + row, out_stride);
        switch (x->count - first) {
        case 3: multiply_tile(type, data, blocks, x, first, 3, out + row, out_stride); break;
        case 2: multiply_tile(type, data, blocks, x, first, 2, out + row, out_stride); break;
        case 1: multiply_tile(type, data, blocks, x, first, 1, out + row, out_stride); break;
        default: break;
        }
    }
}

INLINE __m256 load_weights(rudder_weight_type type, const uint8_t *row, int64_t index) {
    switch (type) {
    case RUDDER_F16: return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(row + 2 * index)));
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

/// Four accumulators of eight lanes, enough to hide the latency of a fused multiply-add.
INLINE float dot_floats(rudder_weight_type type, const uint8_t *row, const float *x, int64_t count) {
    __m256 lanes[4] = {_mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps()};
    int64_t i = 0;
    for (; i + 32 <= count; i += 32) {
        for (int k = 0; k < 4; k++) {
            lanes[k] = _mm256_fmadd_ps(load_weights(type, row, i + 8 * k), _mm256_loadu_ps(x + i + 8 * k), lanes[k]);
        }
    }
    float tail = 0;
    for (; i < count; i++) tail = __builtin_fmaf(load_weight(type, row, i), x[i], tail);
    return fold8(_mm256_add_ps(_mm256_add_ps(lanes[0], lanes[1]), _mm256_add_ps(lanes[2], lanes[3]))) + tail;
}

INLINE void multiply_floats(rudder_weight_type type, const rudder_weights *weights, int64_t first_row, int64_t last_row,
                            const rudder_activations *x, float *out, int64_t out_stride) {
    for (int64_t row = first_row; row < last_row; row++) {
        const uint8_t *data = weights->data + row * weights->row_bytes;
        for (int64_t a = 0; a < x->count; a++) {
            out[a * out_stride + row] = dot_floats(type, data, x->floats + a * x->float_stride, weights->columns);
        }
    }
}

AVX2 static void multiply(const rudder_weights *w, int64_t first_row, int64_t last_row, const rudder_activations *x, float *out,
                          int64_t out_stride) {
    switch (w->type) {
    case RUDDER_F32: multiply_floats(RUDDER_F32, w, first_row, last_row, x, out, out_stride); break;
    case RUDDER_F16: multiply_floats(RUDDER_F16, w, first_row, last_row, x, out, out_stride); break;
    case RUDDER_BF16: multiply_floats(RUDDER_BF16, w, first_row, last_row, x, out, out_stride); break;
    case RUDDER_Q4_0: multiply_quantized(RUDDER_Q4_0, w, first_row, last_row, x, out, out_stride); break;
    case RUDDER_Q4_1: multiply_quantized(RUDDER_Q4_1, w, first_row, last_row, x, out, out_stride); break;
    case RUDDER_Q5_0: multiply_quantized(RUDDER_Q5_0, w, first_row, last_row, x, out, out_stride); break;
    case RUDDER_Q5_1: multiply_quantized(RUDDER_Q5_1, w, first_row, last_row, x, out, out_stride); break;
    case RUDDER_Q8_0: multiply_quantized(RUDDER_Q8_0, w, first_row, last_row, x, out, out_stride); break;
    case RUDDER_Q4_K: multiply_quantized(RUDDER_Q4_K, w, first_row, last_row, x, out, out_stride); break;
    case RUDDER_Q5_K: multiply_quantized(RUDDER_Q5_K, w, first_row, last_row, x, out, out_stride); break;
    case RUDDER_Q6_K: multiply_quantized(RUDDER_Q6_K, w, first_row, last_row, x, out, out_stride); break;
    }
}

AVX2 static void quantize_activations(const float *values, int64_t count, int8_t *quants, float *scales, float *sums) {
    const __m256 sign = _mm256_set1_ps(-0.0f);
    for (int64_t block = 0; block < count / 32; block++) {
        __m256 x[4];
        for (int k = 0; k < 4; k++) x[k] = _mm256_loadu_ps(values + 32 * block + 8 * k);
        __m256 most = _mm256_max_ps(_mm256_max_ps(_mm256_andnot_ps(sign, x[0]), _mm256_andnot_ps(sign, x[1])),
                                    _mm256_max_ps(_mm256_andnot_ps(sign, x[2]), _mm256_andnot_ps(sign, x[3])));
        __m128 four = _mm_max_ps(_mm256_castps256_ps128(most), _mm256_extractf128_ps(most, 1));
        __m128 two = _mm_max_ps(four, _mm_movehl_ps(four, four));
        float largest = _mm_cvtss_f32(_mm_max_ss(two, _mm_movehdup_ps(two)));
        float inverse = largest > 1e-30f ? 127.0f / largest : 0, scale = largest / 127.0f;
        __m256i q[4];
        for (int k = 0; k < 4; k++) q[k] = _mm256_cvtps_epi32(_mm256_mul_ps(x[k], _mm256_set1_ps(inverse)));
        __m256i total = _mm256_add_epi32(_mm256_add_epi32(q[0], q[1]), _mm256_add_epi32(q[2], q[3]));
        __m128i sum = _mm_add_epi32(_mm256_castsi256_si128(total), _mm256_extracti128_si256(total, 1));
        sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0x4e));
        sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0xb1));
        // The packs interleave 128-bit halves; the permutation puts the bytes back in order.
        __m256i packed = _mm256_packs_epi16(_mm256_packs_epi32(q[0], q[1]), _mm256_packs_epi32(q[2], q[3]));
        packed = _mm256_permutevar8x32_epi32(packed, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
        _mm256_storeu_si256((__m256i *)(quants + 32 * block), packed);
        scales[block] = scale;
        sums[block] = scale * (float)_mm_cvtsi128_si32(sum);
    }
}

AVX2 static float dot_f32(const float *a, const float *b, int64_t count) {
    return dot_floats(RUDDER_F32, (const uint8_t *)a, b, count);
}

AVX2 static float dot_f16(const uint16_t *a, const float *b, int64_t count) {
    return dot_floats(RUDDER_F16, (const uint8_t *)a, b, count);
}

INLINE void add_scaled(rudder_weight_type type, float *y, const uint8_t *x, float scale, int64_t count) {
    int64_t i = 0;
    for (; i + 8 <= count; i += 8) {
        _mm256_storeu_ps(y + i, _mm256_fmadd_ps(_mm256_set1_ps(scale), load_weights(type, x, i), _mm256_loadu_ps(y + i)));
    }
    for (; i < count; i++) y[i] = __builtin_fmaf(scale, load_weight(type, x, i), y[i]);
}

AVX2 static void add_scaled_f32(float *y, const float *x, float scale, int64_t count) {
    add_scaled(RUDDER_F32, y, (const uint8_t *)x, scale, count);
}

AVX2 static void add_scaled_f16(float *y, const uint16_t *x, float scale, int64_t count) {
    add_scaled(RUDDER_F16, y, (const uint8_t *)x, scale, count);
}

AVX2 static void convert_to_f16(const float *values, uint16_t *halves, int64_t count) {
    int64_t i = 0;
    for (; i + 8 <= count; i += 8) {
        _mm_storeu_si128((__m128i *)(halves + i), _mm256_cvtps_ph(_mm256_loadu_ps(values + i), _MM_FROUND_TO_NEAREST_INT));
    }
    for (; i < count; i++) halves[i] = _cvtss_sh(values[i], _MM_FROUND_TO_NEAREST_INT);
}

const rudder_kernels *RUDDER_NULLABLE rudder_kernels_avx2(void) {
    static const rudder_kernels kernels = {
        .name = "avx2",
        .quantize_activations = quantize_activations,
        .multiply = multiply,
        .dot_f32 = dot_f32,
        .dot_f16 = dot_f16,
        .add_scaled_f32 = add_scaled_f32,
        .add_scaled_f16 = add_scaled_f16,
        .convert_to_f16 = convert_to_f16,
    };
    int supported = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
    return supported ? &kernels : 0;
}

#else

const rudder_kernels *RUDDER_NULLABLE rudder_kernels_avx2(void) {
    return 0;
}

#endif
