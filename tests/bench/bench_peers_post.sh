#!/bin/bash
# The whole publish beside what a user would run otherwise: `openssl enc`, PAR2 of 10 %, Nyuu; the same bytes to the
# same discarding server (sink.c), in clear and with TLS, in turns. Ratios as Markdown.
#
#   BENCH_MB=1074   random bytes, one file (1 GiB)   BENCH_RUNS=3   pairs
#
# ParPar is in no registry. Its row is what it took where the other peers were measured, too, scaled by md5's speed here and
# now: where md5 ran at 0.80 GB/s, 4.02 CPU s and 2.18 s for one set of 1 GiB with 10 %; from 3 GB on what a GiB of one set of 4 GiB
# took, 11.3 and 6.15, since its work grows with the square. Debian's par2 is 14 times as dear: it is measured on
# BENCH_PAR2_MB=100 of it, and told, and not part of the pipeline.
MB=${BENCH_MB:-1074}
RUNS=${BENCH_RUNS:-3}
PAR2_MB=${BENCH_PAR2_MB:-100}
ROOM_MB=$((MB * 22 / 10 + PAR2_MB * 2))
MEMORY_MB=$((MB * 27 / 10 + 2000))
# shellcheck source=tests/bench/bench_lib.sh
. "${PROJECT:?set it to the source folder}/tests/bench/bench_lib.sh"
GIB=$(awk -v mb="$MB" 'BEGIN { print mb / 1073.741824 }')
SOURCE=$WORK/source/random

sink_options() { # KIND
    [ "$1" = plain ] || echo --tls-cert "$WORK/cert.pem" --tls-key "$WORK/key.pem"
}

ours() { # KIND
    local server=(--host localhost --connections 10)
    [ "$1" = plain ] || server+=(--tls --tls-ca "$WORK/cert.pem")
    # shellcheck disable=SC2046
    start_sink --keep $((MB * 3 / 2 + 100)) $(sink_options "$1")
    start_daemon "$WORK/state"
    expect_exit 0 "$USENETSYNC" --state "$WORK/state" server add sink --port "$SINK_PORT" "${server[@]}"
    kill_pid "$DAEMON_PID"
    run_ours "ours $1" "$WORK/state" share "$WORK/source"
    link_of "$WORK/out" >/dev/null
    kill_pid "$DAEMON_PID"
    kill_pid "$SINK_PID"
    rm -rf "${WORK:?}/state"
}

# Without its timers, which in version 0.4.0 trip over one another when a server is this fast. What ParPar makes as well is the same tenth of bytes, for Nyuu to post.
peers() { # KIND
    local secure=()
    [ "$1" = plain ] || secure=(-S --ignore-cert)
    run_peer "openssl $1" openssl enc -aes-256-ctr -pbkdf2 -iter 100000 -pass pass:x -in "$SOURCE" -out "$WORK/data.enc"
    note_run "ParPar $1" "$PARPAR_WALL" "$PARPAR_CPU" 203
    # shellcheck disable=SC2046
    start_sink --keep 64 $(sink_options "$1")
    run_peer "Nyuu $1" node "$NYUU" -h 127.0.0.1 -P "$SINK_PORT" "${secure[@]}" -g alt.test -f a@b.c -u u -p p \
        -O -o "$WORK/out.nzb" -q -n 10 -a 768K --timeout 0 --post-timeout 0 "$WORK/data.enc" "$WORK/tenth"
    kill_pid "$SINK_PID"
    rm -f "$WORK/data.enc" "$WORK/out.nzb"
}

measure_par2() {
    local slices=$((PAR2_MB * 1000000 / 786432 + 1))
    mkdir "$WORK/par2"
    head -c "${PAR2_MB}000000" "$SOURCE" >"$WORK/par2/random"
    run_peer "par2" par2 c -q -q -s786432 -c$((slices / 10 + 1)) -t2 -B "$WORK/par2" "$WORK/par2/a.par2" "$WORK/par2/random"
    rm -rf "$WORK/par2"
}

# parpar SMALL LARGE: what it would take here, from what a GiB took.
parpar() {
    awk -v gib="$GIB" -v md5="$MD5" -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", (gib < 2.8 ? a : b) * gib * 0.80 / md5 }'
}

want_programs node openssl par2
[ -f "$NYUU" ] || fail "there is no Nyuu; run tools/setup bench"
make_certificate
mkdir "$WORK/source"
make_data random "${MB}000000" "$SOURCE"
head -c $((MB * 100000)) "$SOURCE" >"$WORK/tenth"
MD5=$(md5_speed)
PARPAR_CPU=$(parpar 4.02 11.3)
PARPAR_WALL=$(parpar 2.18 6.15)
machine
printf '%s MB of random bytes, 10 connections, %s pairs; md5 runs at %s GB/s. All a GiB.\n\n' "$MB" "$RUNS" "$MD5"
for ((run = 0; run < RUNS; run++)); do
    for kind in plain tls; do
        ours $kind
        peers $kind
    done
done
measure_par2
ratios table "ours, plain=ours plain / $GIB" "ours, TLS=ours tls / $GIB" "openssl enc=openssl plain / $GIB" \
    "ParPar 10 %, not run: scaled=ParPar plain / $GIB" "Nyuu, plain=Nyuu plain / $GIB" "Nyuu, TLS=Nyuu tls / $GIB" \
    "the three, plain=openssl plain + ParPar plain + Nyuu plain / $GIB" \
    "the three, TLS=openssl tls + ParPar tls + Nyuu tls / $GIB" \
    "Debian's par2 10 %, of $PAR2_MB MB=par2 / $(awk -v mb="$PAR2_MB" 'BEGIN { print mb / 1073.741824 }')"
echo
echo "| ours / theirs | wall | CPU | peak memory |"
echo "|---|---|---|---|"
compare "publish, plain: openssl + ParPar + Nyuu=ours plain:openssl plain + ParPar plain + Nyuu plain" \
    "publish, TLS: openssl + ParPar + Nyuu=ours tls:openssl tls + ParPar tls + Nyuu tls"
