#!/bin/bash
# usenetsync export: the files fit Debian's par2, which checks and repairs them; articles that are gone are made
# again from parity; what cannot be made is said; a second run goes on where the first one ended.
set -eu
. "$PROJECT/tests/e2e/lib.sh"
command -v par2 >/dev/null || fail "there is no par2; tools/setup test installs it"

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

# verify FOLDER: every volume there is right, says Debian's par2, and says ours.
verify() {
    local index
    for index in "$1"/volume-??????.par2; do
        expect_exit 0 par2 verify "$index"
        expect_text "$WORK/out" "All files are correct"
        expect_exit 0 "$USENETSYNC" par2 verify "$index"
    done
}

# has_data FOLDER: something was written there.
has_data() {
    [ "$(du -s "$1" | cut -f 1)" -gt 1000 ]
}

# Data of several volumes' size would take long: one of some 60 segments, and a listing that needs meta volumes.
mkdir -p "$WORK/a/names"
head -c 45000000 /dev/urandom >"$WORK/a/random"
head -c 300000 /dev/urandom >"$WORK/a/more"
python3 - "$WORK/a/names" <<'PY'
import random, string, sys
dice = random.Random(1)
for i in range(8000):
    open(sys.argv[1] + f"/{i}-" + "".join(dice.choices(string.ascii_letters + string.digits, k=220)), "w")
PY
start_newsd "$WORK/spool"
expect_exit 0 us server add news --host 127.0.0.1 --port "$NEWSD_PORT" --connections 4
expect_exit 0 us share "$WORK/a" --title Mine
LINK=$(link_of "$WORK/out")
loss 1
VOLUMES=$(wc -l <"$WORK/taken")
read -r VOLUME K M < <(awk '$1 == "data" { print $2, $3, $4; exit }' "$WORK/taken")
grep -q '^meta' "$WORK/taken" || fail "there is no meta volume"
NAME=$(printf 'volume-%06d' "$VOLUME")

note "all volumes, data and meta; par2 says all right"
expect_exit 0 us --json export Mine "$WORK/whole"
expect_result volumes "$VOLUMES" complete "$VOLUMES" found 0 incomplete 0 repaired_segments 0
[ "$(stat -c %s "$WORK/whole/$NAME.sealed")" = $((K * 786432)) ] || fail "another size"
[ "$(find "$WORK/whole" -name '*.incomplete' -o -name '.usenetsync-*' | wc -l)" = 0 ] || fail "something is left over"
verify "$WORK/whole"
[ "$(find "$WORK/whole" -name "$NAME.vol*+$M.par2" | wc -l)" = 1 ] || fail "no file with $M recovery slices"

note "again: nothing is fetched"
expect_exit 0 us export Mine "$WORK/whole"
expect_text "$WORK/out" "$VOLUMES were there already"
expect_exit 0 us --json export "$LINK" "$WORK/whole"
expect_result articles 0 found "$VOLUMES"

note "kill -9 in the middle: the next run goes on with what is there"
expect_exit 0 us --json export Mine "$WORK/killed" --no-wait
wait_for 60 "the first segments" has_data "$WORK/killed"
for pid in $(daemons_of "$WORK/state"); do
    kill -9 "$pid"
done
expect_exit 0 us --json export Mine "$WORK/killed" # beside the one that goes on by itself
expect_result complete "$VOLUMES"
diff -r "$WORK/whole" "$WORK/killed" >&2 || fail "other files than before"

note "damage is repaired by par2, and by running export again"
printf 'damage' | dd of="$WORK/whole/$NAME.sealed" bs=1 seek=1000000 conv=notrunc status=none
sha256sum "$WORK"/whole/*.par2 >"$WORK/sums"
expect_exit 1 par2 verify "$WORK/whole/$NAME.par2"
expect_exit 0 par2 repair "$WORK/whole/$NAME.par2"
verify "$WORK/whole"
rm "$WORK/whole/$NAME.sealed.1"
printf 'damage' | dd of="$WORK/whole/$NAME.sealed" bs=1 seek=1000000 conv=notrunc status=none
expect_exit 0 us --json export Mine "$WORK/whole"
expect_result articles 1
sha256sum --quiet -c "$WORK/sums" || fail "the .par2 files were made anew"
verify "$WORK/whole"

note "articles are gone: the same files, made from parity"
loss 2 data=$((M - 1)) 'data=~1' meta=1 metaparity=1
expect_exit 0 us --json export Mine "$WORK/again"
[ "$(result repaired_segments)" -gt "$M" ] || fail "only $(result repaired_segments) were repaired"
expect_result complete "$VOLUMES" lost_segments 0
diff -r "$WORK/whole" "$WORK/again" >&2 || fail "other files than before"

note "one too many: the volume stays incomplete, the others are there"
loss 3 "data.$VOLUME=1"
expect_exit 6 us export "$LINK" "$WORK/less"
expect_text "$WORK/err" "$NAME.sealed.incomplete: $((M + 1)) of $K segments are lost"
[ -f "$WORK/less/$NAME.sealed.incomplete" ] || fail "nothing was left"
[ ! -e "$WORK/less/$NAME.sealed" ] || fail "it has its name"
[ ! -e "$WORK/less/$NAME.par2" ] || fail "it has PAR2 files"
[ "$(find "$WORK/less" -name '*.sealed' | wc -l)" = $((VOLUMES - 1)) ] || fail "others are missing"
[ "$VOLUMES" = 1 ] || verify "$WORK/less"

note "what is there and not ours is not touched"
mkdir "$WORK/other"
echo mine >"$WORK/other/$NAME.sealed"
expect_exit 5 us export Mine "$WORK/other"
expect_text "$WORK/err" "$NAME.sealed is there already"
[ "$(cat "$WORK/other/$NAME.sealed")" = mine ] || fail "it was touched"
expect_exit 0 us daemon stop
refuse_text "$WORK/state/daemon.log" "$LINK"
[ "$(find "$WORK/state" -name '.usenetsync-*' | wc -l)" = 0 ] || fail "temporary files"
