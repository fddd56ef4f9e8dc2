#!/bin/bash
# What is left out of a share: by rules, which stay with the share; by mount points; because nobody may read it.
set -eu
. "$PROJECT/tests/e2e/lib.sh"

# us command...: the program on the state folder of this test.
us() {
    "$USENETSYNC" --state "$WORK/state" "$@"
}

# expect_copy LINK NAME...: the share holds exactly these paths (besides folders).
expect_copy() {
    local link=$1
    shift
    rm -rf "$WORK/copy"
    expect_exit 0 us get "$link" "$WORK/copy"
    (cd "$WORK/copy" && find . -type f -printf '%P\n' | LC_ALL=C sort) >"$WORK/list"
    printf '%s\n' "$@" | LC_ALL=C sort >"$WORK/want"
    diff "$WORK/want" "$WORK/list" >"$WORK/out" || fail "other files than expected"
}

start_newsd "$WORK/spool"
expect_exit 0 us server add news --host 127.0.0.1 --port "$NEWSD_PORT"

mkdir -p "$WORK/tree/src" "$WORK/tree/build/deep" "$WORK/tree/cache"
for file in src/a.c src/a.o build/out build/deep/x cache/c keep.o top; do
    echo "$file" >"$WORK/tree/$file"
done
printf '*.o\n!keep.o\n/build/\n' >"$WORK/tree/.usenetsyncignore"

note "an ignore file in the folder"
expect_exit 0 us share "$WORK/tree"
link=$(link_of "$WORK/out")
expect_copy "$link" .usenetsyncignore src/a.c keep.o top cache/c

note "rules given once hold for the versions that follow"
printf '# a comment\ncache\n' >"$WORK/rules"
expect_exit 0 us share "$WORK/tree" --ignore "$WORK/rules" --ignore-rule 'to?' --ignore-rule '/src/b*'
[ "$(link_of "$WORK/out")" = "$link" ] || fail "another link"
expect_copy "$link" .usenetsyncignore src/a.c keep.o
echo more >"$WORK/tree/src/b.c"
echo more >"$WORK/tree/src/c.c"
expect_exit 0 us share "$WORK/tree"
expect_copy "$link" .usenetsyncignore src/a.c src/c.c keep.o

note "other rules take their place; an empty one takes them away"
expect_exit 0 us share "$WORK/tree" --ignore-rule src
expect_copy "$link" .usenetsyncignore keep.o top cache/c
expect_exit 0 us share "$WORK/tree" --ignore-rule ''
expect_copy "$link" .usenetsyncignore src/a.c src/b.c src/c.c keep.o top cache/c

note "rules that cannot be used are refused before anything happens"
expect_exit 3 us share "$WORK/tree" --ignore "$WORK/nowhere"
head -c 5000 /dev/zero | tr '\0' a >"$WORK/long"
expect_exit 2 us share "$WORK/tree" --ignore "$WORK/long"
expect_text "$WORK/err" "ignore rules are at most"
head -c 5000 /dev/zero >"$WORK/nul"
run us share "$WORK/tree" --ignore "$WORK/nul"
[ "$(cat "$WORK/code")" != 0 ] || fail "NULs were taken for rules"

note "one name goes, the other one has the bytes"
echo twice >"$WORK/tree/src/first"
ln "$WORK/tree/src/first" "$WORK/tree/src/second"
expect_exit 0 us share "$WORK/tree"
expect_copy "$link" .usenetsyncignore src/{a,b,c}.c src/first src/second keep.o top cache/c
[ "$WORK/copy/src/first" -ef "$WORK/copy/src/second" ] || fail "no hard link came back"
expect_exit 0 us share "$WORK/tree" --ignore-rule first
expect_copy "$link" .usenetsyncignore src/{a,b,c}.c src/second keep.o top cache/c
same=$(cat "$WORK/copy/src/second")
[ "$same" = twice ] || fail "the second name has other bytes"

note "what nobody may read is told, and the rest goes out"
AS=()
if [ "$(id -u)" = 0 ]; then
    AS=(setpriv --reuid 65534 --regid 65534 --clear-groups)
    if ! "${AS[@]}" "$USENETSYNC" version >/dev/null 2>&1; then
        cp "$USENETSYNC" "$WORK/usenetsync"
        chmod 755 "$WORK/usenetsync"
        USENETSYNC=$WORK/usenetsync
    fi
fi
mkdir -p "$WORK/nobody/run" "$WORK/other/shut" "$WORK/other/open"
echo x >"$WORK/other/shut/x"
echo x >"$WORK/other/open/shut file"
echo x >"$WORK/other/open/fine"
ln "$WORK/other/open/shut file" "$WORK/other/open/again"
chmod 000 "$WORK/other/shut" "$WORK/other/open/shut file"
[ ${#AS[@]} = 0 ] || chown -R 65534:65534 "$WORK/nobody"
nobody() {
    HOME=$WORK/nobody XDG_RUNTIME_DIR=$WORK/nobody/run "${AS[@]}" "$USENETSYNC" --state "$WORK/nobody/state" "$@"
}
HOME=$WORK/nobody XDG_RUNTIME_DIR=$WORK/nobody/run "${AS[@]}" "$USENETSYNC" --state "$WORK/nobody/state" \
    daemon --foreground >"$WORK/nobody.out" 2>&1 &
STARTED+=($!)
wait_for 20 "the daemon of nobody" nobody status
expect_exit 0 nobody server add news --host 127.0.0.1 --port "$NEWSD_PORT"
expect_exit 0 nobody --json share "$WORK/other"
expect_text "$WORK/out" '"skipped":2' # the two names; the folder is of the scan
expect_exit 0 nobody logs 1
expect_text "$WORK/out" "other/shut: permission denied"
expect_text "$WORK/out" "shut file: permission denied"
expect_text "$WORK/out" "again: permission denied"
expect_exit 0 nobody link 1
link=$(link_of "$WORK/out")
expect_copy "$link" open/fine

note "another file system, unless told otherwise"
mount=$WORK/other/open/mount
mkdir "$mount"
cat >"$WORK/mounted.sh" <<MOUNTED
set -eu
mount -t tmpfs -o size=1m tmpfs '$mount'
echo x >'$mount/inside'
'$USENETSYNC' --state '$WORK/mounts' daemon --foreground >'$WORK/mounts.out' 2>&1 &
daemon=\$!
trap 'kill \$daemon; wait \$daemon || true' EXIT
for i in \$(seq 100); do
    '$USENETSYNC' --state '$WORK/mounts' server add news --host 127.0.0.1 --port $NEWSD_PORT && break
    sleep 0.1
done
share() {
    '$USENETSYNC' --state '$WORK/mounts' --json share '$WORK/other' "\$@" | tail -n 1 | grep -o '"files":[0-9]*'
}
share
share --one-file-system
echo y >>'$WORK/other/open/fine'
share
share --all-file-systems
MOUNTED
if unshare -m true 2>/dev/null; then
    expect_exit 0 unshare -m --propagation private bash "$WORK/mounted.sh"
    printf '"files":%d\n' 5 4 4 5 >"$WORK/want" # shut/x is readable to root
    grep files "$WORK/out" >"$WORK/list"
    cmp -s "$WORK/want" "$WORK/list" || fail "other numbers of files: $(tr '\n' ' ' <"$WORK/list")"
else
    echo "   not tried: no mounts here"
fi
