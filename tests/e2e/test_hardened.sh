#!/bin/bash
# What is installed is hardened: the compiler's and linker's part is in the program (readelf), and
# the running daemon leaves nothing in a core or in swap, nor to others of the same user.
set -eu
. "$PROJECT/tests/e2e/lib.sh"

# has WHAT FILE PATTERN: a line of the file matches.
has() {
    grep -qE -- "$3" "$2" || fail "the program has no $1 (no line like $3)"
}

note "the program"
readelf -hWld "$USENETSYNC" >"$WORK/elf"
readelf -W --dyn-syms "$USENETSYNC" >"$WORK/symbols"
has "position-independent code" "$WORK/elf" 'Type: +DYN \(Position-Independent Executable'
has "read-only relocations" "$WORK/elf" '^ +GNU_RELRO '
has "binding at the start" "$WORK/elf" 'FLAGS\) +BIND_NOW'
has "stack without code" "$WORK/elf" '^ +GNU_STACK .* RW +0x'
! grep -qE '^ +LOAD .* RWE ' "$WORK/elf" || fail "memory that is writable and code"
has "stack protector" "$WORK/symbols" ' UND __stack_chk_fail'
for call in memcpy snprintf vsnprintf; do
    has "checked $call" "$WORK/symbols" " UND __${call}_chk"
done
if [ "$(uname -m)" = x86_64 ]; then # functions that may be jumped to say so: endbr64
    MARKS=$(LC_ALL=C grep -aoP '\xf3\x0f\x1e\xfa' "$USENETSYNC" | wc -l)
    [ "$MARKS" -gt 1000 ] || fail "only $MARKS functions are marked as targets of jumps"
fi
note "the daemon"
AS=()
cp "$USENETSYNC" "$WORK/usenetsync"
mkdir "$WORK/state"
if [ "$(id -u)" = 0 ]; then # root may look into everything: let it be somebody else's
    AS=(setpriv --reuid=65534 --regid=65534 --clear-groups)
    chown -R 65534:65534 "$WORK/state" "$HOME" "$XDG_RUNTIME_DIR"
fi
us() {
    "${AS[@]}" "$WORK/usenetsync" --state "$WORK/state" "$@"
}
expect_exit 0 us status
PID=$(cat "$WORK/state/daemon.lock")
STARTED+=("$PID")
secret_file "$WORK/password" "this is a secret"
chmod 644 "$WORK/password"
expect_exit 0 us server add news --host 127.0.0.1 --port 9 --user me --password-file "$WORK/password"
grep -q 'Max core file size  *0  *0 ' "/proc/$PID/limits" || fail "the daemon may leave a core"
[ "$(stat -c %u "/proc/$PID/maps")" = 0 ] || fail "its user may look into the daemon"
! "${AS[@]}" cat "/proc/$PID/environ" >"$WORK/out" 2>"$WORK/err" ||
    fail "its user looked into the daemon"
LOCKED=$(awk '/^VmLck:/ { print $2 }' "/proc/$PID/status")
[ "$LOCKED" -ge 32 ] || fail "only $LOCKED KiB of the daemon are locked"
if [ "$(id -u)" = 0 ]; then
    awk '/^VmFlags:/ && / lo/ && / dd/ { found = 1 } END { exit !found }' "/proc/$PID/smaps" ||
        fail "no memory is both locked and out of dumps"
fi
kill_pid "$PID"

note "where nothing may be locked it works as well, and says so"
ulimit -l 0
expect_exit 0 us status
PID=$(daemons_of "$WORK/state")
[ "$(awk '/^VmLck:/ { print $2 }' "/proc/$PID/status")" = 0 ] || fail "something is locked"
expect_text "$WORK/state/daemon.log" "memory for keys cannot be locked"
note "all is well"
