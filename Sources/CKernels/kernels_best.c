#include "CKernels.h"

const rudder_kernels *rudder_kernels_best(void) {
    const rudder_kernels *avx512 = rudder_kernels_avx512(), *avx2 = rudder_kernels_avx2();
    return avx512 ? avx512 : avx2 ? avx2 : rudder_kernels_scalar();
}
