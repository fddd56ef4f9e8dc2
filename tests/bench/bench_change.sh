#!/bin/bash
# A small change in a large share: BENCH_FILES small files are shared to a discarding server, shared
# again with nothing new, and with BENCH_CHANGES files changed: wall, CPU, articles. Then a first share is
# killed while it sends: how long the daemon's next start takes until the job moves on. Prints Markdown.
#
#   BENCH_FILES=60000   BENCH_CHANGES=100
#   BENCH_TREE=    a tree that page_tree.py made; it stays as it is: changed files are mounted over its
#                  own, which only this script sees (it needs to be root for that)
FILES=${BENCH_FILES:-60000}
CHANGES=${BENCH_CHANGES:-100}
WIDE=$((FILES / 15))
KEPT=4000 # articles the server keeps: all, one in a hundred is read back
if [ -n "${BENCH_TREE:-}" ] && [ -z "${BENCH_OWN_MOUNTS:-}" ]; then
    BENCH_OWN_MOUNTS=1 exec unshare --mount "$0"
fi
WORK_NAME=usenetsync-bench
. "${PROJECT:?set it to the source folder}/tests/e2e/lib.sh"
HERE=$PROJECT/tests/bench
STATE=$WORK/state
TREE=${BENCH_TREE:-$WORK/tree}
TICKS=$(getconf CLK_TCK)

ask() {
    PYTHONPATH=$PROJECT/tests/e2e USENETSYNC=$USENETSYNC PROJECT=$PROJECT /usr/bin/python3 -B "$HERE/change_ask.py" "$@"
}

unu() {
    "$USENETSYNC" --state "$STATE" "$@"
}

# CPU seconds that process $1 has used.
cpu_of() {
    awk -v ticks="$TICKS" '{ sub(/.*\) /, ""); print ($12 + $13) / ticks }' "/proc/$1/stat"
}

# difference A B [FORMAT]: B - A
difference() {
    awk -v a="$1" -v b="$2" -v format="${3:-%.2f}" 'BEGIN { printf format, b - a }'
}

# What the server has counted so far.
articles_now() {
    local before
    before=$(wc -l <"$WORK/sink.out")
    kill -USR1 "$SINK_PID"
    wait_for 10 "the sink's count" sh -c "[ \$(wc -l <'$WORK/sink.out') -gt $before ]"
    tail -n 1 "$WORK/sink.out" | sed 's/^articles=\([0-9]*\) .*/\1/'
}

make_parts() {
    cc -O2 -D_GNU_SOURCE -o "$WORK/sink" "$HERE/sink.c" "$HERE/sink_talk.c" -lssl -lcrypto || fail "the sink does not build"
    [ -d "$TREE" ] || /usr/bin/python3 -B "$HERE/page_tree.py" "$TREE" "$FILES" "$WIDE"
    FILES=$(find "$TREE" | wc -l)
    mkdir "$WORK/new"
    "$WORK/sink" --keep $KEPT >"$WORK/sink.out" &
    SINK_PID=$!
    STARTED+=("$SINK_PID")
    wait_for 10 "the sink" grep -q '^listening' "$WORK/sink.out"
}

start_daemon() {
    rm -f "$WORK/daemon.out"
    "$USENETSYNC" --state "$STATE" daemon --foreground >"$WORK/daemon.out" 2>&1 &
    DAEMON_PID=$!
    STARTED+=("$DAEMON_PID")
    wait_for 10 "the daemon" grep -q "daemon ready" "$WORK/daemon.out"
}

add_server() {
    expect_exit 0 unu server add sink --host 127.0.0.1 --port "$(sed -n 's/^listening .*://p' "$WORK/sink.out")"
}

machine() {
    printf '%s. %s cores of %s, %s, load %s; tree in %s, state in %s. %s entries.\n\n' "$(date -u +'%Y-%m-%d %H:%M UTC')" \
        "$(nproc)" "$(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1)" "$(uname -sr)" \
        "$(cut -d ' ' -f 1-3 /proc/loadavg)" "$TREE" "$WORK" "$FILES"
}

# share_once WHAT JOB: share the tree, tell where the time went, and a row for the table.
share_once() {
    local begin cpu articles
    articles=$(articles_now)
    cpu=$(cpu_of "$DAEMON_PID")
    begin=$(date +%s.%N)
    expect_exit 0 unu share "$TREE" --no-wait
    ask phases "$STATE" "$2" >"$WORK/phases" || fail "the job: $(cat "$WORK/phases")"
    printf '| %s | %s | %s | %s | %s |\n' "$1" "$(difference "$begin" "$(date +%s.%N)")" \
        "$(difference "$cpu" "$(cpu_of "$DAEMON_PID")")" "$(difference "$articles" "$(articles_now)" %d)" \
        "$(awk '/^VmHWM/ { printf "%d", $2 / 1024 }' "/proc/$DAEMON_PID/status")" >>"$WORK/rows"
    printf '%s: %s\n\n' "$1" "$(paste -sd ';' "$WORK/phases")"
}

change_some() {
    if [ -n "${BENCH_TREE:-}" ]; then
        ask cover "$TREE" "$CHANGES" "$WORK/new"
    else
        ask change "$TREE" "$CHANGES" 1
    fi
}

share_and_change() {
    start_daemon
    add_server
    share_once "first" 1
    share_once "nothing new" 2
    change_some
    share_once "$CHANGES changes" 3
    kill_pid "$DAEMON_PID"
    echo "| shared | wall s | daemon's CPU s | articles | its peak memory MiB |"
    echo "|---|---|---|---|---|"
    cat "$WORK/rows"
    echo
}

# A first share, killed once some articles are there.
kill_and_restart() {
    rm -rf "${STATE:?}"
    start_daemon
    add_server
    expect_exit 0 unu share "$TREE" --no-wait
    ask sending "$STATE" 1 10
    kill -9 "$DAEMON_PID"
    wait "$DAEMON_PID" 2>/dev/null || true
    ask restart "$STATE" "$USENETSYNC" 1 >"$WORK/restart"
    cat "$WORK/restart"
    DAEMON_PID=$(sed -n 's/^pid //p' "$WORK/restart")
    STARTED+=("$DAEMON_PID")
    kill_pid "$DAEMON_PID"
}

make_parts
machine
share_and_change
kill_and_restart
