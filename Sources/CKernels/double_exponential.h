#ifndef RUDDER_DOUBLE_EXPONENTIAL_H
#define RUDDER_DOUBLE_EXPONENTIAL_H

#include <math.h>
#include <stdint.h>
#include <string.h>

/// The exponential in double precision that all kernels share, to 3e-13 of the result: x = n ln 2 + r with |r| <= ln 2 / 2, and e^x = 2^n P(r)
/// with P the series up to r^10. Every step is a fused multiply-add or exact, so vectors of any width give the same bits.
///
/// Below DOUBLE_LEAST the result is zero. Numbers must not be above 709.
#define DOUBLE_LEAST (-708.0)
#define DOUBLE_PER_LN2 1.4426950408889634
#define DOUBLE_LN2_HIGH 0.693147180369123816490
#define DOUBLE_LN2_LOW 1.90821492927058770002e-10
/// Adding this rounds to a whole number and leaves it in the lowest bits.
#define DOUBLE_ROUNDING 0x1.8p52

/// The series' coefficients, from the highest power down.
#define DOUBLE_SERIES(TERM) \
    TERM(1.0 / 3628800) TERM(1.0 / 362880) TERM(1.0 / 40320) TERM(1.0 / 5040) TERM(1.0 / 720) TERM(1.0 / 120) TERM(1.0 / 24) TERM(1.0 / 6) \
    TERM(0.5) TERM(1.0) TERM(1.0)

static inline double double_exponential(double x) {
    double bounded = x > DOUBLE_LEAST ? x : DOUBLE_LEAST;
    double shifted = __builtin_fma(bounded, DOUBLE_PER_LN2, DOUBLE_ROUNDING), n = shifted - DOUBLE_ROUNDING;
    double r = __builtin_fma(n, -DOUBLE_LN2_HIGH, bounded), sum = 0;
    r = __builtin_fma(n, -DOUBLE_LN2_LOW, r);
#define TERM(coefficient) sum = __builtin_fma(sum, r, coefficient);
    DOUBLE_SERIES(TERM)
#undef TERM
    uint64_t exponent, power;
    memcpy(&exponent, &shifted, 8);
    memcpy(&power, &sum, 8);
    power += exponent << 52;
    memcpy(&sum, &power, 8);
    return x < DOUBLE_LEAST ? 0 : sum;
}

#endif
