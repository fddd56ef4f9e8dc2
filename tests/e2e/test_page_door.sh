#!/bin/bash
# The web page's gate against those who should not come in: other web pages, other programs, old
# login links, slow and greedy clients; and what its own pages are told by WebSocket.
# heavy: it holds hundreds of connections open and looks at the daemon's memory
# shellcheck source=tests/e2e/lib.sh
. "$PROJECT/tests/e2e/lib.sh"

start_newsd "$WORK/spool"
USENETSYNC=$USENETSYNC /usr/bin/python3 -B "$PROJECT/tests/e2e/page_door.py" "$WORK/door" "$NEWSD_PORT" \
    "$PROJECT/docs/openapi.yaml"
