#!/bin/bash
# The whole commands `par2 create`, `verify` and `repair` of ours, and Debian's par2 beside it in the same run: wall and CPU seconds,
# peak memory. 1 GiB of random bytes on tmpfs when it fits; every result is looked at by the other program.
#
#   BENCH_MIB=1024   how much      BENCH_RUNS=3   runs of each; the median by wall is told
#   BENCH_PEER=1     0: ours alone (the peer needs minutes)
MIB=${BENCH_MIB:-1024}
RUNS=${BENCH_RUNS:-3}
PEER=${BENCH_PEER:-1}
FILES=20
SLICE=786432
LOST=100 # slices
WORK_NAME=usenetsync-bench
if [ "$(df -Pm /dev/shm 2>/dev/null | awk 'NR == 2 { print $4 }')" -gt $((MIB * 3)) ]; then
    TMPDIR=/dev/shm
fi
export TMPDIR=${TMPDIR:-/tmp}
. "${PROJECT:?set it to the source folder}/tests/e2e/lib.sh"

random() {
    head -c "$1" /dev/zero | openssl enc -aes-256-ctr -K "$(openssl rand -hex 32)" -iv "$(openssl rand -hex 16)"
}

# timed NAME PROGRAM BEFORE COMMAND...: the median of RUNS, as a row; BEFORE is run before each.
timed() {
    local name=$1 program=$2 before=$3 run
    shift 3
    rm -f "$WORK/times"
    for ((run = 0; run < RUNS; run++)); do
        $before
        env time -a -o "$WORK/times" -f '%e %U %S %M' "$@" >"$WORK/out" 2>"$WORK/err" || fail "$*"
    done
    sort -n "$WORK/times" | awk -v name="$name" -v program="$program" '
        { wall[NR] = $1; cpu[NR] = $2 + $3; rss[NR] = $4 }
        END { m = int((NR + 1) / 2); printf "| %s | %s | %.2f | %.2f | %d |\n", name, program, wall[m], cpu[m], rss[m] / 1024 }'
}

no_par2() {
    rm -f "$WORK"/*/*.par2
}

# Both programs create; each one's files are verified by the other.
create() {
    local name=$1 folder=$2 slice=$3 recovery=$4 peer=$5
    timed "create, $name" ours no_par2 "$USENETSYNC" par2 create -q -q -s"$slice" -c"$recovery" "$folder/set.par2" "$folder"/f*
    if [ "$peer" = 1 ]; then
        par2 verify -q -q "$folder/set.par2" >/dev/null || fail "$name: the peer does not find ours right"
        timed "create, $name" par2 no_par2 par2 create -q -q -s"$slice" -c"$recovery" "$folder/set.par2" "$folder"/f*
        "$USENETSYNC" par2 verify -q -q "$folder/set.par2" >/dev/null || fail "$name: we do not find the peer's right"
    fi
}

# LOST slices in the middle of the file are zeroed.
damage() {
    rm -f "$WORK/one"/file.1
    dd if=/dev/zero of="$WORK/one/file" bs=$SLICE seek=$((COUNT / 3)) count=$LOST conv=notrunc status=none
}

repair() {
    local sum
    sum=$(sha256sum <"$WORK/one/file")
    timed "verify, one file" ours : "$USENETSYNC" par2 verify -q -q "$WORK/one/set.par2"
    [ "$PEER" = 0 ] || timed "verify, one file" par2 : par2 verify -q -q "$WORK/one/set.par2"
    timed "repair of $LOST slices" ours damage "$USENETSYNC" par2 repair -q -q "$WORK/one/set.par2"
    [ "$(sha256sum <"$WORK/one/file")" = "$sum" ] || fail "our repair is wrong"
    if [ "$PEER" = 1 ]; then
        timed "repair of $LOST slices" par2 damage par2 repair -q -q "$WORK/one/set.par2"
        [ "$(sha256sum <"$WORK/one/file")" = "$sum" ] || fail "the peer's repair is wrong"
    fi
}

COUNT=$((MIB * 1048576 / SLICE))
mkdir "$WORK/one" "$WORK/many"
random $((MIB * 1048576)) >"$WORK/one/file"
for ((i = 0; i < FILES; i++)); do
    random $((MIB * 1048576 / FILES)) >"$WORK/many/f$i"
done
echo "$MIB MiB, slices of $SLICE bytes, $((COUNT / 10)) recovery slices; $(nproc) cores, load $(cut -d ' ' -f 1 /proc/loadavg), $(date -u +%Y-%m-%d)"
echo
echo "| what | program | wall s | CPU s | peak MiB |"
echo "|---|---|---|---|---|"
timed "openssl md5 of it, once" openssl : openssl md5 "$WORK/one/file"
create "$FILES files" "$WORK/many" $SLICE $((COUNT / 10)) "$PEER"
create "$((MIB * 16)) slices of 64 KiB in $FILES files, $((MIB * 16 / 10)) recovery slices" "$WORK/many" 65536 $((MIB * 16 / 10)) 0
create "one file" "$WORK/one" $SLICE $((COUNT / 10)) "$PEER"
repair
