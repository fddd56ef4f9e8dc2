#!/bin/bash
# usenetsync par2 beside Debian's par2: random geometries judged by each other, then what a person meets:
# shifted, renamed, cut and missing files, broken .par2 files, exit codes, a small memory limit.
# GEOMETRIES=500 tries more of them.
. "${PROJECT:?set it to the source folder}/tests/e2e/lib.sh"
command -v par2 >/dev/null || fail "there is no par2; tools/setup test installs it"
P=("$USENETSYNC" par2)

# fresh NAME: a folder with files and .par2 files for them; the script stands in it.
fresh() {
    mkdir -p "$WORK/$1/sub"
    cd "$WORK/$1"
    umask 022
    head -c 300001 /dev/urandom >first.bin
    head -c 50000 /dev/urandom >second.bin
    head -c 7000 /dev/urandom >sub/third.bin
    : >nothing.bin
    expect_exit 0 "${P[@]}" create -q -s4000 -c20 -R set.par2 first.bin second.bin nothing.bin sub
    find . -name '*.bin' ! -name 'nothing.bin' -exec sha256sum {} + >sums
}

intact() {
    sha256sum --quiet -c sums >"$WORK/out" 2>&1 || fail "$1: the files are not what they were"
}

names() {
    [ "$(echo set.*par2)" = "set.par2 set.vol00+1.par2 set.vol01+2.par2 set.vol03+4.par2 set.vol07+8.par2 set.vol15+5.par2" ] ||
        fail "other names: $(echo set.*par2)"
    expect_exit 0 "${P[@]}" v set.par2
    expect_text "$WORK/out" "All files are correct"
    expect_exit 6 "${P[@]}" c -q -s4000 -c20 set.par2 first.bin # never over what is there
}

shifted() {
    { printf 'some bytes in front' && head -c 101000 first.bin && printf x && tail -c +101001 first.bin; } >longer
    mv longer first.bin
    expect_exit 1 "${P[@]}" v set.par2
    expect_text "$WORK/out" '"first.bin" - damaged. Found 75 of 76 data blocks'
    expect_exit 0 "${P[@]}" r set.par2
    [ -f first.bin.1 ] || fail "the damaged file is gone"
    intact shifted
}

# What lies 500 bytes beside its place is found by those who look far enough.
near() {
    { head -c 500 /dev/urandom && cat first.bin; } >longer
    mv longer first.bin
    expect_exit 1 "${P[@]}" v set.par2
    expect_text "$WORK/out" '"first.bin" - damaged. Found 76 of 76 data blocks'
    expect_exit 2 "${P[@]}" v -N -T1 set.par2
    expect_text "$WORK/out" '"first.bin" - damaged. Found 0 of 76 data blocks'
    expect_exit 1 "${P[@]}" v -v -N -S501 set.par2
    expect_text "$WORK/out" '"first.bin" - damaged. Found 76 of 76 data blocks'
    expect_exit 0 "${P[@]}" r -p -T1 set.par2
    intact near
    [ -z "$(ls ./*.par2 ./*.1 2>/dev/null)" ] || fail "-p left something: $(ls)"
}

renamed() {
    mv first.bin other.bin
    rm -r sub
    expect_exit 2 "${P[@]}" r set.par2
    expect_text "$WORK/out" "more recovery blocks are needed"
    [ ! -e first.bin ] && [ ! -e sub ] || fail "a repair that is not possible made files"
    expect_exit 0 "${P[@]}" r set.par2 other.bin
    intact renamed
}

shortened() {
    truncate -s 250000 first.bin
    chmod 600 first.bin
    head -c 100 /dev/zero >>second.bin
    expect_exit 1 "${P[@]}" v -q set.par2
    expect_exit 0 "${P[@]}" r -q -m1 set.par2
    intact shortened
    [ "$(stat -c %a first.bin set.par2 | tr '\n' ' ')" = "600 644 " ] || fail "other modes"
    [ -z "$(find . -name '.usenetsync-*')" ] || fail "temporary files are left over"
}

# The set lies in every volume; damage in .par2 files costs only what it hits.
broken_par2() {
    rm set.par2
    printf 'x' | dd of=set.vol07+8.par2 bs=1 seek=5000 conv=notrunc status=none
    truncate -s 15000 set.vol15+5.par2
    rm second.bin # 13 slices
    expect_exit 0 "${P[@]}" r set.par2
    expect_text "$WORK/out" "17 recovery blocks at hand"
    intact broken_par2
    head -c 5000 /dev/urandom >junk.par2
    expect_exit 4 "${P[@]}" v junk.par2
}

exit_codes() {
    expect_exit 3 "${P[@]}"
    expect_exit 3 "${P[@]}" q set.par2
    expect_exit 3 "${P[@]}" c
    expect_exit 3 "${P[@]}" v there-is-none.par2
    expect_exit 3 "${P[@]}" c -s6 new.par2 first.bin
    expect_exit 3 "${P[@]}" c -s4 -b9 new.par2 first.bin
    expect_exit 3 "${P[@]}" c -s4000 -c2 -n3 new.par2 first.bin
    expect_exit 3 "${P[@]}" v -s4 set.par2
    expect_exit 3 "${P[@]}" v -S100 set.par2
    expect_exit 3 "${P[@]}" v -q -v set.par2
    expect_exit 3 "${P[@]}" c -N new.par2 first.bin
    expect_exit 0 "${P[@]}" --help
    expect_text "$WORK/out" "usenetsync par2 create"
    [ -z "$(ls new* 2>/dev/null)" ] || fail "something was made in spite of all"
}

# All slices in memory, batches of whole slices, bands of all slices: the same files.
little_memory() {
    local count
    head -c 2500001 /dev/urandom >large.bin
    cp large.bin large.bin.saved
    for count in 20 150; do
        mkdir "all-$count" "some-$count"
        expect_exit 0 "${P[@]}" c -q -s4000 -c$count -B . "all-$count/x.par2" large.bin second.bin first.bin
        expect_exit 0 "${P[@]}" c -q -s4000 -c$count -B . -m1 "some-$count/x.par2" large.bin second.bin first.bin
        diff -r "all-$count" "some-$count" >"$WORK/out" 2>&1 || fail "$count recovery slices: other files with less memory"
        expect_exit 0 par2 v -q -B . "some-$count/x.par2"
        sha256sum large.bin second.bin first.bin >sums
        head -c $((count * 4000)) /dev/urandom | dd of=large.bin bs=4000 seek=100 conv=notrunc status=none
        rm second.bin
        expect_exit 2 "${P[@]}" r -q -B . -m1 "some-$count/x.par2" # 13 slices too many
        dd if=large.bin.saved of=large.bin bs=4000 skip=100 seek=100 count=13 conv=notrunc status=none
        expect_exit 0 "${P[@]}" r -q -B . -m1 "some-$count/x.par2"
        intact "little_memory, $count"
    done
}

# Forged: a set whose file would lie outside of the base folder.
outside() {
    mkdir inner
    head -c 9000 /dev/urandom >outer.bin
    expect_exit 0 par2 c -q -q -s1000 -c9 forged.par2 outer.bin
    python3 - <<'PY'
import glob, hashlib
for name in glob.glob("forged*.par2"):
    data = bytearray(open(name, "rb").read())
    at = 0
    while at < len(data):
        length = int.from_bytes(data[at + 8:at + 16], "little")
        if data[at + 48:at + 64] == b"PAR 2.0\0FileDesc":
            data[at + 120:at + length] = b"../outer.bin".ljust(length - 120, b"\0")
        data[at + 16:at + 32] = hashlib.md5(data[at + 32:at + length]).digest()
        at += length
    open("inner/" + name, "wb").write(data)
PY
    rm outer.bin forged*.par2
    cd inner
    expect_exit 2 "${P[@]}" r forged.par2
    [ ! -e ../outer.bin ] || fail "a file was made outside of the base folder"
}

for part in names shifted near renamed shortened broken_par2 exit_codes little_memory outside; do
    fresh $part
    $part
    note "$part: as it should be"
done
cd "$WORK"
expect_exit 0 "$PROJECT/tests/e2e/par2_geometries.py" "$USENETSYNC" "$WORK/geometries" "${GEOMETRIES:-60}" ${SEED:+"$SEED"}
cat "$WORK/out"
