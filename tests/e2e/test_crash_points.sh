#!/bin/bash
# The daemon of a debug build dies at every named place of the code, one after the other on one job's way, and goes
# on: everything comes back identical, no article has two bodies.
# shellcheck source=tests/e2e/lib.sh
. "$PROJECT/tests/e2e/lib.sh"

mkdir "$WORK/points"
USENETSYNC=${USENETSYNC_DEBUG:?set it to a debug build} /usr/bin/python3 -B "$PROJECT/tests/e2e/crash_points.py" \
    "$WORK/points" "$PROJECT" || fail "see above"
! grep -qaF USENETSYNC_CRASH_POINT "$USENETSYNC" || fail "the release build can be told to crash"
note "every crash was survived"
