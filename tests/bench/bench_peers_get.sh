#!/bin/bash
# The way back beside nzbget: `get` of a share, and nzbget with an NZB of the same random bytes as Nyuu posted them, from the same server
# (our newsd) over 10 connections, in clear and with TLS, in turns. Ratios as Markdown. Two sizes: nzbget needs about a second to
# start and to end, so the difference of the two tells what a further GiB costs.
#
#   BENCH_MB="1074 3221"   BENCH_RUNS=3   pairs of each
#
# Ours finds the head, decrypts and checks every byte; nzbget decodes yEnc and checks its CRC.
read -ra SIZES <<<"${BENCH_MB:-1074 3221}"
RUNS=${BENCH_RUNS:-3}
ROOM_MB=$((SIZES[-1] * 43 / 10))
# shellcheck source=tests/bench/bench_lib.sh
. "${PROJECT:?set it to the source folder}/tests/bench/bench_lib.sh"

begin_server() { # plain|tls
    local options=()
    [ "$1" = plain ] || options=(--tls-cert "$WORK/cert.pem" --tls-key "$WORK/key.pem")
    start_newsd "$WORK/spool" "${options[@]}"
    SERVER=(--host localhost --port "$NEWSD_PORT" --connections 10)
    [ "$1" = plain ] || SERVER+=(--tls --tls-ca "$WORK/cert.pem")
}

add_server() {
    rm -rf "${WORK:?}/state"
    start_daemon "$WORK/state"
    expect_exit 0 "$USENETSYNC" --state "$WORK/state" server add news "${SERVER[@]}"
    kill_pid "$DAEMON_PID"
}

# The same bytes, our way and Nyuu's. Ours goes without parity as far as it may: nzbget's has none.
post_both() { # MB
    rm -rf "$WORK/source" "$WORK/spool"
    mkdir "$WORK/source"
    make_data random "${1}000000" "$WORK/source/random"
    SUM=$(md5sum <"$WORK/source/random")
    begin_server plain
    add_server
    expect_exit 0 "$USENETSYNC" --state "$WORK/state" share --redundancy lean "$WORK/source"
    link_of "$WORK/out" >"$WORK/link"
    kill_pid "$(daemons_of "$WORK/state" | head -n 1)"
    node "$NYUU" -h 127.0.0.1 -P "$NEWSD_PORT" -g alt.test -f a@b.c -O -o "$WORK/a.nzb" -q -n 10 -a 768K \
        --timeout 0 --post-timeout 0 "$WORK/source/random" >"$WORK/out" 2>"$WORK/err" || fail "Nyuu"
    kill_pid "$NEWSD_PID"
    rm -rf "$WORK/source"
}

expect_same() { # FILE
    [ "$(md5sum <"$1")" = "$SUM" ] || fail "$1 is not what was posted"
}

ours() { # NAME
    add_server
    run_ours "$1" "$WORK/state" get "$(cat "$WORK/link")" "$WORK/target"
    kill_pid "$DAEMON_PID"
    expect_same "$(find "$WORK/target" -name random)"
    rm -rf "$WORK/target"
}

theirs() { # NAME no|yes
    local main=$WORK/nzbget
    rm -rf "$main"
    mkdir "$main"
    run_peer "$1" nzbget -n -o MainDir="$main" -o DestDir="$main/dst" -o InterDir="$main/inter" -o QueueDir="$main/queue" \
        -o TempDir="$main/tmp" -o LockFile="$main/lock" -o WriteLog=none -o Server1.Host=localhost -o Server1.Port="$NEWSD_PORT" \
        -o Server1.Username= -o Server1.Password= -o Server1.Encryption="$2" -o Server1.Connections=10 -o CertCheck=no \
        -o ArticleCache=200 -o DirectWrite=yes -o WriteBuffer=1024 -o CrcCheck=yes -o ParCheck=manual -o Unpack=no \
        -o OutputMode=log "$WORK/a.nzb"
    expect_same "$(find "$main/dst" -type f -size +1M | head -n 1)"
    rm -rf "$main"
}

want_programs nzbget node
[ -f "$NYUU" ] || fail "there is no Nyuu; run tools/setup bench"
make_certificate
machine
printf '%s MB of random bytes, %s pairs of each.\n\n' "${SIZES[*]}" "$RUNS"
for mb in "${SIZES[@]}"; do
    post_both "$mb"
    for kind in plain tls; do
        begin_server $kind
        for ((run = 0; run < RUNS; run++)); do
            ours "ours $kind $mb"
            theirs "nzbget $kind $mb" "$([ $kind = plain ] && echo no || echo yes)"
        done
        kill_pid "$NEWSD_PID"
    done
done
ROWS=()
PAIRS=()
for kind in plain tls; do
    for mb in "${SIZES[@]}"; do
        ROWS+=("ours, $kind, $mb MB=ours $kind $mb" "nzbget, $kind, $mb MB=nzbget $kind $mb")
        PAIRS+=("get, $kind, $mb MB: nzbget=ours $kind $mb:nzbget $kind $mb")
    done
    if [ ${#SIZES[@]} -gt 1 ]; then
        GIB=$(awk -v a="${SIZES[0]}" -v b="${SIZES[-1]}" 'BEGIN { print (b - a) / 1073.741824 }')
        ROWS+=("ours, $kind, a further GiB=ours $kind ${SIZES[-1]} - ours $kind ${SIZES[0]} / $GIB"
            "nzbget, $kind, a further GiB=nzbget $kind ${SIZES[-1]} - nzbget $kind ${SIZES[0]} / $GIB")
    fi
done
ratios table "${ROWS[@]}"
echo
echo "| ours / theirs | wall | CPU | peak memory |"
echo "|---|---|---|---|"
compare "${PAIRS[@]}"
