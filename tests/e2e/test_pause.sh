#!/bin/bash
# Pause, resume and cancel in every phase of share and get, and across restarts of the daemon. PAUSES (2)
# of each kind and SEED (random) may be set; a failure names its seed.
# heavy: instants are looked for
# shellcheck source=tests/e2e/lib.sh
. "$PROJECT/tests/e2e/lib.sh"

start_newsd "$WORK/spool"
mkdir "$WORK/pause"
# shellcheck disable=SC2086
USENETSYNC=$USENETSYNC /usr/bin/python3 -B "$PROJECT/tests/e2e/pause.py" "$WORK/pause" "$NEWSD_PORT" \
    "${PAUSES:-2}" ${SEED:-} || fail "see above"
note "every pause was survived, every cancel left things whole"
