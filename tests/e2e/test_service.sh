#!/bin/bash
# systemd's units: installed with the right paths, understood by systemd without a word, as closed as
# they were, and the daemon runs and ends by their command.
set -eu
. "$PROJECT/tests/e2e/lib.sh"

PREFIX=$WORK/prefix
SYSTEM=$PREFIX/lib/systemd/system/usenetsync.service
USERS=$PREFIX/share/systemd/user/usenetsync.service

# understood UNIT [option]: warnings count; a key nobody knows would be left out in silence.
understood() {
    local unit=$1
    shift
    expect_exit 0 systemd-analyze verify "$@" "$unit"
    [ ! -s "$WORK/err" ] || fail "systemd says of $unit: $(cat "$WORK/err")"
}

# closed TENTHS UNIT: not more exposed than this.
closed() {
    expect_exit 0 systemd-analyze security --offline=true --threshold="$1" "$2"
}

note "installed"
expect_exit 0 cmake --install "$PROJECT/build/release" --prefix "$PREFIX"
for file in "$SYSTEM" "$USERS" "$PREFIX/lib/sysusers.d/usenetsync.conf" \
    "$PREFIX/share/doc/usenetsync/service.md"; do
    [ -s "$file" ] || fail "$file was not installed"
done
! grep -n '@[A-Z]*@' "$SYSTEM" "$USERS" || fail "a place was not filled in"

note "understood, and closed"
understood "$SYSTEM"
understood "$USERS" --user
closed 17 "$SYSTEM"
closed 63 "$USERS"

note "the command of the user's unit"
mkdir -p "$WORK/state"
COMMAND=$(sed -n 's/^ExecStart=//p' "$USERS")
# shellcheck disable=SC2086
XDG_STATE_HOME=$WORK/state $COMMAND >"$WORK/daemon.out" 2>"$WORK/daemon.err" &
DAEMON=$!
STARTED+=("$DAEMON")
wait_for 20 "the daemon" grep -q 'ready version' "$WORK/daemon.err"
kill "$DAEMON"
wait "$DAEMON" || fail "the daemon ended with $? at SIGTERM"
note "all is well"
