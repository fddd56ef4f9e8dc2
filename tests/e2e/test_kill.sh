#!/bin/bash
# kill -9 at random instants of share, share again and get: the next command starts the daemon, jobs
# go on by themselves, everything comes back identical, nothing is posted twice. KILLS (120) and
# SEED (random) may be set; a failure names its seed.
# heavy: kills are timed
# shellcheck source=tests/e2e/lib.sh
. "$PROJECT/tests/e2e/lib.sh"

start_newsd "$WORK/spool"
mkdir "$WORK/crash"
# shellcheck disable=SC2086
USENETSYNC=$USENETSYNC /usr/bin/python3 -B "$PROJECT/tests/e2e/crash.py" "$WORK/crash" "$NEWSD_PORT" \
    "${KILLS:-120}" ${SEED:-} || fail "see above"
note "every kill was survived"
