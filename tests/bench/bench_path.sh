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
WORK_NAME=usenetsync-bench
# Data and state on tmpfs when it fits, and what the sink keeps of it too, with 3 GB to spare.
if [ "$(df -Pm /dev/shm 2>/dev/null | awk 'NR == 2 { print $4 }')" -gt $((MB + 3000)) ] &&
    [ "$(awk '/^MemAvailable/ { print int($2 / 1000) }' /proc/meminfo)" -gt $((MB * 5 / 2 + 3000)) ]; then
    TMPDIR=/dev/shm
fi
export TMPDIR=${TMPDIR:-/tmp}
. "${PROJECT:?set it to the source folder}/tests/e2e/lib.sh"
HERE=$PROJECT/tests/bench
TICKS=$(getconf CLK_TCK)

gigabytes() {
    awk -v mb="$MB" 'BEGIN { print mb / 1000 }'
}

make_parts() {
    cc -O2 -D_GNU_SOURCE -o "$WORK/sink" "$HERE/sink.c" "$HERE/sink_talk.c" -lssl -lcrypto ||
        fail "the sink does not build"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
        -subj /CN=localhost -addext subjectAltName=DNS:localhost \
        -keyout "$WORK/key.pem" -out "$WORK/cert.pem" 2>"$WORK/err" || fail "no certificate"
    mkdir "$WORK/source"
    head -c "${MB}000000" /dev/zero |
        openssl enc -aes-256-ctr -K "$(openssl rand -hex 32)" -iv "$(openssl rand -hex 16)" \
            >"$WORK/source/random"
}

# CPU seconds that process $1 has used.
cpu_of() {
    awk -v ticks="$TICKS" '{ sub(/.*\) /, ""); print ($12 + $13) / ticks }' "/proc/$1/stat"
}

now() {
    date +%s.%N
}

start_sink() {
    rm -f "$WORK/sink.out" # or the last one's port is read
    "$WORK/sink" --keep $((MB * 3 / 2 + 100)) "$@" >"$WORK/sink.out" & # all: one in a hundred is read back
    SINK_PID=$!
    STARTED+=("$SINK_PID")
    wait_for 10 "the sink" grep -q '^listening' "$WORK/sink.out"
    SINK_PORT=$(sed -n 's/^listening .*://p' "$WORK/sink.out")
}

start_daemon() {
    rm -f "$WORK/daemon.out"
    "$USENETSYNC" --state "$WORK/state" daemon --foreground >"$WORK/daemon.out" 2>&1 &
    DAEMON_PID=$!
    STARTED+=("$DAEMON_PID")
    wait_for 10 "the daemon" grep -q "daemon ready" "$WORK/daemon.out" # a command would start another
}

# run_once plain|tls [PROFILE]: adds "wall cpu rss_mib sink_cpu" to WORK/<kind>.runs, or, with
# PROFILE, writes the samples there.
run_once() {
    local kind=$1 profile=${2:-} begin before wall cpu perf_pid=
    local server=(--host localhost --connections "$CONNECTIONS") sink=(--delay "$DELAY")
    if [ "$kind" = tls ]; then
        server+=(--tls --tls-ca "$WORK/cert.pem")
        sink+=(--tls-cert "$WORK/cert.pem" --tls-key "$WORK/key.pem")
    fi
    start_sink "${sink[@]}"
    start_daemon
    expect_exit 0 "$USENETSYNC" --state "$WORK/state" server add sink --port "$SINK_PORT" "${server[@]}"
    if [ -n "$profile" ]; then
        perf record -q -o "$WORK/perf.data" -F $SAMPLES_A_SECOND -e cpu-clock \
            --call-graph dwarf,4096 -p "$DAEMON_PID" >/dev/null 2>"$WORK/perf.err" &
        perf_pid=$!
        sleep 1
    fi
    before=$(cpu_of "$DAEMON_PID")
    begin=$(now)
    expect_exit 0 timeout 600 "$USENETSYNC" --state "$WORK/state" share "$WORK/source"
    wall=$(awk -v a="$begin" -v b="$(now)" 'BEGIN { printf "%.2f", b - a }')
    cpu=$(awk -v a="$before" -v b="$(cpu_of "$DAEMON_PID")" 'BEGIN { printf "%.2f", b - a }')
    link_of "$WORK/out" >/dev/null
    if [ -n "$profile" ]; then
        kill -INT "$perf_pid"
        wait "$perf_pid" || true
        perf script -i "$WORK/perf.data" --no-inline -F comm,ip,sym,dso >"$profile" 2>/dev/null
        rm -f "$WORK/perf.data"
    fi
    local rss
    rss=$(awk '/^VmHWM/ { printf "%d", $2 / 1024 }' "/proc/$DAEMON_PID/status")
    kill_pid "$DAEMON_PID"
    kill_pid "$SINK_PID"
    [ -n "$profile" ] ||
        echo "$wall $cpu $rss $(sed -n 's/.*cpu=//p' "$WORK/sink.out")" >>"$WORK/$kind.runs"
    rm -rf "${WORK:?}/state"
}

# median KIND COLUMN
median() {
    cut -d ' ' -f "$2" "$WORK/$1.runs" | sort -n | awk '{ a[NR] = $1 } END { print a[int((NR + 1) / 2)] }'
}

machine() {
    printf 'Machine: %s cores of %s, %s, %d MB memory, load %s; data in %s.\n' "$(nproc)" \
        "$(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1)" "$(uname -sr)" \
        "$(awk '/^MemTotal/ { print int($2 / 1000) }' /proc/meminfo)" "$(cut -d ' ' -f 1-3 /proc/loadavg)" \
        "$TMPDIR"
    printf 'Date: %s. %s. Share of %s MB of random bytes, %s connections, 240 after %s ms, medians of %s runs.\n\n' \
        "$(date -u +'%Y-%m-%d %H:%M UTC')" "$("$USENETSYNC" version | head -n 1)" "$MB" "$CONNECTIONS" "$DELAY" "$RUNS"
}

table() {
    local kind
    echo "| run | wall s | MB/s | CPU s | CPU s a GB | peak RSS MiB | sink's CPU s |"
    echo "|---|---|---|---|---|---|---|"
    for kind in plain tls; do
        awk -v kind=$kind -v wall="$(median $kind 1)" -v cpu="$(median $kind 2)" -v rss="$(median $kind 3)" \
            -v sink="$(median $kind 4)" -v mb="$MB" 'BEGIN {
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
    "$HERE/path_parts.py" "$(gigabytes)" "plain=$WORK/plain.samples=$(median plain 2)" \
        "TLS=$WORK/tls.samples=$(median tls 2)"
}

make_parts
machine
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
