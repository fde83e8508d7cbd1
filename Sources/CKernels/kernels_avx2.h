#ifndef RUDDER_KERNELS_AVX2_H
#define RUDDER_KERNELS_AVX2_H

#include "CKernels.h"

/// The AVX2 kernels that wider instruction sets use as they are. Only processors with AVX2, FMA and F16C may call them.

void rudder_avx2_quantize_activations(const float *values, int64_t count, rudder_activation_block *blocks, int64_t lane);
void rudder_avx2_multiply_floats(const rudder_weights *weights, int64_t first_row, int64_t last_row, const rudder_activations *x, float *out,
                                 int64_t out_stride);
void rudder_avx2_convert_to_f16(const float *values, uint16_t *halves, int64_t count);
void rudder_avx2_scale_by(const float *x, float scale, const float *gain, float *y, int64_t count);
void rudder_avx2_rotate_pairs(float *pairs, const float *cosines, const float *sines, int64_t count);

#endif
