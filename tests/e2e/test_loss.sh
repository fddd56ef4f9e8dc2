#!/bin/bash
# Networks forget. What recovery data makes up for comes back as if nothing had happened; of what it does
# not, the rest comes back and the lost files are named. Losses are by seed: the same every time.
# heavy: a quarter of a gigabyte goes out once and comes home eight times
set -eu
. "$PROJECT/tests/e2e/lib.sh"

us() {
    "$USENETSYNC" --state "$WORK/state" "$@"
}

# lose NAME WHAT...: a server on a copy of the spool from which WHAT was taken (spool_loss.py), and our program told
# to use that one.
lose() {
    local name=$1
    shift
    if [ -n "${LOSSY_PID:-}" ]; then
        kill_pid "$LOSSY_PID"
        rm -rf "$WORK/lossy"
    fi
    cp -a "$WORK/spool" "$WORK/lossy"
    start_newsd "$WORK/lossy"
    LOSSY_PID=$NEWSD_PID
    [ $# = 0 ] || /usr/bin/python3 -B "$PROJECT/tests/e2e/spool_loss.py" "$WORK/lossy" "$LINK" \
        "127.0.0.1:$NEWSD_PORT" "$name" "$@" >"$WORK/taken"
    [ $# = 0 ] || [ -s "$WORK/taken" ] || fail "$name: nothing was taken"
    us server add news --host 127.0.0.1 --port "$NEWSD_PORT" --connections 4 >/dev/null
}

# taken KIND...: how many articles of these kinds are lost.
taken() {
    local kind count=0
    for kind in "$@"; do
        count=$((count + $(grep -c "^$kind " "$WORK/taken" || true)))
    done
    echo $count
}

# counter NAME: of the last get's row, once it has ended.
counter() {
    grep '"result":{' "$WORK/out" | tail -n 1 | grep -o "\"$1\":[0-9]*" | head -n 1 | cut -d : -f 2
}

# comes_home NAME [option...]: a get that ends well, with everything as it was shared.
comes_home() {
    local name=$1
    shift
    expect_exit 0 us --json get "$LINK" "$WORK/$name" "$@"
    cp "$WORK/out" "$WORK/$name.json"
    same_tree "$WORK/source" "$WORK/$name"
    [ -z "$(find "$WORK/$name" -name '.usenetsync*')" ] || fail "something of ours stayed in $name"
    cp "$WORK/$name.json" "$WORK/out"
    rm -rf "${WORK:?}/$name"
}

note "two versions: two data volumes, and a listing in a volume of its own"
mkdir "$WORK/source"
start_newsd "$WORK/spool"
us server add news --host 127.0.0.1 --port "$NEWSD_PORT" --connections 4 >/dev/null
for version in 1 2; do
    /usr/bin/python3 -B "$PROJECT/tests/e2e/loss_make.py" "$WORK/source" $version
    expect_exit 0 us share "$WORK/source"
done
LINK=$(link_of "$WORK/out")
/usr/bin/python3 -B "$PROJECT/tests/e2e/spool_loss.py" "$WORK/spool" "$LINK" "127.0.0.1:$NEWSD_PORT" 0 >"$WORK/volumes"
cat "$WORK/volumes"
[ "$(cut -d ' ' -f 1 "$WORK/volumes" | sort | uniq -c | tr -s ' \n' ' ')" = " 2 data 1 meta " ] ||
    fail "these are not the volumes that this is about"
kill_pid "$NEWSD_PID"

note "nothing is lost: no recovery segment is fetched"
lose none
comes_home t0
WHOLE=$(counter articles)
[ "$(counter lost_segments)" = 0 ] || fail "lost although nothing was taken"
DATA=$(awk '$1 == "data" { sum += $3 } END { print sum }' "$WORK/volumes")
[ "$WHOLE" -le $((DATA + 15)) ] || fail "$WHOLE articles for $DATA data segments"

note "9 % of all articles are gone, listings and recovery data among them"
lose 1 any=9%
comes_home t1
[ "$(counter lost_segments)" = "$(taken data meta)" ] ||
    fail "$(counter lost_segments) lost segments, $(taken data meta) were taken"
[ "$(counter repaired_segments)" = "$(taken data meta)" ] || fail "not all were repaired"
# each article once, but for what came before a loss was met: far less than the tenth of all
[ "$(counter articles)" -le $((WHOLE + WHOLE / 10)) ] ||
    fail "$(counter articles) articles were fetched; whole it takes $WHOLE"

note "2 % arrive damaged"
lose 2 any=~2%
comes_home t2
[ "$(counter repaired_segments)" = "$(taken data meta)" ] || fail "not all were repaired"

note "9 % gone and 2 % damaged at the same time"
lose 3 data=9% any=~1%
comes_home t3

note "all data segments of the listing are lost"
lose 4 meta=all
expect_exit 0 us ls "$LINK" --recursive
expect_text "$WORK/out" big/24
comes_home t4
us link source --write-key >"$WORK/key"
"$USENETSYNC" --state "$WORK/other" server add news --host 127.0.0.1 --port "$NEWSD_PORT" --connections 4 >/dev/null
expect_exit 0 "$USENETSYNC" --state "$WORK/other" adopt "$WORK/key" "$WORK/source"
stop_daemons "$WORK/other"

note "one file, which is lost: the rest of its volume and no more"
lose 5 data=8%
for i in 1 3 4 5 6 7 8 9 10 11 12; do # some of them are not lost
    expect_exit 0 us --json get "$LINK" "$WORK/t5" --only "big/$i"
    cmp "$WORK/t5/big/$i" "$WORK/source/big/$i" || fail "the file is not what was shared"
    rm -rf "$WORK/t5"
    [ "$(counter repaired_segments)" = 0 ] || break
done
[ "$(counter repaired_segments)" -gt 0 ] || fail "none of these files was lost"
K=$(grep '^data 1 ' "$WORK/volumes" | cut -d ' ' -f 3)
# as many as the volume has data segments, and a handful of heads and of the listing
[ "$(counter articles)" -le $((K + 15)) ] || fail "$(counter articles) articles for a volume of $K"

note "killed in the middle of a repair, and again; then it goes on"
lose 6 any=9%
JOB=$(us get "$LINK" "$WORK/t6" --no-wait | grep -o '[0-9]*' | head -n 1)
job_says() { # its row holds this pattern
    local row # not a pipe: grep -q would end it early, and pipefail would call that a failure
    row=$(us --json jobs --all | grep "^{\"id\":$JOB,")
    grep -q "$1" <<<"$row"
}
for i in 1 2; do
    wait_for 60 "repair $i to be under way" job_says '"repair_needed":[1-9]'
    for pid in $(daemons_of "$WORK/state"); do
        kill -9 "$pid" 2>/dev/null || true
    done
done
wait_for 120 "job $JOB to end" job_says '"kind":"get","state":"done"'
same_tree "$WORK/source" "$WORK/t6"
rm -rf "$WORK/t6"

note "15 % are gone: more than the first volume can lose"
lose 7 data=15% parity=15%
expect_exit 6 us --json get "$LINK" "$WORK/t7"
LOST=$(counter lost_files)
JOB=$(counter id)
expect_exit 0 us --json logs "$JOB"
cp "$WORK/out" "$WORK/log"
expect_text "$WORK/log" "cannot be repaired"
/usr/bin/python3 -B "$PROJECT/tests/e2e/loss_judge.py" "$WORK/source" "$WORK/t7" "$WORK/log" "$LOST" ||
    fail "the files of a share that lost too much"

note "then the articles are found again: the same get brings the rest"
lose 8
us get "$LINK" "$WORK/t7" >/dev/null || fail "the restore was not gone on with"
same_tree "$WORK/source" "$WORK/t7"
note "what can be brought back is brought back"
