#!/bin/bash
# The wall clock jumps by days while a share goes out, changes and comes back, or is wrong all the time: nobody notices.
# SEED (random) may be set; a failure names it.
# shellcheck source=tests/e2e/lib.sh
. "$PROJECT/tests/e2e/lib.sh"

mkdir "$WORK/clock"
# shellcheck disable=SC2086
/usr/bin/python3 -B "$PROJECT/tests/e2e/clock_jumps.py" "$WORK/clock" ${SEED:-} || fail "see above"
note "no jump was noticed"
