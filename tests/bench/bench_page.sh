#!/bin/bash
# The web page's side of the daemon at size: a share of BENCH_FILES small files, BENCH_WIDE of them in one
# folder. How long each answer of the API takes, while it shares and afterwards; the daemon's start and
# memory; what progress costs; the browser's memory over the wide folder. Prints Markdown.
#
#   BENCH_FILES=3000000   BENCH_WIDE=200000   BENCH_JOBS=10000  jobs of a made-up history
#   BENCH_MB=2000  random bytes whose sharing is watched, for the cost of progress
#   BENCH_TREE=    a tree of `make_data tree`; it stays
#
# 3 million files need 12 GB and as many inodes below TMPDIR, and about ten minutes.
FILES=${BENCH_FILES:-3000000}
WIDE=${BENCH_WIDE:-200000}
JOBS=${BENCH_JOBS:-10000}
MB=${BENCH_MB:-2000}
SAMPLES_A_SECOND=499
TMPDIR=${TMPDIR:-/tmp} ROOM_MB=0
# shellcheck source=tests/bench/bench_lib.sh
. "${PROJECT:?set it to the source folder}/tests/bench/bench_lib.sh"
STATE=$WORK/state
TREE=${BENCH_TREE:-$WORK/tree}

ask() {
    PYTHONPATH=$PROJECT/tests/e2e USENETSYNC=$USENETSYNC PROJECT=$PROJECT /usr/bin/python3 -B "$HERE/page_ask.py" "$@"
}

unu() {
    "$USENETSYNC" --state "$STATE" "$@"
}

# memory_of PID: what it holds and has held at most, in MiB
memory_of() {
    awk '/^VmHWM/ { most = $2 } /^VmRSS/ { now = $2 } END { printf "%d MiB now, %d MiB at most", now / 1024, most / 1024 }' \
        "/proc/$1/status"
}

make_parts() {
    [ -d "$TREE" ] || make_data tree "$TREE" "$FILES" "$WIDE"
    FILES=$(find "$TREE" | wc -l)
    start_sink --keep 3000
}

share_tree() {
    local begin
    start_daemon "$STATE"
    expect_exit 0 unu server add sink --host 127.0.0.1 --port "$SINK_PORT"
    begin=$(now)
    expect_exit 0 unu share "$TREE" --no-wait
    ask during "$STATE" "$TREE" 1
    printf '\nshared after %s s and %s CPU s; daemon: %s; catalogue %s MB\n\n' "$(difference "$begin" "$(now)")" \
        "$(cpu_of "$DAEMON_PID")" "$(memory_of "$DAEMON_PID")" \
        "$(du -cm "$STATE"/catalogue* | awk 'END { print $1 }')"
    begin=$(now)
    expect_exit 0 unu share "$TREE" --no-wait
    ask during "$STATE" "$TREE" 2
    printf '\nshared again, nothing new, after %s s\n\n' "$(difference "$begin" "$(now)")"
    kill_pid "$DAEMON_PID"
}

ask_all() {
    /usr/bin/python3 -B "$HERE/page_history.py" "$STATE/catalogue.db" "$JOBS"
    ask first "$STATE" "$USENETSYNC" >"$WORK/first"
    cat "$WORK/first"
    DAEMON_PID=$(sed -n 's/^pid //p' "$WORK/first")
    STARTED+=("$DAEMON_PID")
    wait_for 600 "the catalogue's check" grep -q "catalogue checked" "$STATE/started.log"
    printf '\nafter the check of the catalogue: %s\n\n' "$(memory_of "$DAEMON_PID")"
    ask routes "$STATE" "$TREE" 1
    printf '\nthen: %s\n\n' "$(memory_of "$DAEMON_PID")"
}

# The wide folder scrolled from end to end in a browser, if the packages of its tests are there.
scroll() {
    if [ -d "$PROJECT/web/node_modules/playwright-core" ]; then
        WORK=$WORK STATE=$STATE TREE=$TREE node "$HERE/page_rows.mjs" || fail "page_rows.mjs"
    else
        echo "(no web/node_modules: the browser is left out)"
    fi
    echo
    kill_pid "$DAEMON_PID"
}

# share_random watched|alone [PROFILE]: "wall cpu" of sharing BENCH_MB random bytes, into WORK/cost
share_random() {
    local kind=$1 profile=${2:-} watcher= perf_pid= before begin
    rm -rf "${STATE:?}"
    start_daemon "$STATE"
    expect_exit 0 unu server add sink --host 127.0.0.1 --port "$SINK_PORT"
    if [ "$kind" = watched ]; then
        ask watch "$STATE" >"$WORK/watch.out" &
        watcher=$!
        STARTED+=("$watcher")
        wait_for 10 "the watcher" grep -q watching "$WORK/watch.out"
    fi
    if [ -n "$profile" ]; then
        perf record -q -o "$WORK/perf.data" -F $SAMPLES_A_SECOND -e cpu-clock --call-graph dwarf,4096 -p "$DAEMON_PID" \
            >/dev/null 2>"$WORK/perf.err" &
        perf_pid=$!
        sleep 1
    fi
    before=$(cpu_of "$DAEMON_PID")
    begin=$(now)
    if [ "$kind" = watched ]; then
        expect_exit 0 unu share "$WORK/random"
    else
        expect_exit 0 unu share "$WORK/random" --no-wait
        expect_exit 0 ask wait "$STATE" 1
    fi
    echo "$(difference "$begin" "$(now)") $(difference "$before" "$(cpu_of "$DAEMON_PID")")" >"$WORK/cost"
    if [ -n "$profile" ]; then
        kill -INT "$perf_pid"
        wait "$perf_pid" || true
        perf script -i "$WORK/perf.data" --no-inline -F comm,ip,sym,dso >"$profile" 2>/dev/null
        rm -f "$WORK/perf.data"
    fi
    [ -z "$watcher" ] || kill_pid "$watcher"
    kill_pid "$DAEMON_PID"
}

progress_cost() {
    local run kind
    mkdir "$WORK/random"
    make_data random "${MB}000000" "$WORK/random/file"
    echo "| sharing $MB MB of random bytes | wall s | daemon's CPU s |"
    echo "|---|---|---|"
    for run in 1 2 3; do
        for kind in alone watched; do
            share_random $kind
            echo "| $kind, run $run | $(sed 's/ / | /' "$WORK/cost") |"
        done
    done
    echo
    if command -v perf >/dev/null; then
        share_random watched "$WORK/samples"
        # shellcheck disable=SC2046 # two words
        /usr/bin/python3 -B "$HERE/page_cost.py" $(cat "$WORK/cost") "$WORK/samples"
    fi
}

make_parts
machine
printf '%s entries, %s in one folder.\n\n' "$FILES" "$WIDE"
share_tree
ask_all
scroll
progress_cost
