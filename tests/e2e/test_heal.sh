#!/bin/bash
# A published share loses articles; the daemon looks after it, and a reader with the link alone gets everything.
# shellcheck source=tests/e2e/lib.sh
. "$PROJECT/tests/e2e/lib.sh"

mkdir "$WORK/world"
/usr/bin/python3 -B "$PROJECT/tests/e2e/heal.py" "$WORK/world" || fail "see above"
