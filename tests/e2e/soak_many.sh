#!/bin/bash
# Many small files: index, share, share again, restore, with times, rates, memory and articles.
#
#   USENETSYNC=... PROJECT=... [TMPDIR=/dev/shm] soak_many.sh [COUNT...]     (20000 and 200000)
#
# Not one of CTest's: `make soak` runs it. Two counts show whether memory grows with the files.
# shellcheck source=tests/e2e/lib.sh
. "$PROJECT/tests/e2e/lib.sh"

[ $# -gt 0 ] || set -- 20000 200000
start_newsd "$WORK/spool"
mkdir "$WORK/many"
for count in "$@"; do
    USENETSYNC=$USENETSYNC /usr/bin/python3 -B "$PROJECT/tests/e2e/many.py" "$WORK/many" "$NEWSD_PORT" \
        "$count" || fail "see above"
done
