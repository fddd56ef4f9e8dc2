#!/bin/bash
# usenetsync check: what was taken from the server is found, per volume and per file, by link and by name; the
# exit code says how bad it is; what was found is kept.
set -eu
. "$PROJECT/tests/e2e/lib.sh"

us() {
    "$USENETSYNC" --state "$WORK/state" "$@"
}

# loss SEED WHAT...: take articles away; what was taken is in WORK/taken.
loss() {
    printf '%s\n' "$LINK" | "$PROJECT/tests/e2e/spool_loss.py" "$WORK/spool" - "127.0.0.1:$NEWSD_PORT" "$@" >"$WORK/taken"
}

# result KEY: a member of the result in the last line of --json output.
result() {
    python3 -c 'import json, sys
print(json.loads(open(sys.argv[1]).readlines()[-1])["result"][sys.argv[2]])' "$WORK/out" "$1"
}

expect_result() {
    while [ $# -gt 0 ]; do
        [ "$(result "$1")" = "$2" ] || fail "$1 is $(result "$1"), not $2"
        shift 2
    done
}

# of_volume KIND: number, K and M of the first volume of this kind.
of_volume() {
    loss 1
    read -r VOLUME K M < <(awk -v kind="$1" '$1 == kind { print $2, $3, $4; exit }' "$WORK/taken")
    [ "$M" -ge 3 ] || fail "volume $VOLUME has $M parity segments"
}

mkdir -p "$WORK/a/sub"
head -c 16000000 /dev/urandom >"$WORK/a/random"
head -c 300000 /dev/urandom >"$WORK/a/sub/"$'odd \e[31mname'
seq 1 300000 >"$WORK/a/sub/text"
start_newsd "$WORK/spool"
expect_exit 4 us check 1
expect_exit 0 us server add news --host 127.0.0.1 --port "$NEWSD_PORT" --connections 4
expect_exit 0 us share "$WORK/a" --title Mine
LINK=$(link_of "$WORK/out")

note "a whole share"
expect_exit 0 us shares
refuse_text "$WORK/out" "checked"
expect_exit 0 us check Mine
expect_text "$WORK/out" "version 1 is whole"
expect_exit 0 us --json check 1 --deep
expect_result verdict whole deep True missing_data 0 volumes_lost 0
[ "$(result articles)" = "$(($(find "$WORK/spool/articles" -type f | wc -l) - 6))" ] || fail "not all articles were asked for"
expect_exit 0 us shares
expect_text "$WORK/out" "(good; checked 2"

note "articles are missing, and parity makes them good"
of_volume data
loss 2 "data.$VOLUME=$((M - 2))" "parity.$VOLUME=1" 'parity=~1' head=1
printf '%s\n' "$LINK" >"$WORK/link"
run us --json check - --deep <"$WORK/link"
[ "$(cat "$WORK/code")" = 8 ] || fail "exit code $(cat "$WORK/code")"
expect_result verdict repairable missing_data $((M - 2)) missing_parity 2 damaged 1 volumes_repairable 1 lost_files 0
[ "$(tail -n 1 "$WORK/out" | grep -o '"missing":1}' | wc -l)" -ge 1 ] || fail "the head's copies"
expect_exit 8 us check Mine
expect_text "$WORK/out" "not whole, but nothing is lost: $((M - 1)) of"
expect_text "$WORK/out" "1 of 6 copies of its head are missing"
expect_text "$WORK/out" "$((M - 2)) of $K"
expect_exit 0 us shares
expect_text "$WORK/out" "(weak: volume $VOLUME misses $M, can spare $M; checked 2" # what arrives damaged counts until it is fetched again

note "one too many: the files are named, and a terminal obeys none of them"
loss 3 "data.$VOLUME=all"
expect_exit 6 us check "$LINK"
expect_text "$WORK/out" "damaged for good"
expect_text "$WORK/out" "lost: random"
expect_text "$WORK/out" 'lost: sub/odd \x1b[31mname'
expect_exit 6 us --json check Mine
expect_result verdict lost volumes_lost 1 lost_files 3 files_known True
expect_exit 0 us --json shares
expect_text "$WORK/out" '"state":"damaged"'

note "a second version of the same day finds the first one's heads in the places of the day, which serve"
mkdir "$WORK/b"
echo first >"$WORK/b/file"
expect_exit 0 us share "$WORK/b" --title Other
echo second >"$WORK/b/file"
expect_exit 0 us share "$WORK/b"
expect_exit 0 us check Other
expect_text "$WORK/out" "version 2 is whole"
expect_exit 0 us daemon stop
refuse_text "$WORK/state/daemon.log" "$LINK"

note "nobody answers: unknown, never missing"
kill_pid "$NEWSD_PID"
run us check Mine
[ "$(cat "$WORK/code")" = 4 ] || fail "exit code $(cat "$WORK/code"): $(cat "$WORK/err")"
refuse_text "$WORK/out" "missing"

note "wrong words"
expect_exit 3 us check "no such share"
expect_exit 2 us check "${LINK}q"
expect_exit 2 us check Mine --version 0
