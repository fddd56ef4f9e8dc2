#!/bin/bash
# What the whole path out costs: random data shared to a discarding server (sink.c) on loopback, in
# clear and with TLS: wall, CPU of the daemon, memory, and CPU seconds a GB by part where perf is there
# (Debian: linux-perf). The table it prints is Markdown for docs/performance.md.
#
#   BENCH_MB=4000  how much is shared      BENCH_RUNS=3  runs of each kind; the median is told
#   BENCH_CONNECTIONS=10                   BENCH_DELAY=0  ms that the server waits before each 240
MB=${BENCH_MB:-4000}
RUNS=${BENCH_RUNS:-3}
CONNECTIONS=${BENCH_CONNECTIONS:-10}
DELAY=${BENCH_DELAY:-0}
SAMPLES_A_SECOND=499
# What the sink keeps is memory, too.
ROOM_MB=$((MB + 3000))
MEMORY_MB=$((MB * 5 / 2 + 3000))
# shellcheck source=tests/bench/bench_lib.sh
. "${PROJECT:?set it to the source folder}/tests/bench/bench_lib.sh"
STATE=$WORK/state

gigabytes() {
    awk -v mb="$MB" 'BEGIN { print mb / 1000 }'
}

make_parts() {
    make_certificate
    mkdir "$WORK/source"
    make_data random "${MB}000000" "$WORK/source/random"
}

# run_once plain|tls [PROFILE]: adds "wall cpu rss_mib sink_cpu" to WORK/<kind>.runs, or, with
# PROFILE, writes the samples there.
run_once() {
    local kind=$1 profile=${2:-} begin before wall cpu rss perf_pid=
    # all is kept: one in a hundred is read back
    local server=(--host localhost --connections "$CONNECTIONS") sink=(--delay "$DELAY" --keep $((MB * 3 / 2 + 100)))
    if [ "$kind" = tls ]; then
        server+=(--tls --tls-ca "$WORK/cert.pem")
        sink+=(--tls-cert "$WORK/cert.pem" --tls-key "$WORK/key.pem")
    fi
    start_sink "${sink[@]}"
    start_daemon "$STATE"
    expect_exit 0 "$USENETSYNC" --state "$STATE" server add sink --port "$SINK_PORT" "${server[@]}"
    if [ -n "$profile" ]; then
        perf record -q -o "$WORK/perf.data" -F $SAMPLES_A_SECOND -e cpu-clock \
            --call-graph dwarf,4096 -p "$DAEMON_PID" >/dev/null 2>"$WORK/perf.err" &
        perf_pid=$!
        sleep 1
    fi
    before=$(cpu_of "$DAEMON_PID")
    begin=$(now)
    expect_exit 0 timeout 600 "$USENETSYNC" --state "$STATE" share "$WORK/source"
    wall=$(difference "$begin" "$(now)")
    cpu=$(difference "$before" "$(cpu_of "$DAEMON_PID")")
    link_of "$WORK/out" >/dev/null
    if [ -n "$profile" ]; then
        kill -INT "$perf_pid"
        wait "$perf_pid" || true
        perf script -i "$WORK/perf.data" --no-inline -F comm,ip,sym,dso >"$profile" 2>/dev/null
        rm -f "$WORK/perf.data"
    fi
    rss=$(rss_of "$DAEMON_PID")
    kill_pid "$DAEMON_PID"
    kill_pid "$SINK_PID"
    [ -n "$profile" ] ||
        echo "$wall $cpu $rss $(sed -n 's/.*cpu=//p' "$WORK/sink.out")" >>"$WORK/$kind.runs"
    rm -rf "${STATE:?}"
}

table() {
    local kind
    echo "| run | wall s | MB/s | CPU s | CPU s a GB | peak RSS MiB | sink's CPU s |"
    echo "|---|---|---|---|---|---|---|"
    for kind in plain tls; do
        awk -v kind=$kind -v wall="$(median "$WORK/$kind.runs" 1)" -v cpu="$(median "$WORK/$kind.runs" 2)" -v rss="$(median "$WORK/$kind.runs" 3)" \
            -v sink="$(median "$WORK/$kind.runs" 4)" -v mb="$MB" 'BEGIN {
                printf "| %s | %.2f | %d | %.2f | %.2f | %d | %.2f |\n",
                    kind, wall, mb / wall, cpu, cpu * 1000 / mb, rss, sink }'
    done
    for kind in plain tls; do
        echo "runs, $kind (wall CPU RSS sink): $(paste -sd ';' "$WORK/$kind.runs")"
    done
}

# The peers that every machine has, in the same minutes: what encrypting alone costs, and the loops
# by which figures of other machines can be scaled.
peers() {
    local name
    (
        TIMEFORMAT='| openssl enc -aes-256-ctr of the same data, to nowhere | %R s wall, %U + %S CPU s |'
        time openssl enc -aes-256-ctr -K "$(openssl rand -hex 32)" -iv "$(openssl rand -hex 16)" \
            -in "$WORK/source/random" -out /dev/null
    ) 2>&1
    for name in md5 chacha20-poly1305 aes-256-gcm blake2b512; do
        openssl speed -seconds 2 -bytes 786432 -evp $name 2>/dev/null |
            awk -v name=$name 'END { printf "| openssl speed -evp %s, 786432 bytes | %.2f GB/s |\n", name, $NF / 1e6 }'
    done
}

profile() {
    local kind
    [ -z "${BENCH_NOPROFILE:-}" ] && command -v perf >/dev/null || {
        echo "(no perf here: no table of parts)"
        return
    }
    for kind in plain tls; do
        run_once $kind "$WORK/$kind.samples"
    done
    "$HERE/path_parts.py" "$(gigabytes)" "plain=$WORK/plain.samples=$(median "$WORK/plain.runs" 2)" \
        "TLS=$WORK/tls.samples=$(median "$WORK/tls.runs" 2)"
}

make_parts
machine
printf 'Share of %s MB of random bytes, %s connections, 240 after %s ms, medians of %s runs.\n\n' \
    "$MB" "$CONNECTIONS" "$DELAY" "$RUNS"
for ((run = 0; run < RUNS; run++)); do
    run_once plain
    run_once tls
done
table
echo
profile
echo
echo "| beside it | |"
echo "|---|---|"
peers
