#!/bin/bash
# A small change in a large share: BENCH_FILES small files are shared to a discarding server, shared
# again with nothing new, and with BENCH_CHANGES files changed: wall, CPU, articles. Then a first share is
# killed while it sends: how long the daemon's next start takes until the job moves on. Prints Markdown.
#
#   BENCH_FILES=60000   BENCH_CHANGES=100
#   BENCH_TREE=    a tree that make_data made; it stays as it is: changed files are mounted over its
#                  own, which only this script sees (it needs to be root for that)
ROOM_MB=2000
FILES=${BENCH_FILES:-60000}
CHANGES=${BENCH_CHANGES:-100}
if [ -n "${BENCH_TREE:-}" ] && [ -z "${BENCH_OWN_MOUNTS:-}" ]; then
    BENCH_OWN_MOUNTS=1 exec unshare --mount "$0"
fi
. "${PROJECT:?set it to the source folder}/tests/bench/bench_lib.sh"
STATE=$WORK/state
TREE=${BENCH_TREE:-$WORK/tree}
export PYTHONPATH=$PROJECT/tests/e2e

ask() {
    /usr/bin/python3 -B "$HERE/change_ask.py" "$@"
}

unu() {
    "$USENETSYNC" --state "$STATE" "$@"
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
    [ -d "$TREE" ] || make_data tree "$TREE" "$FILES" $((FILES / 15))
    FILES=$(find "$TREE" | wc -l)
    mkdir "$WORK/new"
    start_sink --keep 4000 # all: one in a hundred is read back
}

add_server() {
    expect_exit 0 unu server add sink --host 127.0.0.1 --port "$SINK_PORT"
}

# share_once WHAT JOB: share the tree, tell where the time went, and a row for the table.
share_once() {
    local begin cpu articles
    articles=$(articles_now)
    cpu=$(cpu_of "$DAEMON_PID")
    begin=$(now)
    expect_exit 0 unu share "$TREE" --no-wait
    ask phases "$STATE" "$2" >"$WORK/phases" || fail "the job: $(cat "$WORK/phases")"
    printf '| %s | %s | %s | %s | %s |\n' "$1" "$(difference "$begin" "$(now)")" \
        "$(difference "$cpu" "$(cpu_of "$DAEMON_PID")")" "$(($(articles_now) - articles))" \
        "$(rss_of "$DAEMON_PID")" >>"$WORK/rows"
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
    start_daemon "$STATE"
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
    start_daemon "$STATE"
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
printf '%s entries in %s.\n\n' "$FILES" "$TREE"
share_and_change
kill_and_restart
