#!/bin/bash
# What the whole way back costs: a share got from our own news server on loopback, large files and
# small ones: wall, CPU of the daemon and of its helper, memory. The table it prints is Markdown for
# docs/performance.md.
#
#   BENCH_MB=2000  of random bytes, and a quarter of it text   BENCH_FILES=20000  small files
#   BENCH_RUNS=3   runs of each kind; the median is told
#   BENCH_OTHER=FILE  another build: it gets the same, in turns, and is told beside this one
MB=${BENCH_MB:-2000}
FILES=${BENCH_FILES:-20000}
RUNS=${BENCH_RUNS:-3}
WORK_NAME=usenetsync-bench
if [ -z "${TMPDIR:-}" ] && [ "$(df -Pm /dev/shm 2>/dev/null | awk 'NR == 2 { print $4 }')" -gt $((MB * 5)) ] &&
    [ "$(awk '/^MemAvailable/ { print int($2 / 1000) }' /proc/meminfo)" -gt $((MB * 5 + 2000)) ]; then
    TMPDIR=/dev/shm
fi
export TMPDIR=${TMPDIR:-/tmp}
. "${PROJECT:?set it to the source folder}/tests/e2e/lib.sh"
TICKS=$(getconf CLK_TCK)

make_sources() {
    mkdir "$WORK/large" "$WORK/small"
    head -c "${MB}000000" /dev/zero |
        openssl enc -aes-256-ctr -K "$(openssl rand -hex 32)" -iv "$(openssl rand -hex 16)" \
            >"$WORK/large/random"
    head -c "$((MB / 4))000000" < <(seq 1000000000) >"$WORK/large/text"
    python3 - "$WORK/small" "$FILES" <<'END'
import os, random, sys
rng = random.Random(1)
for i in range(int(sys.argv[2])):
    folder = os.path.join(sys.argv[1], str(i // 500))
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, f"f{i}"), "wb") as file:
        file.write(rng.randbytes(rng.randrange(200, 6000)))
END
}

# CPU seconds of the daemon and of its helpers, once the last of them is gone.
cpu_of() {
    while [ -n "$(cat "/proc/$1/task/"*/children)" ]; do
        sleep 0.02
    done
    awk -v ticks="$TICKS" '{ sub(/.*\) /, ""); print ($12 + $13 + $14 + $15) / ticks }' "/proc/$1/stat"
}

now() {
    date +%s.%N
}

start_daemon() { # PROGRAM
    rm -rf "${WORK:?}/state" "$WORK/daemon.out"
    "$1" --state "$WORK/state" daemon --foreground >"$WORK/daemon.out" 2>&1 &
    DAEMON_PID=$!
    STARTED+=("$DAEMON_PID")
    wait_for 10 "the daemon" grep -q "daemon ready" "$WORK/daemon.out"
    expect_exit 0 "$1" --state "$WORK/state" server add news --host 127.0.0.1 --port "$NEWSD_PORT" --connections 8
}

share_it() { # KIND
    start_daemon "$USENETSYNC"
    expect_exit 0 "$USENETSYNC" --state "$WORK/state" share "$WORK/$1"
    link_of "$WORK/out" >"$WORK/$1.link"
    kill_pid "$DAEMON_PID"
}

# get_it KIND BUILD PROGRAM: adds "wall cpu rss" to WORK/KIND.BUILD.
get_it() {
    local begin before wall cpu
    start_daemon "$3"
    before=$(cpu_of "$DAEMON_PID")
    begin=$(now)
    expect_exit 0 "$3" --state "$WORK/state" get "$(cat "$WORK/$1.link")" "$WORK/target"
    wall=$(awk -v a="$begin" -v b="$(now)" 'BEGIN { printf "%.2f", b - a }')
    cpu=$(awk -v a="$before" -v b="$(cpu_of "$DAEMON_PID")" 'BEGIN { printf "%.2f", b - a }')
    echo "$wall $cpu $(awk '/^VmHWM/ { printf "%d", $2 / 1024 }' "/proc/$DAEMON_PID/status")" >>"$WORK/$1.$2"
    kill_pid "$DAEMON_PID"
    diff -r "$WORK/$1" "$WORK/target" >"$WORK/out" 2>&1 || fail "what came back is not what was shared"
    rm -rf "$WORK/target"
}

median() { # FILE COLUMN
    cut -d ' ' -f "$2" "$1" | sort -n | awk '{ a[NR] = $1 } END { print a[int((NR + 1) / 2)] }'
}

make_sources
start_newsd "$WORK/spool"
for kind in large small; do
    share_it $kind
    for ((i = 0; i < RUNS; i++)); do
        [ -z "${BENCH_OTHER:-}" ] || get_it $kind other "$BENCH_OTHER"
        get_it $kind this "$USENETSYNC"
    done
done
printf '%s cores of %s, %s; %s MB random and %s MB text, %s small files; medians of %s runs; %s\n\n' "$(nproc)" \
    "$(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1)" "$(uname -sr)" "$MB" $((MB / 4)) \
    "$FILES" "$RUNS" "$(date -u +%Y-%m-%d)"
echo "| got | build | wall s | CPU s | peak RSS MiB | walls |"
echo "|---|---|---|---|---|---|"
for kind in large small; do
    for build in other this; do
        at=$WORK/$kind.$build
        [ ! -e "$at" ] || echo "| $kind | $build | $(median "$at" 1) | $(median "$at" 2) |" \
            "$(median "$at" 3) | $(cut -d ' ' -f 1 "$at" | paste -sd ' ') |"
    done
done
