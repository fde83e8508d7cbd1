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

static inline int rudder_ssl_ctx_require_tls12(SSL_CTX *context) {
    return (int)SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
}

/// What no server needs and attacks have used: renegotiation (also a way to make a server compute for nothing) and compression. Buffers of idle
/// connections are given back.
static inline void rudder_ssl_ctx_harden(SSL_CTX *context) {
    SSL_CTX_set_options(
        context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
}

// ALPN (RFC 7301): of what a client offers only HTTP/1.1 is taken; one that offers only other protocols is told so by an alert.
static inline int rudder_ssl_select_http11(
    SSL *connection, const unsigned char **chosen, unsigned char *length, const unsigned char *offered, unsigned int count, void *unused) {
    static const unsigned char http11[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
    (void)connection;
    (void)unused;
    int outcome = SSL_select_next_proto((unsigned char **)chosen, length, http11, sizeof http11, offered, count);
    return outcome == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

static inline void rudder_ssl_ctx_offer_http11(SSL_CTX *context) {
    SSL_CTX_set_alpn_select_cb(context, rudder_ssl_select_http11, 0);
}

// A key under a passphrase is not asked for at a terminal that a server does not have.
static inline int rudder_ssl_no_passphrase(char *buffer, int size, int writes, void *unused) {
    (void)buffer;
    (void)size;
    (void)writes;
    (void)unused;
    return -1;
}

static inline void rudder_ssl_ctx_ask_nobody(SSL_CTX *context) {
    SSL_CTX_set_default_passwd_cb(context, rudder_ssl_no_passphrase);
}

/// Seconds from now until the certificate is no longer valid; negative where it is not.
static inline long rudder_ssl_ctx_seconds_left(SSL_CTX *context) {
    X509 *certificate = SSL_CTX_get0_certificate(context);
    int days = 0, seconds = 0;
    if (!certificate || !ASN1_TIME_diff(&days, &seconds, 0, X509_get0_notAfter(certificate))) return 0;
    return (long)days * 86400 + seconds;
}

#endif
