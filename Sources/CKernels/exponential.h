#ifndef RUDDER_EXPONENTIAL_H
#define RUDDER_EXPONENTIAL_H

#include <math.h>
#include <stdint.h>
#include <string.h>

/// exp(x) = 2^n exp(r) with n = round(x / ln 2) and |r| <= ln 2 / 2, and a polynomial for exp(r): that of Cephes' expf (Moshier), off by
/// less than two units in the last place. ln 2 is subtracted in two parts, the first of which n multiplies exactly.
#define EXPONENTIAL_LEAST (-87.0f)
#define EXPONENTIAL_MOST 88.0f
#define EXPONENTIAL_PER_LN2 1.44269504088896341f
#define EXPONENTIAL_LN2_HIGH 0.693359375f
#define EXPONENTIAL_LN2_LOW (-2.12194440e-4f)
#define EXPONENTIAL_P0 1.9875691500e-4f
#define EXPONENTIAL_P1 1.3981999507e-3f
#define EXPONENTIAL_P2 8.3334519073e-3f
#define EXPONENTIAL_P3 4.1665795894e-2f
#define EXPONENTIAL_P4 1.6666665459e-1f
#define EXPONENTIAL_P5 5.0000001201e-1f

/// Zero below EXPONENTIAL_LEAST (and for NaN), constant above EXPONENTIAL_MOST.
static inline float exponential(float x) {
    if (!(x >= EXPONENTIAL_LEAST)) return 0;
    x = x < EXPONENTIAL_MOST ? x : EXPONENTIAL_MOST;
    float n = rintf(x * EXPONENTIAL_PER_LN2);
    float r = fmaf(n, -EXPONENTIAL_LN2_LOW, fmaf(n, -EXPONENTIAL_LN2_HIGH, x));
    float p = fmaf(EXPONENTIAL_P0, r, EXPONENTIAL_P1);
    p = fmaf(p, r, EXPONENTIAL_P2);
    p = fmaf(p, r, EXPONENTIAL_P3);
    p = fmaf(p, r, EXPONENTIAL_P4);
    p = fmaf(p, r, EXPONENTIAL_P5);
    p = fmaf(p, r * r, r) + 1;
    int32_t bits;
    memcpy(&bits, &p, 4);
    bits += (int32_t)n << 23;
    memcpy(&p, &bits, 4);
    return p;
}

#endif
