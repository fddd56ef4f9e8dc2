#!/bin/bash
# Several news servers: unreachable, dying, incomplete, with a quota; what was shared comes back, and nothing is
# posted twice.
# shellcheck source=tests/e2e/lib.sh
. "$PROJECT/tests/e2e/lib.sh"

mkdir "$WORK/world"
/usr/bin/python3 -B "$PROJECT/tests/e2e/providers.py" "$WORK/world" || fail "see above"
