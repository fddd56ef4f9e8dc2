/* The certificates of io/net's tests serve here too. */
#include "../net/certs.c" /* NOLINT(bugprone-suspicious-include): shared help of another room */
