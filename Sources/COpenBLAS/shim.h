#ifndef RUDDER_COPENBLAS_SHIM_H
#define RUDDER_COPENBLAS_SHIM_H

#include <cblas.h>

#endif
