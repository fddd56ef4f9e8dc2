#!/bin/bash
# Two computers with one share's write key, and one that went back in time: whoever would publish a
# version that is out already is told so and overwrites nothing; the share stays readable.
# shellcheck source=tests/e2e/lib.sh
. "$PROJECT/tests/e2e/lib.sh"

# us STATE command...: the program on its own state folder.
us() {
    local state=$1
    shift
    "$USENETSYNC" --state "$WORK/$state" "$@"
}

# copy_state FROM TO: both at rest.
copy_state() {
    stop_daemons "$WORK/$1"
    rm -rf "${WORK:?}/$2"
    cp -a "$WORK/$1" "$WORK/$2"
}

# refused STATE: sharing from there ends with the sentence, and neither link nor article.
refused() {
    local before
    before=$(spooled)
    expect_exit 7 us "$1" share "$WORK/source"
    expect_text "$WORK/err" "another computer that holds this share's write key has published the next version"
    expect_text "$WORK/err" "nothing was overwritten"
    ! grep -q '^usync1' "$WORK/out" || fail "a link although it was refused"
    [ "$(spooled)" = "$before" ] || fail "articles were posted although it was refused"
}

# What the server holds, with sums.
spooled() {
    find "$WORK/spool" -type f -exec sha256sum {} + | sort | sha256sum
}

# reads_as FOLDER: whoever has the link gets this.
reads_as() {
    rm -rf "$WORK/reader" "$WORK/target"
    expect_exit 0 us reader server add news --host 127.0.0.1 --port "$NEWSD_PORT"
    expect_exit 0 us reader get "$LINK" "$WORK/target"
    same_tree "$1" "$WORK/target"
    stop_daemons "$WORK/reader"
}

mkdir -p "$WORK/source/sub"
head -c 4000000 /dev/urandom >"$WORK/source/big"
seq 1 20000 >"$WORK/source/sub/text"
start_newsd "$WORK/spool"
expect_exit 0 us a server add news --host 127.0.0.1 --port "$NEWSD_PORT"
expect_exit 0 us a share "$WORK/source"
LINK=$(link_of "$WORK/out")

note "a copy of the state folder: the original publishes version 2, then the copy tries"
copy_state a b
copy_state a old
head -c 2000000 /dev/urandom >"$WORK/source/of a"
expect_exit 0 us a share "$WORK/source"
expect_text "$WORK/out" "version 2"
cp -a "$WORK/source" "$WORK/as of a"
head -c 2000000 /dev/urandom >"$WORK/source/of b"
refused b
refused b
reads_as "$WORK/as of a"

note "something so small that it would ride in the head is refused, too"
rm "$WORK/source/of b" "$WORK/source/of a"
printf 'small\n' >"$WORK/source/of b"
refused b
reads_as "$WORK/as of a"

note "the original goes on, and again the copy is refused"
expect_exit 0 us a share "$WORK/source"
expect_text "$WORK/out" "version 3"
[ "$(link_of "$WORK/out")" = "$LINK" ] || fail "another link"
refused b
reads_as "$WORK/source"

note "a state folder that was restored from an older backup"
stop_daemons "$WORK/a"
mv "$WORK/a" "$WORK/lost"
copy_state old a
printf 'more\n' >>"$WORK/source/sub/text"
cp -a "$WORK/target" "$WORK/as of 3"
refused a
reads_as "$WORK/as of 3"

note "killed while it was refused, then asked again"
expect_exit 0 us a share "$WORK/source" --no-wait
kill -9 "$(daemons_of "$WORK/a")"
refused a
reads_as "$WORK/as of 3"

note "a backup whose next version is the same that is out: still refused, still readable"
copy_state old a
rm -rf "$WORK/source"
cp -a "$WORK/as of a" "$WORK/source"
refused a
reads_as "$WORK/as of 3"
note "no second writer overwrote anything"
