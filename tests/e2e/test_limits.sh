#!/bin/bash
# Limits changed while a job runs, seen from outside: connections over two servers, threads. And kill -9: what a
# user has said of limits, hours, order, priorities and pauses stays.
# shellcheck source=tests/e2e/lib.sh
. "$PROJECT/tests/e2e/lib.sh"

mkdir "$WORK/limits"
USENETSYNC=$USENETSYNC /usr/bin/python3 -B "$PROJECT/tests/e2e/limits.py" "$WORK/limits" || fail "see above"
