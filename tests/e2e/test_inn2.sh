#!/bin/bash
# heavy: two times 256 MB through a strict real server.
# A folder goes out through INN2, with login, in clear and over TLS, and the link alone brings it
# back. The server keeps INN's default article limit of 1,000,000 bytes.
. "$PROJECT/tests/e2e/lib.sh"

# make_tree DIR: 256 MB that do not compress, and the usual small change of a real folder.
make_tree() {
    local i
    mkdir -p "$1/deep/er" "$1/empty folder"
    for i in 1 2 3; do
        openssl rand -out "$1/big$i.bin" 80000000
    done
    openssl rand -out "$1/deep/er/odd" 15999999
    for ((i = 0; i < 300; i++)); do
        printf 'small file %d\n' $i >"$1/deep/$i.txt"
    done
    seq 1 400000 >"$1/deep/compresses.txt"
    : >"$1/empty"
    ln -s ../big1.bin "$1/deep/link"
    ln -s nowhere "$1/dangling"
    printf x >"$1/$(printf 'not\377utf8')"
    chmod 750 "$1/deep"
    chmod 400 "$1/big1.bin"
    touch -d '1999-12-31 23:59:59.123456789' "$1/big2.bin"
    touch -h -d '2001-02-03 04:05:06.000000007' "$1/dangling"
    touch -d '2010-01-01 00:00:00.5' "$1/deep/er" "$1/empty folder"
}

# through NAME PORT [server option...]: share SOURCE, then get it with nothing but the link.
through() {
    local name=$1 port=$2 link
    shift 2
    local server=(--host localhost --port "$port" --user tester --connections 4
        --password-file "$WORK/inn.password" --group alt.binaries.test "$@")
    note "$name: share"
    expect_exit 0 "$USENETSYNC" --state "$WORK/$name.out" server add inn "${server[@]}"
    expect_exit 0 "$USENETSYNC" --state "$WORK/$name.out" share "$WORK/source"
    link=$(link_of "$WORK/out")
    stop_daemons "$WORK/$name.out"
    rm -rf "${WORK:?}/$name.out"

    note "$name: get"
    expect_exit 0 "$USENETSYNC" --state "$WORK/$name.in" server add inn "${server[@]}"
    echo "$link" >"$WORK/link"
    expect_exit 0 "$USENETSYNC" --state "$WORK/$name.in" get - "$WORK/$name.target" <"$WORK/link"
    same_tree "$WORK/source" "$WORK/$name.target"
    stop_daemons "$WORK/$name.in"
    chmod -R u+rwx "$WORK/$name.target"
    rm -rf "${WORK:?}/$name.target"
}

make_tree "$WORK/source"
start_inn inn 1000000
through plain "$INN_PORT"
through tls "$INN_TLS_PORT" --tls --tls-ca "$WORK/inn.pem"
[ "$(find "$WORK/inn/spool/articles" -type f | wc -l)" -ge 600 ] || fail "INN holds too few articles"
note "256 MB came back twice, byte for byte"
