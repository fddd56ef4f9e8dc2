/* Certificates for tests, made on the spot; nothing of them is ever kept. */
#ifndef TESTS_UNIT_NET_CERTS_H
#define TESTS_UNIT_NET_CERTS_H

/* Write a new self-signed certificate and its key, PEM, to two files. `names` is an
 * X509v3 subjectAltName such as "DNS:localhost,IP:127.0.0.1". 0: done. */
int certs_make(const char *cert_file, const char *key_file, const char *names);

#endif
