#ifndef RUDDER_COPENBLAS_SHIM_H
#define RUDDER_COPENBLAS_SHIM_H

#include <cblas.h>
#include <stddef.h>

/* LAPACK's solver of positive definite systems, which OpenBLAS holds; its header for C is not in every package. The last argument is the length
   of the first, as Fortran passes it. */
void dposv_(const char *uplo, const int *n, const int *nrhs, double *a, const int *lda, double *b, const int *ldb, int *info, size_t uplo_length);

#endif
