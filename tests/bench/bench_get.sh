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
ROOM_MB=$((MB * 5))
# shellcheck source=tests/bench/bench_lib.sh
. "${PROJECT:?set it to the source folder}/tests/bench/bench_lib.sh"

make_sources() {
    mkdir "$WORK/large" "$WORK/small"
    make_data random "${MB}000000" "$WORK/large/random"
    make_data text "$((MB / 4))000000" "$WORK/large/text"
    make_data tree "$WORK/small" "$FILES" 0 200 6000
}

begin_anew() { # [PROGRAM]
    rm -rf "${WORK:?}/state"
    start_daemon "$WORK/state" "${1:-$USENETSYNC}"
    expect_exit 0 "${1:-$USENETSYNC}" --state "$WORK/state" server add news --host 127.0.0.1 --port "$NEWSD_PORT" --connections 8
}

share_it() { # KIND
    begin_anew
    expect_exit 0 "$USENETSYNC" --state "$WORK/state" share "$WORK/$1"
    link_of "$WORK/out" >"$WORK/$1.link"
    kill_pid "$DAEMON_PID"
}

# get_it KIND BUILD PROGRAM: adds "wall cpu rss" to WORK/KIND.BUILD.
get_it() {
    local begin before wall cpu
    begin_anew "$3"
    before=$(cpu_of "$DAEMON_PID")
    begin=$(now)
    expect_exit 0 "$3" --state "$WORK/state" get "$(cat "$WORK/$1.link")" "$WORK/target"
    wall=$(difference "$begin" "$(now)")
    cpu=$(difference "$before" "$(cpu_of "$DAEMON_PID")")
    echo "$wall $cpu $(rss_of "$DAEMON_PID")" >>"$WORK/$1.$2"
    kill_pid "$DAEMON_PID"
    diff -r "$WORK/$1" "$WORK/target" >"$WORK/out" 2>&1 || fail "what came back is not what was shared"
    rm -rf "$WORK/target"
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
machine
printf '%s MB random and %s MB text, %s small files; medians of %s runs\n\n' "$MB" $((MB / 4)) "$FILES" "$RUNS"
echo "| got | build | wall s | CPU s | peak RSS MiB | walls |"
echo "|---|---|---|---|---|---|"
for kind in large small; do
    for build in other this; do
        at=$WORK/$kind.$build
        [ ! -e "$at" ] || echo "| $kind | $build | $(median "$at" 1) | $(median "$at" 2) |" \
            "$(median "$at" 3) | $(cut -d ' ' -f 1 "$at" | paste -sd ' ') |"
    done
done
