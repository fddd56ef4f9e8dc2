#!/bin/bash
# The web page beyond this machine: not without certificate, names and password; TLS 1.2 and newer;
# a password that is tried slowly; and all that holds on loopback.
# shellcheck source=tests/e2e/lib.sh
. "$PROJECT/tests/e2e/lib.sh"

openssl req -x509 -newkey rsa:2048 -nodes -keyout "$WORK/key.pem" -out "$WORK/cert.pem" -days 2 \
    -subj /CN=nas.test.example -addext "subjectAltName=DNS:nas.test.example" 2>"$WORK/err" || fail "no certificate"
USENETSYNC=$USENETSYNC /usr/bin/python3 -B "$PROJECT/tests/e2e/page_tls.py" "$WORK"
