#!/bin/bash
# System calls fail in a daemon's start, in a share and in a restore: the disk is full, broken, interrupted, or does half of what
# it is asked. EACH (25) calls in each way, 0: every 7th; SEED (random). JOBS (2) at a time.
# shellcheck source=tests/e2e/lib.sh
. "$PROJECT/tests/e2e/lib.sh"

mkdir "$WORK/calls"
# shellcheck disable=SC2086
/usr/bin/python3 -B "$PROJECT/tests/e2e/failing_calls.py" "$WORK/calls" "${EACH:-25}" ${SEED:-} || fail "see above"
note "every failure was borne"
