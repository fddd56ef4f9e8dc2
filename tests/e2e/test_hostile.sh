#!/bin/bash
# Every fault of the hostile news server (tests/hostile) alone: a small share goes out under it and comes
# back by a second process with an empty state, identical, or a sentence says why not and nothing wrong is
# written. JOBS (2) at a time; words as arguments choose rows.
# shellcheck source=tests/e2e/lib.sh
. "$PROJECT/tests/e2e/lib.sh"

mkdir "$WORK/hostile"
/usr/bin/python3 -B "$PROJECT/tests/e2e/hostile.py" "$WORK/hostile" "$@" || fail "see above"
note "every fault was borne"
