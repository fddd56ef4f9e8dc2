#!/bin/bash
# The helper of a restore in the real program: confined, killed, and gone when it is not needed; and
# a folder whose mode shuts us out; and a kernel without Landlock. Not as root, whom no mode shuts
# out.
set -eu
. "$PROJECT/tests/e2e/lib.sh"

cp "$USENETSYNC" "$WORK/usenetsync" # where anybody may run it
USENETSYNC=$WORK/usenetsync
mkdir "$WORK/state" "$WORK/targets"
AS=()
if [ "$(id -u)" = 0 ]; then
    AS=(setpriv --reuid=65534 --regid=65534 --clear-groups)
    chown -R 65534:65534 "$WORK/state" "$WORK/targets" "$HOME" "$XDG_RUNTIME_DIR"
fi

us() {
    "${AS[@]}" "$USENETSYNC" --state "$WORK/state" "$@"
}

# The daemon's children that are helpers: one id a line.
helpers() {
    local pid
    for pid in $(cat "/proc/$1/task/"*/children); do
        [ "$(tr '\0' ' ' <"/proc/$pid/cmdline")" != "usenetsync restore-helper " ] || echo "$pid"
    done
}

one_helper() {
    HELPER=$(helpers "$DAEMON") && [ -n "$HELPER" ]
}

no_helper() {
    [ -z "$(helpers "$DAEMON")" ]
}

# status NAME: what the kernel says of the helper.
status() {
    awk -v name="$1:" '$1 == name { print $2 }' "/proc/$HELPER/status"
}

expect_status() {
    [ "$(status "$1")" = "$2" ] || fail "the helper's $1 is $(status "$1"), not $2"
}

# Is so much of the target there that the helper has something in its hands?
under_way() {
    find "$WORK/targets/t" -name '.usenetsync-??????????????????' -o -name 'f*' | grep -q .
}

mkdir -p "$WORK/source/sub"
for i in 1 2 3 4 5 6; do
    head -c 4000000 /dev/urandom >"$WORK/source/f$i"
done
seq 200000 >"$WORK/source/sub/text" # goes as zstd frames, which the helper takes apart
start_newsd "$WORK/spool"
expect_exit 0 us server add news --host 127.0.0.1 --port "$NEWSD_PORT" --connections 2
expect_exit 0 us share "$WORK/source"
LINK=$(link_of "$WORK/out")
DAEMON=$(cat "$WORK/state/daemon.lock")

note "confined"
expect_exit 0 us limit --down 3M
expect_exit 0 us get "$LINK" "$WORK/targets/t" --no-wait
wait_for 30 "the helper" one_helper
wait_for 30 "the first file" under_way
expect_status Seccomp 2
expect_status NoNewPrivs 1
grep -q 'Max core file size  *0 ' "/proc/$HELPER/limits" || fail "the helper may leave a core"
for fd in "/proc/$HELPER/fd"/*; do # nothing of the daemon's: its catalogue, its log, its servers
    case $(readlink "$fd") in
    "$WORK/targets/t" | "$WORK/targets/t"/* | socket:* | /dev/null | /memfd:helper* | "") ;;
    *) [ "$(basename "$fd")" -le 2 ] || fail "the helper has $(readlink "$fd")" ;;
    esac
done
for at in $(readlink "/proc/$HELPER/fd"/* | sed -n 's/^socket:\[\(.*\)\]$/\1/p'); do
    ! awk '{ print $10 }' /proc/net/tcp /proc/net/tcp6 | grep -qx "$at" || fail "it has a TCP socket"
done

note "killed"
kill -9 "$HELPER"
wait_for 30 "the job's failure" eval 'us jobs | grep -q failed'
expect_exit 0 us jobs --json
JOB=$(python3 -c 'import json, sys
job = json.loads(sys.stdin.readline())
assert job["result"]["error"]["code"] == "ERR_HELPER", job
print(job["id"])' <"$WORK/out") || fail "the job does not say why: $(cat "$WORK/out")"
expect_exit 0 us logs "$JOB"
expect_text "$WORK/out" "the process that writes into the target"
is_running "$DAEMON" || fail "the helper took the daemon along"
no_helper || fail "there is still a helper"
expect_text "$WORK/state/daemon.log" "helper was killed"

note "and again"
expect_exit 0 us limit --down none
expect_exit 0 us retry "$JOB"
wait_for 60 "the restore" eval 'us jobs --all | grep -E "^ *$JOB " | grep -q done'
same_tree "$WORK/source" "$WORK/targets/t"
wait_for 10 "the helper's end" no_helper

note "the daemon dies: so does the helper, and the next one goes on"
expect_exit 0 us limit --down 3M
expect_exit 0 us get "$LINK" "$WORK/targets/t2" --no-wait
wait_for 30 "the helper" one_helper
kill -9 "$DAEMON"
wait_for 10 "the helper's end" sh -c "! kill -0 $HELPER"
expect_exit 0 us limit --down none
expect_exit 0 us get "$LINK" "$WORK/targets/t3"
same_tree "$WORK/source" "$WORK/targets/t3"
wait_for 60 "the first restore" sh -c "[ -e '$WORK/targets/t2' ] && ! ls -A '$WORK/targets/t2' | grep -q usenetsync"
wait_for 60 "its end" eval '! us jobs | grep -qE "running|queued"'
same_tree "$WORK/source" "$WORK/targets/t2"

note "a folder that is shut to us is opened, and is in the end as it was shared"
rm "$WORK/targets/t2/sub/text"
chmod 0 "$WORK/targets/t2/sub"
expect_exit 0 us get "$LINK" "$WORK/targets/t2" --conflict replace
same_tree "$WORK/source" "$WORK/targets/t2"

note "a kernel without Landlock: the log says so, and the helper does its work"
expect_exit 0 us daemon stop
if grep -q landlock /sys/kernel/security/lsm 2>/dev/null && grep -q "no Landlock" "$WORK/state/daemon.log"; then
    fail "the log says that there is no Landlock"
fi
expect_exit 0 python3 "$PROJECT/tests/e2e/no_landlock.py" "${AS[@]}" \
    "$USENETSYNC" --state "$WORK/state" get "$LINK" "$WORK/targets/t4"
same_tree "$WORK/source" "$WORK/targets/t4"
expect_text "$WORK/state/daemon.log" "this kernel has no Landlock"
note "all is well"
