#!/bin/bash
# Sharing what is large to a discarding server: BENCH_TB of bytes that a library makes up (made_up_bytes.c) in
# BENCH_FILES sparse files, for BENCH_MINUTES; in the middle the daemon is killed and started again.
# Then the catalogue is made to say that so many percent were sent (large_sent.c), and it goes on from there.
# Does anything grow? CPU seconds a GB and a file, memory, catalogue, answers of the API: tables, and curves.
#
#   BENCH_FILES=3000000   BENCH_TB=20   BENCH_MINUTES=30   BENCH_EVERY=10  seconds between two looks
#   BENCH_LATE="25 50 75 99"  percent   BENCH_LATE_SECONDS=120  for each of them
#   BENCH_TREE=   a tree that large_tree.py made; it stays
#   BENCH_ROWS=   where what was seen is left (a line of JSON for each look)   BENCH_SVG=  where the curves go
#
# 3 million sparse files need as many inodes and 0.3 GB below TMPDIR, and three minutes to be made; the catalogue grows to 1.5 GB.
FILES=${BENCH_FILES:-3000000}
TB=${BENCH_TB:-20}
MINUTES=${BENCH_MINUTES:-30}
ROOM_MB=3000
export TMPDIR=${TMPDIR:-/tmp} # not the memory that is measured
. "${PROJECT:?set it to the source folder}/tests/bench/bench_lib.sh"
STATE=$WORK/state
TREE=$(realpath -m "${BENCH_TREE:-$WORK/tree}")
ROWS=$(realpath -m "${BENCH_ROWS:-$WORK/rows}")
SVG=${BENCH_SVG:-$WORK}
LARGE_SENT=$(dirname "$USENETSYNC")/large_sent
export PYTHONPATH=$PROJECT/tests/e2e MADE_UP_BELOW=$TREE

look() {
    /usr/bin/python3 -B "$HERE/large_watch.py" "$@"
}

# Below TREE the daemon sees bytes where there are none.
with_bytes() {
    LD_PRELOAD=$WORK/made_up_bytes.so "$@"
}

make_parts() {
    [ -x "$LARGE_SENT" ] || fail "there is no $LARGE_SENT; make bench builds it"
    cc -O3 -D_GNU_SOURCE -shared -fPIC -o "$WORK/made_up_bytes.so" "$HERE/made_up_bytes.c" -ldl || fail "the library does not build"
    [ -d "$TREE" ] || /usr/bin/python3 -B "$HERE/large_tree.py" "$TREE" "$FILES" "$(awk -v tb="$TB" 'BEGIN { printf "%d", tb * 1e12 }')"
    start_sink --keep 64
}

share_half() {
    with_bytes start_daemon "$STATE"
    disown "$DAEMON_PID" # it will be killed
    expect_exit 0 "$USENETSYNC" --state "$STATE" server add sink --host 127.0.0.1 --port "$SINK_PORT" --connections 10
    expect_exit 0 "$USENETSYNC" --state "$STATE" share "$TREE" --no-wait
    look watch "$STATE" 1 $((MINUTES * 30)) "$ROWS" >"$WORK/ended"
}

# again [COMMAND...]: the daemon is killed, the command runs, and it is started once more.
again() {
    with_bytes /usr/bin/python3 -B "$HERE/large_watch.py" again "$STATE" "$USENETSYNC" 1 "$WORK/daemon.out" "$@"
    echo
}

go_on_late() {
    local percent
    for percent in ${BENCH_LATE-25 50 75 99}; do
        rm -f "$ROWS.$percent"
        echo "Started when $percent % were sent:"
        echo
        again "$LARGE_SENT" "$STATE/catalogue.db" 1 "$percent"
        look watch "$STATE" 1 "${BENCH_LATE_SECONDS:-120}" "$ROWS.$percent" >"$WORK/ended"
        LATE+=("$percent=$ROWS.$percent")
    done
}

LATE=()
make_parts
machine
: >"$ROWS"
share_half
echo
echo "Killed by kill -9, and started again:"
echo
again
look watch "$STATE" 1 $((MINUTES * 30)) "$ROWS" >"$WORK/ended"
go_on_late
/usr/bin/python3 -B "$HERE/large_curves.py" "$ROWS" "$SVG" "${LATE[@]}"
grep -v ' info ' "$WORK/daemon.out" | head -n 20 || true
