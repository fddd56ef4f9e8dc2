#!/bin/bash
# Files that are appended to, cut, rewritten, renamed, replaced and deleted while they are shared: what
# is published is one instant of each file, what is not is named. ROUNDS (10) and SEED (random) may be
# set; a failure names its seed.
# heavy: two processes change files as fast as they can
# shellcheck source=tests/e2e/lib.sh
. "$PROJECT/tests/e2e/lib.sh"

start_newsd "$WORK/spool"
mkdir "$WORK/mutate"
# shellcheck disable=SC2086
USENETSYNC=$USENETSYNC /usr/bin/python3 -B "$PROJECT/tests/e2e/mutate.py" "$WORK/mutate" "$NEWSD_PORT" \
    "${ROUNDS:-10}" ${SEED:-} || fail "see above"
note "every file was published as it was at some instant"
