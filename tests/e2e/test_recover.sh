#!/bin/bash
# When the state folder is lost or damaged: the write key brings a share back, `recover` brings back
# what can be read, and nothing is posted twice. State folders that are read-only or full say so.
set -eu
. "$PROJECT/tests/e2e/lib.sh"

# us command...: the program on the state folder of this test.
us() {
    "$USENETSYNC" --state "$WORK/state" "$@"
}

# result KEY: a member of the result in the last line of --json output.
result() {
    python3 -c 'import json, sys
print(json.loads(open(sys.argv[1]).readlines()[-1])["result"][sys.argv[2]])' "$WORK/out" "$1"
}

# expect_result KEY VALUE...
expect_result() {
    while [ $# -gt 0 ]; do
        [ "$(result "$1")" = "$2" ] || fail "$1 is $(result "$1"), not $2"
        shift 2
    done
}

add_server() {
    expect_exit 0 us server add news --host 127.0.0.1 --port "$NEWSD_PORT" --connections 4
}

jobs_are_done() {
    local jobs
    jobs=$(us --json status)
    grep -q '"queued":0,"running":0,' <<<"$jobs"
}

mkdir -p "$WORK/a/sub/deep" "$WORK/a/empty"
head -c 6000000 /dev/urandom >"$WORK/a/random"
seq 1 400000 >"$WORK/a/sub/text"
for i in $(seq 500); do
    echo "file $i" >"$WORK/a/sub/deep/$i"
done
ln -s deep/7 "$WORK/a/sub/link"
start_newsd "$WORK/spool"
add_server

note "the write key: shown with a warning, never logged; no link opens with it"
expect_exit 0 us share "$WORK/a" --title "Mine"
LINK=$(link_of "$WORK/out")
expect_exit 0 us link Mine --write-key
expect_text "$WORK/err" "publishes in your place"
KEY=$(cat "$WORK/out")
[[ $KEY =~ ^usyncw1[a-z0-9]+$ ]] || fail "no write key: $KEY"
secret_file "$WORK/key" "$KEY"
expect_exit 0 us --json link Mine --write-key
expect_text "$WORK/out" "\"write_key\":\"$KEY\""
refuse_text "$WORK/out" "$LINK"
expect_exit 2 us get "$KEY" "$WORK/no"
[ ! -e "$WORK/no" ] || fail "a write key restored something"
expect_exit 3 us link nothing --write-key
printf 'second\n' >"$WORK/a/sub/new"
expect_exit 0 us share "$WORK/a"
expect_exit 0 us daemon stop
refuse_text "$WORK/state/daemon.log" "$KEY"

note "versions: from the server by the link, from the catalogue by name"
expect_exit 0 us --json versions "$LINK"
[ "$(grep -o '"version":[0-9]*,"state":"[a-z]*"' "$WORK/out" | tr '\n' ' ')" = \
    '"version":2,"state":"newest" "version":1,"state":"found" ' ] || fail "versions of the link"
expect_exit 0 us versions Mine
[ "$(wc -l <"$WORK/out")" = 2 ] || fail "versions of the share"
printf '%s\n' "$LINK" >"$WORK/link"
us versions - <"$WORK/link" >"$WORK/out" || fail "versions of a link from standard input"
expect_text "$WORK/out" "newest"
expect_exit 3 us versions nothing
expect_exit 2 us versions "${LINK}q"
expect_exit 0 us ls "$LINK" --version 1 sub/deep
expect_exit 0 us ls "$LINK" --version 1 sub
refuse_text "$WORK/out" sub/new
expect_exit 3 us ls "$LINK" --version 5
expect_text "$WORK/err" "this version of the share was not found"
expect_exit 2 us ls "$LINK" --version none
expect_exit 0 us get "$LINK" "$WORK/first" --version 1
[ ! -e "$WORK/first/sub/new" ] || fail "get --version 1 brought version 2"
expect_exit 3 us get "$LINK" "$WORK/none" --version 9

note "get into a folder that holds something"
expect_exit 5 us get "$LINK" "$WORK/first"
expect_exit 2 us get "$LINK" "$WORK/first" --conflict maybe
expect_text "$WORK/err" "empty, keep, replace, newer or rename"
printf 'mine\n' >"$WORK/first/sub/deep/1"
cp -a "$WORK/first" "$WORK/before"
expect_exit 0 us get "$LINK" "$WORK/first" --conflict replace --dry-run
expect_text "$WORK/out" "would restore"
same_tree "$WORK/before" "$WORK/first"
expect_exit 0 us get "$LINK" "$WORK/first" --conflict keep
[ "$(cat "$WORK/first/sub/deep/1")" = mine ] || fail "keep did not keep"
cmp -s "$WORK/first/sub/new" "$WORK/a/sub/new" || fail "keep brought nothing"
expect_exit 0 us get "$LINK" "$WORK/first" --conflict rename
[ "$(cat "$WORK/first/sub/deep/1")" = mine ] || fail "rename did not keep"
[ "$(find "$WORK/first/sub/deep" -name '1~1' | wc -l)" = 1 ] || fail "rename made no second name"
rm "$WORK/first/sub/deep/1~1"
touch -d '2000-01-01' "$WORK/first/sub/deep/1"
expect_exit 0 us get "$LINK" "$WORK/first" --conflict newer
same_tree "$WORK/a" "$WORK/first"
printf 'mine\n' >"$WORK/first/sub/deep/1"
expect_exit 0 us --json get "$LINK" "$WORK/first" --conflict replace
expect_result replaced_files 1 kept_files 0
same_tree "$WORK/a" "$WORK/first"

note "comparing what is there with the share, without writing"
expect_exit 0 us get "$LINK" "$WORK/first" --verify
expect_text "$WORK/out" "are as in version 2; nothing differs and nothing is missing"
touch -r "$WORK/first/sub/deep/1" "$WORK/time"
tr '[:alnum:]' x <"$WORK/a/sub/deep/1" >"$WORK/first/sub/deep/1"
touch -r "$WORK/time" "$WORK/first/sub/deep/1"
rm "$WORK/first/sub/new"
cp -a "$WORK/first" "$WORK/changed"
expect_exit 9 us get "$LINK" "$WORK/first" --verify
expect_text "$WORK/out" "; 1 differ; 1 are missing: \`usenetsync logs "
JOB=$(sed -n 's/.*logs \([0-9]*\).*/\1/p' "$WORK/out")
expect_exit 0 us logs "$JOB"
expect_text "$WORK/out" "sub/deep/1: differs"
expect_text "$WORK/out" "sub/new: is missing"
expect_exit 0 us --json get "$LINK" "$WORK/first" --verify --only sub/deep/2
expect_result verified_files 1 differing_files 0 missing_files 0
same_tree "$WORK/changed" "$WORK/first"

note "the state folder is lost: the write key brings the share back, and only a head is posted"
expect_exit 0 us daemon stop
rm -rf "$WORK/state"
expect_exit 4 us adopt "$WORK/key" "$WORK/a"
add_server
expect_exit 2 us adopt "$KEY" "$WORK/a"
expect_text "$WORK/err" "can be read by others"
expect_exit 2 us adopt "$WORK/link" "$WORK/a"
expect_text "$WORK/err" "this is not a write key"
expect_exit 3 us adopt "$WORK/key" "$WORK/nothing"
expect_exit 3 us adopt "$WORK/missing" "$WORK/a"
us --json adopt - "$WORK/a" <"$WORK/key" >"$WORK/out" 2>"$WORK/err" || fail "adopt"
expect_result version 2 files 503
[ "$(result items)" -gt 500 ] || fail "only $(result items) items"
expect_exit 0 us link Mine
[ "$(cat "$WORK/out")" = "$LINK" ] || fail "another link"
expect_exit 5 us adopt "$WORK/key" "$WORK/a"
expect_text "$WORK/err" "is here already"
printf 'third\n' >>"$WORK/a/sub/new"
expect_exit 0 us --json share "$WORK/a"
expect_result version 3 unchanged False
[ "$(result articles)" -le 8 ] || fail "$(result articles) articles for a few bytes"
expect_text "$WORK/out" "$LINK"
expect_exit 0 us get "$LINK" "$WORK/third"
same_tree "$WORK/a" "$WORK/third"
expect_exit 0 us --json versions "$LINK"
[ "$(grep -c '"state":"found"' "$WORK/out")" = 2 ] || fail "version 3 does not follow version 2"
refuse_text "$WORK/state/daemon.log" "$KEY"
expect_exit 0 us --json jobs --all
refuse_text "$WORK/out" "$KEY"

note "a share that is not taken over yet cannot be shared: no second version 1"
expect_exit 0 us daemon stop
rm -rf "$WORK/state"
add_server
kill_pid "$NEWSD_PID"
expect_exit 0 us adopt "$WORK/key" "$WORK/a" --no-wait
JOB=$(cat "$WORK/out")
expect_exit 7 us share "$WORK/a"
expect_text "$WORK/err" "still being taken over"
mkdir "$WORK/other"
expect_exit 7 us adopt "$WORK/key" "$WORK/other"
expect_text "$WORK/err" "job $JOB is still taking this share over"
expect_exit 0 us cancel "$JOB"
expect_exit 7 us share "$WORK/a"
expect_exit 0 us adopt "$WORK/key" "$WORK/other" --no-wait # the wrong paths, for a moment
expect_exit 0 us cancel "$(cat "$WORK/out")"
expect_exit 0 us adopt "$WORK/key" "$WORK/a" --no-wait
expect_exit 0 us cancel "$(cat "$WORK/out")"
expect_exit 0 us shares
[ "$(wc -l <"$WORK/out")" = 1 ] || fail "shares that were given up are still there"
start_newsd "$WORK/spool"
add_server
expect_exit 0 us adopt "$WORK/key" "$WORK/a"
expect_exit 0 us share "$WORK/a"

note "a damaged catalogue is noticed at the start; recover reads its keys and fetches the rest"
expect_exit 7 us recover
expect_text "$WORK/err" "the daemon is running"
expect_exit 0 us daemon stop
expect_exit 0 us recover
expect_text "$WORK/out" "the catalogue is sound"
pages=$(($(stat -c %s "$WORK/state/catalogue.db") / 4096))
dd if=/dev/urandom of="$WORK/state/catalogue.db" bs=4096 seek=$((pages - 3)) count=1 conv=notrunc status=none
cp "$WORK/state/catalogue.db" "$WORK/damaged.db"
is_damaged() {
    us status >"$WORK/status"
    grep -q "the catalogue is DAMAGED" "$WORK/status"
}
wait_for 20 "the check" is_damaged
expect_exit 5 us share "$WORK/a"
expect_text "$WORK/err" "the catalogue is damaged"
expect_text "$WORK/err" "usenetsync recover"
expect_exit 5 us get "$LINK" "$WORK/no"
expect_exit 0 us daemon stop
expect_exit 0 us recover
expect_text "$WORK/out" "keys of 1 shares and its 1 news servers"
cmp -s "$WORK/state"/catalogue.db.damaged-*[0-9] "$WORK/damaged.db" || fail "the damaged file was changed"
wait_for 60 "the share to be taken over" jobs_are_done
expect_exit 0 us --json share "$WORK/a"
expect_text "$WORK/out" "$LINK"
[ "$(result articles)" -le 8 ] || fail "$(result articles) articles after recover"
expect_exit 0 us get "$LINK" "$WORK/fourth"
same_tree "$WORK/a" "$WORK/fourth"

note "a catalogue of which nothing can be read"
expect_exit 0 us daemon stop
head -c 20000 /dev/urandom >"$WORK/state/catalogue.db"
expect_exit 5 us shares
expect_text "$WORK/err" "the catalogue is damaged"
expect_text "$WORK/err" "usenetsync recover"
expect_exit 0 us --json recover
expect_text "$WORK/out" '"shares":0,'
[ "$(find "$WORK/state" -name 'catalogue.db.damaged-*[0-9]' | wc -l)" = 2 ] || fail "a damaged file is gone"
add_server
expect_exit 0 us adopt "$WORK/key" "$WORK/a"
expect_exit 0 us share "$WORK/a"
[ "$(link_of "$WORK/out")" = "$LINK" ] || fail "another link after all that"
expect_exit 0 us daemon stop
expect_exit 3 "$USENETSYNC" --state "$WORK/empty" recover
expect_text "$WORK/err" "there is no catalogue"

if [ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null; then
    note "a state folder that is read-only, and one on a full disk"
    mkdir "$WORK/small"
    cat >"$WORK/mounts.sh" <<'MOUNTS'
set -u
mount --bind "$WORK/state" "$WORK/state" && mount -o remount,ro,bind "$WORK/state" || exit 90
"$USENETSYNC" --state "$WORK/state" shares >"$WORK/ro.out" 2>&1
echo $? >"$WORK/ro.code"
umount "$WORK/state"
mount -t tmpfs -o size=300k none "$WORK/small" || exit 91
head -c 1000000 /dev/zero >"$WORK/small/fill" 2>/dev/null
"$USENETSYNC" --state "$WORK/small/state" shares >"$WORK/full.out" 2>&1
echo $? >"$WORK/full.code"
rm "$WORK/small/fill"
mount -o remount,size=64m "$WORK/small"
"$USENETSYNC" --state "$WORK/small/state" shares >"$WORK/room.out" 2>&1
echo $? >"$WORK/room.code"
"$USENETSYNC" --state "$WORK/small/state" daemon stop
exit 0
MOUNTS
    export WORK
    unshare -m bash "$WORK/mounts.sh" >"$WORK/out" 2>"$WORK/err" || fail "the private mounts"
    [ "$(cat "$WORK/ro.code")" = 5 ] || fail "read-only: exit $(cat "$WORK/ro.code"): $(cat "$WORK/ro.out")"
    expect_text "$WORK/ro.out" "read-only"
    [ "$(cat "$WORK/full.code")" = 5 ] || fail "full: exit $(cat "$WORK/full.code"): $(cat "$WORK/full.out")"
    expect_text "$WORK/full.out" "the disk is full"
    [ "$(cat "$WORK/room.code")" = 0 ] || fail "with room again: $(cat "$WORK/room.out")"
    expect_exit 0 us shares
    expect_text "$WORK/out" "Mine"
else
    note "skipped: no private mounts here"
fi
note "nothing was lost, nothing was posted twice"
