#!/bin/bash
# newsd is a news server for anybody: nzbget, which knows nothing of us, downloads by NZB what a plain
# poster put there; with a login, in clear and over TLS.
. "${PROJECT:?set it to the source folder}/tests/e2e/lib.sh"
command -v nzbget >/dev/null || fail "there is no nzbget; tools/setup test installs it"
SEGMENT=500000
CONNECTIONS=4

make_certificate() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
        -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 \
        -keyout "$WORK/key.pem" -out "$WORK/cert.pem" 2>"$WORK/err" || fail "no certificate"
}

# fetch NAME ENCRYPTION PASSWORD [SECONDS]: nzbget's words go to WORK/NAME.log, its files to WORK/NAME.
fetch() {
    local main=$WORK/$1
    local options=(MainDir="$main" DestDir="$main/done" InterDir="$main/part" QueueDir="$main/queue"
        TempDir="$main/tmp" ScriptDir="$main/scripts" LockFile= LogFile="$main.nzbget"
        WriteLog=append OutputMode=log ControlIP=127.0.0.1 ControlPort="$(free_port)"
        Server1.Active=yes Server1.Host=localhost Server1.Port="$NEWSD_PORT"
        Server1.Username=reader Server1.Password="$3" Server1.Encryption="$2"
        Server1.Connections=$CONNECTIONS CertCheck=yes CertStore="$WORK/cert.pem" CrcCheck=yes
        ArticleRetries=1 ArticleInterval=1 ArticleTimeout=20 HealthCheck=none ParCheck=manual
        ParRename=no RarRename=no Unpack=no DirectRename=no)
    mkdir -p "$main"
    timeout "${4:-120}" nzbget --noconfig "${options[@]/#/--option=}" "$WORK/$1.nzb" >"$main.log" 2>&1
}

# through NAME CA|- ENCRYPTION newsd-option...: post, fetch, compare.
through() {
    local name=$1 ca=$2 encryption=$3 file found
    shift 3
    file=$WORK/$name.bin
    openssl rand -out "$file" 1234567
    start_newsd "$WORK/spool.$name" --user reader --password-file "$WORK/password" "$@"
    expect_exit 0 "$PROJECT/tests/e2e/newsd_post.py" localhost "$NEWSD_PORT" "$ca" reader \
        "$WORK/password" "$file" "$WORK/$name.nzb" $SEGMENT
    fetch "$name" "$encryption" "$(cat "$WORK/password")" || fail "nzbget: $(tail -5 "$WORK/$name.log")"
    found=$(find "$WORK/$name/done" -name "$name.bin")
    [ -n "$found" ] || fail "nzbget brought nothing: $(tail -5 "$WORK/$name.log")"
    cmp "$file" "$found" || fail "nzbget brought other bytes"
    note "$name: $(stat -c %s "$found") bytes by nzbget, in $(grep -c '<segment ' "$WORK/$name.nzb") segments"
}

# The way back must be shut without the password, or the test above shows nothing about logins.
refuse_wrong_password() {
    cp "$WORK/plain.nzb" "$WORK/wrong.nzb"
    fetch wrong no "not the password" 10 || true # it would try for ever
    grep -q "Authorization.*failed" "$WORK/wrong.log" || fail "nzbget says nothing of a login: $(tail -5 "$WORK/wrong.log")"
    [ -z "$(find "$WORK/wrong/done" -name plain.bin 2>/dev/null)" ] || fail "nzbget came in without the password"
    note "a wrong password: nothing"
}

secret_file "$WORK/password" "$(openssl rand -hex 12)"
make_certificate
through plain - no
refuse_wrong_password
through tls "$WORK/cert.pem" yes --tls-cert "$WORK/cert.pem" --tls-key "$WORK/key.pem"
