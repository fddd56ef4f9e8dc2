#!/bin/bash
# What losses cost a restore: a share of two full volumes (GB=1.6, random bytes), whole and with articles taken away.
# Wall, CPU and peak memory are the daemon's, for one `get` each; newsd on loopback, everything on $TMPDIR's disk.
set -eu
. "$PROJECT/tests/e2e/lib.sh"

FILES=23
EACH=69200000

us() {
    "$USENETSYNC" --state "$WORK/state" "$@"
}

loss() {
    /usr/bin/python3 -B "$PROJECT/tests/e2e/spool_loss.py" "$WORK/lossy" "$LINK" "127.0.0.1:$NEWSD_PORT" "$@"
}

counter() {
    grep '"result":{' "$WORK/out" | tail -n 1 | grep -o "\"$1\":[0-9]*" | head -n 1 | cut -d : -f 2
}

# measure NAME [--only FILE --] WHAT...: a get from a server that lost WHAT.
measure() {
    local name=$1 only=() from to pid
    shift
    [ "${1:-}" != --only ] || {
        only=(--only "$2")
        shift 3
    }
    cp -a "$WORK/spool" "$WORK/lossy"
    start_newsd "$WORK/lossy"
    [ $# = 0 ] || loss 1 "$@" >/dev/null
    us server add news --host 127.0.0.1 --port "$NEWSD_PORT" --connections 8 >/dev/null
    from=$(date +%s%N)
    run us --json get "$LINK" "$WORK/target" "${only[@]}"
    to=$(date +%s%N)
    pid=$(daemons_of "$WORK/state" | head -n 1)
    printf '%-28s %6d %8d %9d %5d %6d %7d\n' "$name" "$(counter articles)" "$(counter lost_segments)" \
        "$(counter repaired_segments)" $(((to - from) / 1000000)) \
        "$(awk '{ print 10 * ($14 + $15) }' "/proc/$pid/stat")" \
        $(($(awk '/VmHWM/ { print $2 }' "/proc/$pid/status") / 1024))
    us daemon stop >/dev/null
    kill_pid "$NEWSD_PID"
    rm -rf "$WORK/target" "$WORK/lossy"
}

mkdir "$WORK/source"
for i in $(seq $FILES); do
    head -c $EACH /dev/urandom >"$WORK/source/f$i"
done
start_newsd "$WORK/spool"
us server add news --host 127.0.0.1 --port "$NEWSD_PORT" --connections 8 >/dev/null
us share "$WORK/source" >"$WORK/out" 2>"$WORK/err" || fail "share"
LINK=$(link_of "$WORK/out")
us daemon stop >/dev/null
kill_pid "$NEWSD_PID"

printf '%-28s %6s %8s %9s %5s %6s %7s\n' lost articles segments repaired ms cpu_ms peak_MiB
measure nothing
measure "one of each volume" data=1
measure "1 % of the data" data=1%
measure "9 % of all" data=9% parity=9%
measure "15 % of the data" data=15%
measure "nothing, one file" --only f3 --
measure "9 % of all, one file" --only f3 -- data=9% parity=9%
