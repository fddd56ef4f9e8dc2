#!/bin/bash
# Everything a file system allows goes out and comes back: tests/e2e/torture.py makes the tree and compares.
# test_torture.sh [ENTRIES]: 2,000 by default; 20,000 before a release.
set -eu
. "$PROJECT/tests/e2e/lib.sh"

ENTRIES=${1:-${TORTURE_ENTRIES:-2000}}
SEED=${TORTURE_SEED:-1}

# us command...: the program on the state folder of this test.
us() {
    "$USENETSYNC" --state "$WORK/state" "$@"
}

torture() {
    /usr/bin/python3 "$PROJECT/tests/e2e/torture.py" "$@"
}

# What a share of folder $1 skipped, and its link: SKIPPED, LINK.
share() {
    expect_exit 0 us --json share "$@"
    SKIPPED=$(tail -n 1 "$WORK/out" | grep -o '"skipped":[0-9]*' | cut -d : -f 2)
    LINK=$(tail -n 1 "$WORK/out" | grep -o '"link":"[^"]*"' | cut -d '"' -f 4)
}

start_newsd "$WORK/spool"
expect_exit 0 us server add news --host 127.0.0.1 --port "$NEWSD_PORT"

note "a tree of $ENTRIES entries, seed $SEED"
torture make "$WORK/tree" --entries "$ENTRIES" --seed "$SEED"

note "out"
SECONDS=0
share "$WORK/tree"
echo "   $SECONDS s"
JOB=$(tail -n 1 "$WORK/out" | grep -o '^{"job":[0-9]*' | cut -d : -f 2)
expect_exit 0 us logs "$JOB"
for words in 'specials/fifo: neither file, folder nor symlink' 'specials/socket: neither' \
    'too deep: it lies in more than 255 folders' 'its path in the share is longer than 4096 bytes'; do
    expect_text "$WORK/out" "$words"
done

note "and back"
SECONDS=0
expect_exit 0 us get "$LINK" "$WORK/copy"
echo "   $SECONDS s"
torture compare "$WORK/tree" "$WORK/copy" >"$WORK/out" 2>"$WORK/err" || fail "the copy differs"
cat "$WORK/out"
[ "$(du -s --block-size=1M "$WORK/copy/sparse" | cut -f 1)" -lt 20 ] || fail "holes were filled"
[ ! -e "$WORK/copy/specials/fifo" ] || fail "a fifo came back"

note "nothing changed: nothing new is sent"
share "$WORK/tree"
expect_text "$WORK/out" '"bytes_posted":0'
