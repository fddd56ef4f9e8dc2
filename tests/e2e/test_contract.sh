#!/bin/bash
# Every route of docs/openapi.yaml is asked, and every answer and message is what it says: status,
# type, each member, and none that it does not know.
# shellcheck source=tests/e2e/lib.sh
. "$PROJECT/tests/e2e/lib.sh"

start_newsd "$WORK/spool"
USENETSYNC=$USENETSYNC /usr/bin/python3 -B "$PROJECT/tests/e2e/contract.py" "$WORK/contract" "$NEWSD_PORT" \
    "$PROJECT/docs/openapi.yaml"
