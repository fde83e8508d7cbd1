#ifndef RUDDER_COPENSSL_SHIM_H
#define RUDDER_COPENSSL_SHIM_H

#include <openssl/crypto.h>
#include <openssl/evp.h>

#endif
