#!/bin/bash
# The format page against the program: a reader in Python, written from docs/format.md alone,
# restores what the program published. If they disagree, the page no longer says what we do.
# The first version is small enough to lie in its head; the second has meta volumes, the third
# an older meta volume, compressed blocks, holes and raw blocks. With login.
# shellcheck source=tests/e2e/lib.sh
. "$PROJECT/tests/e2e/lib.sh"

READER=$PROJECT/tests/e2e/second_reader.py
STATE=$WORK/state
SRC=$WORK/src

# second_reader TARGET LINK
second_reader() {
    timeout 120 /usr/bin/python3 -B "$READER" "$2" "127.0.0.1:$NEWSD_PORT" "$1" tester secret
}

# publish_and_compare NAME: share SRC again, restore by the second reader, compare all there is.
publish_and_compare() {
    expect_exit 0 timeout 200 "$USENETSYNC" --state "$STATE" share "$SRC"
    cp "$WORK/out" "$WORK/$1.share"
    LINK=$(link_of "$WORK/$1.share")
    expect_exit 0 second_reader "$WORK/$1" "$LINK"
    cat "$WORK/out"
    same_tree "$SRC" "$WORK/$1"
}

note "a small share: names that are bytes, empty things, links, odd modes and times"
secret_file "$WORK/password" secret
start_newsd "$WORK/spool" --user tester --password-file "$WORK/password"
expect_exit 0 "$USENETSYNC" --state "$STATE" server add home --host 127.0.0.1 \
    --port "$NEWSD_PORT" --user tester --password-file "$WORK/password"
mkdir -p "$SRC/empty folder" "$SRC/a/b/c"
printf 'hello\n' >"$SRC/a/b/c/$(printf 'caf\351 \xff')"
: >"$SRC/nothing"
ln -s ../outside "$SRC/a/link"
chmod 640 "$SRC/nothing"
chmod 700 "$SRC/a/b"
touch -h -d '1969-12-31 23:59:58.000000001 UTC' "$SRC/a/link"
touch -d '2001-02-03 04:05:06.123456789 UTC' "$SRC/a/b/c" "$SRC/nothing"
publish_and_compare one

note "many entries: a tree in meta volumes"
for folder in $(seq 1 40); do
    mkdir "$SRC/many$folder"
    for file in $(seq 1 250); do
        echo "$folder $file" >"$SRC/many$folder/a file of this folder, number $file"
    done
done
publish_and_compare two

note "a small change, and every way a block can be stored"
rm "$SRC/many7/a file of this folder, number 3"
head -c 3000000 /dev/urandom >"$SRC/random"
seq 1 700000 >"$SRC/text"
head -c 786416 /dev/urandom >"$SRC/one block"
truncate -s 5000000 "$SRC/holes"
printf 'in the middle' | dd of="$SRC/holes" bs=1 seek=2500000 conv=notrunc status=none
truncate -s 3000000 "$SRC/all hole"
publish_and_compare three

note "a link with a typing mistake, and one of a share that is not there"
expect_exit 1 second_reader "$WORK/typo" "${LINK%?}"
expect_text "$WORK/err" "typing mistake"
# The public link of docs/format.md, section 10: nobody has published that share.
expect_exit 1 second_reader "$WORK/absent" \
    usync1qyszzg3rysjjvfeg9y4zktpd9chnqvfjxv6r2d3hfsvpr7hdne9f4t9wfznvfyvql5auexwu
expect_text "$WORK/err" "no share was found"
for left in typo absent; do
    [ ! -e "$WORK/$left" ] || fail "a failed restore left something behind"
done
note "all three versions came back by the page alone"
