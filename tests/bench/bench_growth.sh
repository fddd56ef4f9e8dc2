#!/bin/bash
# How the cost of a share grows with it: small files (BENCH_FILES), and bytes that a library makes up
# (BENCH_GB, made_up_bytes.c), to the discarding server. Tables with the powers that fit best, and curves.
#
#   BENCH_FILES="10000 100000 1000000"     BENCH_GB="1 10 100"
#   BENCH_TREE=   a tree of small files that make_data or page_tree.py made: folders of 10,000 files; it stays
#   BENCH_FULL=1  all of that tree, too
#   BENCH_ROWS=   where what was seen is kept, for more to come     BENCH_SVG=  where the curves go
#
# Of small files all is done, from scan to head. Bytes are sent and asked for by STAT; the server keeps too few
# to be asked for contents. A million small files need 4 GB below TMPDIR.
ROOM_MB=12000
export TMPDIR=${TMPDIR:-/tmp} # not the memory that is measured
. "${PROJECT:?set it to the source folder}/tests/bench/bench_lib.sh"
STATE=$WORK/state
TREE=$(realpath -m "${BENCH_TREE:-$WORK/tree}")
ROWS=$(realpath -m "${BENCH_ROWS:-$WORK/rows}")
SVG=${BENCH_SVG:-$WORK}
FILES_A_FOLDER=10000
export PYTHONPATH=$PROJECT/tests/e2e

make_parts() {
    cc -O3 -D_GNU_SOURCE -shared -fPIC -o "$WORK/made_up_bytes.so" "$HERE/made_up_bytes.c" -ldl || fail "the library does not build"
    [ -d "$TREE" ] || make_data tree "$TREE" 1000000
}

# measure KIND AMOUNT UNTIL PATH...
measure() {
    rm -rf "${STATE:?}"
    start_sink --keep 2000
    start_daemon "$STATE"
    expect_exit 0 "$USENETSYNC" --state "$STATE" server add sink --host 127.0.0.1 --port "$SINK_PORT" --connections 10
    /usr/bin/python3 -B "$HERE/growth_run.py" "$STATE" "$@" >>"$ROWS" || fail "$1 $2"
    kill_pid "$DAEMON_PID"
    kill_pid "$SINK_PID"
}

small_files() {
    local folders=("$TREE"/[0-9]*) count
    for count in ${BENCH_FILES-10000 100000 1000000}; do
        measure files "$count" done "${folders[@]:0:count/FILES_A_FOLDER}"
    done
    [ "${BENCH_FULL:-0}" = 0 ] || measure files "$(find "$TREE" -type f | wc -l)" done "$TREE"
}

made_up_bytes() {
    local gb
    for gb in ${BENCH_GB-1 10 100}; do
        make_data sparse "$WORK/sparse" $((gb * 100)) $((gb * 1000000000))
        LD_PRELOAD=$WORK/made_up_bytes.so MADE_UP_BELOW=$WORK/sparse measure bytes $((gb * 1000000000)) confirm "$WORK/sparse"
        rm -rf "$WORK/sparse"
    done
}

make_parts
machine
echo
small_files
made_up_bytes
/usr/bin/python3 -B "$HERE/growth_curves.py" "$ROWS" "$SVG"
