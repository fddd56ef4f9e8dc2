#!/bin/bash
# Long runs on the hostile news server (make soak): soak_hostile.sh BURST MINUTES. A burst of so many lost articles;
# so many minutes of changes, each shared under two faults in a hundred.
# shellcheck source=tests/e2e/lib.sh
. "$PROJECT/tests/e2e/lib.sh"

mkdir "$WORK/burst" "$WORK/soak"
TMPDIR="$WORK" /usr/bin/python3 -B "$PROJECT/tests/e2e/hostile_burst.py" "$WORK/burst" "$1" || fail "see above"
note "a burst of $1 was borne"
# shellcheck disable=SC2086
/usr/bin/python3 -B "$PROJECT/tests/e2e/hostile_soak.py" "$WORK/soak" "$2" ${SEED:-} || fail "see above"
note "$2 minutes were borne"
