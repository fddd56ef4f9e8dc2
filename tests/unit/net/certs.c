/* Self-signed certificates by libcrypto. */
#include "certs.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>

static X509 *sign(EVP_PKEY *key, const char *names)
{
    X509 *cert = X509_new();
    X509_NAME *name = X509_get_subject_name(cert);
    X509_EXTENSION *alt = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, names);

    X509_set_version(cert, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
    X509_gmtime_adj(X509_getm_notBefore(cert), -3600);
    X509_gmtime_adj(X509_getm_notAfter(cert), 24L * 3600);
    X509_set_pubkey(cert, key);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"test", -1, -1, 0);
    X509_set_issuer_name(cert, name);
    if (alt == NULL || X509_add_ext(cert, alt, -1) != 1 ||
        X509_sign(cert, key, EVP_sha256()) == 0) {
        X509_free(cert);
        cert = NULL;
    }
    X509_EXTENSION_free(alt);
    return cert;
}

static int write_pem(const char *path, X509 *cert, EVP_PKEY *key)
{
    FILE *file = fopen(path, "we");
    int ok;

    if (file == NULL) {
        return 0;
    }
    ok = cert != NULL ? PEM_write_X509(file, cert)
                      : PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL);
    return (fclose(file) == 0) & ok;
}

int certs_make(const char *cert_file, const char *key_file, const char *names)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = key == NULL ? NULL : sign(key, names);
    int ok = cert != NULL && write_pem(cert_file, cert, NULL) && write_pem(key_file, NULL, key);

    X509_free(cert);
    EVP_PKEY_free(key);
    return ok ? 0 : -1;
}
