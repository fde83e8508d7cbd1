#ifndef RUDDER_LOGIT_MIX_H
#define RUDDER_LOGIT_MIX_H

#include "CKernels.h"
#include "double_exponential.h"

/// The sums of a mix of logits while they grow: lane i % 8 takes number i.
typedef struct mix_lanes {
    double weights[8];
    double first[8];
    double second[8];
} mix_lanes;

static inline float mixed_logit(const rudder_logit_mix *mix, int64_t i) {
    if (mix->scale == 1) return mix->steered[i];
    if (mix->scale == 0) return mix->plain[i];
    float moved = mix->scale * (mix->steered[i] - mix->plain[i]);
    return mix->plain[i] + moved;
}

static inline void add_mixed_logit(mix_lanes *lanes, const rudder_logit_mix *mix, int64_t i, float largest) {
    double value = mixed_logit(mix, i), moved = value - mix->plain[i], weight = double_exponential(value - largest);
    double weighted = weight * moved;
    lanes->weights[i % 8] += weight;
    lanes->first[i % 8] += weighted;
    lanes->second[i % 8] = __builtin_fma(weighted, moved, lanes->second[i % 8]);
}

static inline double fold_doubles(const double *lanes) {
    double four[4];
    for (int i = 0; i < 4; i++) four[i] = lanes[i] + lanes[4 + i];
    return (four[0] + four[2]) + (four[1] + four[3]);
}

static inline rudder_mix_sums fold_mix_lanes(const mix_lanes *lanes, float largest) {
    return (rudder_mix_sums){largest, fold_doubles(lanes->weights), fold_doubles(lanes->first), fold_doubles(lanes->second)};
}

#endif
