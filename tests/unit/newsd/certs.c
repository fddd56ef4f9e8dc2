/* The certificates of io/net's tests serve here too. */
#include "../net/certs.c" /* NOLINT: one source for two rooms' tests */
