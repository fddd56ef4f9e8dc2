#!/bin/bash
# Random mixes of the hostile news server's faults (tests/hostile): shares go out, change and come back, some
# commands fail with a sentence, and when the faults are over everything is there. MIXES (8) and SEED (random) may be
# set; a failure names its seed, which then belongs into ROWS of hostile_mix.py. JOBS (2) at a time.
# shellcheck source=tests/e2e/lib.sh
. "$PROJECT/tests/e2e/lib.sh"

mkdir "$WORK/mix"
# shellcheck disable=SC2086
/usr/bin/python3 -B "$PROJECT/tests/e2e/hostile_mix.py" "$WORK/mix" "${MIXES:-8}" ${SEED:-} || fail "see above"
note "every mix was borne"
