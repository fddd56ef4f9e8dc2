#!/bin/bash
# What is installed is hardened: the compiler's and linker's part is in the program (readelf).
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
note "all is well"
