#!/bin/bash
# The power goes while shares go out, change and come back: what no fsync made durable is forgotten, and nothing is lost.
# RUNS (6) and SEED (random) may be set; a failure names its seed. JOBS (2) at a time.
# shellcheck source=tests/e2e/lib.sh
. "$PROJECT/tests/e2e/lib.sh"

mkdir "$WORK/power"
# shellcheck disable=SC2086
/usr/bin/python3 -B "$PROJECT/tests/e2e/power_loss.py" "$WORK/power" "${RUNS:-6}" ${SEED:-} || fail "see above"
note "every power cut was survived"
