#ifndef RUDDER_COPENSSL_SHIM_H
#define RUDDER_COPENSSL_SHIM_H

#include <openssl/evp.h>

#endif
