#ifndef RUDDER_COPENSSL_SHIM_H
#define RUDDER_COPENSSL_SHIM_H

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

// What OpenSSL defines as macros, which Swift does not see.

static inline int rudder_ssl_require_tls12(SSL *connection) {
    return (int)SSL_set_min_proto_version(connection, TLS1_2_VERSION);
}

static inline int rudder_ssl_set_server_name(SSL *connection, const char *name) {
    return (int)SSL_set_tlsext_host_name(connection, name);
}

#endif
