#!/bin/bash
# A scan beside those who look at trees, and a share of small files beside those who keep them: `find -printf`, fdfind, updatedb.plocate,
# `rclone lsf`, restic, borg; the first time, and again with nothing new. Ratios as Markdown.
#
#   BENCH_FILES=300000   files of 200 to 2,000 bytes   BENCH_RUNS=2   rounds   BENCH_TREE=  a tree that is there; it stays
#
# Ours writes the catalogue in both kinds of scan. The whole share goes to the discarding server (sink.c), restic and borg into a local
# folder, encrypted; all of it on WORK's file system.
FILES=${BENCH_FILES:-300000}
RUNS=${BENCH_RUNS:-2}
ROOM_MB=$((FILES / 40 + 2000))
# shellcheck source=tests/bench/bench_lib.sh
. "${PROJECT:?set it to the source folder}/tests/bench/bench_lib.sh"
TREE=${BENCH_TREE:-$WORK/tree}
BENCH_SCAN=$(dirname "$USENETSYNC")/bench_scan
export RESTIC_PASSWORD=x BORG_PASSPHRASE=x BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK=yes

# bench_scan's lines become runs: first, and the first of those with nothing new.
scan_ours() {
    TMPDIR=$WORK "$BENCH_SCAN" "$TREE" >"$WORK/scan" || fail "bench_scan"
    awk '/^peak RSS/ { peak = $3 }
        /^(first scan|unchanged) / && !wall[$1] {
            for (i = NF; i > 1; i--) { if ($i == "CPU") { cpu[$1] = $(i - 1) } else if ($i == "s" && $(i - 1) != "CPU") { wall[$1] = $(i - 1) } }
        }
        END { for (kind in wall) { printf "ours %s\t%s\t%s\t%s\n", kind, wall[kind], cpu[kind], peak } }' "$WORK/scan" >>"$WORK/runs"
}

scan_theirs() {
    run_peer find find "$TREE" -printf '%s %T@ %p\n'
    run_peer fdfind fdfind -uu -t f . "$TREE"
    rm -f "$WORK/plocate.db"
    run_peer "plocate first" updatedb.plocate -U "$TREE" -o "$WORK/plocate.db" -l no --prune-bind-mounts no --prunepaths "" --prunefs ""
    run_peer "plocate unchanged" updatedb.plocate -U "$TREE" -o "$WORK/plocate.db" -l no --prune-bind-mounts no --prunepaths "" --prunefs ""
    run_peer rclone rclone lsf -R --format pst "$TREE"
}

keep_ours() {
    start_sink --keep 3000
    start_daemon "$WORK/state"
    expect_exit 0 "$USENETSYNC" --state "$WORK/state" server add sink --host 127.0.0.1 --port "$SINK_PORT" --connections 10
    kill_pid "$DAEMON_PID"
    run_ours "share first" "$WORK/state" share "$TREE"
    kill_pid "$DAEMON_PID"
    run_ours "share unchanged" "$WORK/state" share "$TREE"
    kill_pid "$DAEMON_PID"
    kill_pid "$SINK_PID"
    rm -rf "${WORK:?}/state"
}

keep_theirs() {
    rm -rf "$WORK/restic" "$WORK/borg" "$WORK/cache"
    restic -q -r "$WORK/restic" --cache-dir "$WORK/cache" init >"$WORK/out" 2>&1 || fail "restic init"
    run_peer "restic first" restic -q -r "$WORK/restic" --cache-dir "$WORK/cache" backup "$TREE"
    run_peer "restic unchanged" restic -q -r "$WORK/restic" --cache-dir "$WORK/cache" backup "$TREE"
    BORG_BASE_DIR=$WORK/cache borg init -e repokey "$WORK/borg" >"$WORK/out" 2>&1 || fail "borg init"
    run_peer "borg first" env "BORG_BASE_DIR=$WORK/cache" borg create "$WORK/borg::a" "$TREE"
    run_peer "borg unchanged" env "BORG_BASE_DIR=$WORK/cache" borg create "$WORK/borg::b" "$TREE"
    rm -rf "$WORK/restic" "$WORK/borg" "$WORK/cache"
}

want_programs restic borg rclone updatedb.plocate fdfind
[ -x "$BENCH_SCAN" ] || fail "there is no $BENCH_SCAN; make bench builds it"
[ -d "$TREE" ] || make_data tree "$TREE" "$FILES" 0 200 2000
find "$TREE" -printf '%s' >/dev/null # into the kernel's caches, for all
machine
printf '%s entries in %s, %s rounds.\n\n' "$(find "$TREE" | wc -l)" "$TREE" "$RUNS"
for ((run = 0; run < RUNS; run++)); do
    scan_ours
    scan_theirs
    keep_ours
    keep_theirs
done
ratios table "scan, first=ours first" "scan, unchanged=ours unchanged" "find -printf=find" "fdfind (names alone)=fdfind" \
    "updatedb.plocate, first=plocate first" "updatedb.plocate, again=plocate unchanged" "rclone lsf=rclone" \
    "share, first=share first" "share, unchanged=share unchanged" "restic backup, first=restic first" \
    "restic backup, unchanged=restic unchanged" "borg create, first=borg first" "borg create, unchanged=borg unchanged"
echo
echo "| ours / theirs | wall | CPU | peak memory |"
echo "|---|---|---|---|"
compare "scan, first: find -printf=ours first:find" "scan, unchanged: find -printf=ours unchanged:find" \
    "scan, first: updatedb.plocate=ours first:plocate first" "scan, first: rclone lsf=ours first:rclone" \
    "share, first: restic=share first:restic first" "share, unchanged: restic=share unchanged:restic unchanged" \
    "share, first: borg=share first:borg first" "share, unchanged: borg=share unchanged:borg unchanged"
