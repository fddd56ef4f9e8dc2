#!/bin/bash
# How much recovery data a share gets: as many articles as asked for, also in its next version, and as
# much as that may be lost of each volume before a restore notices.
set -eu
. "$PROJECT/tests/e2e/lib.sh"

us() {
    "$USENETSYNC" --state "$WORK/state" "$@"
}

# blocks DIR NAME COUNT: a file of COUNT blocks that do not shrink.
blocks() {
    mkdir -p "$1"
    head -c $(($3 * 786416)) /dev/urandom >"$1/$2"
}

# Of the last share, by its result.
result() {
    sed -n "s/.*\"result\":{[^}]*\"$1\":\([0-9]*\).*/\1/p" "$WORK/out" | tail -n 1
}

# share_posts COUNT ARGUMENT...: so many articles, the head's among them.
share_posts() {
    local want=$1
    shift
    expect_exit 0 us --json share "$@"
    [ "$(result articles)" = "$want" ] || fail "share $*: $(result articles) articles, not $want"
}

start_newsd "$WORK/spool"
expect_exit 0 us server add news --host 127.0.0.1 --port "$NEWSD_PORT"

note "twenty segments: 5, 8 or 11 of parity, and the head's six"
blocks "$WORK/lean" a 20
blocks "$WORK/normal" a 20
blocks "$WORK/long" a 20
share_posts 31 "$WORK/lean" --redundancy lean
share_posts 34 "$WORK/normal"
share_posts 37 "$WORK/long" --redundancy long-term

note "it is kept for the next version, until something else is said"
blocks "$WORK/lean" b 20
share_posts 28 "$WORK/lean" # today's places of the head are taken
blocks "$WORK/lean" c 20
share_posts 34 "$WORK/lean" --redundancy long-term
blocks "$WORK/normal" b 20
share_posts 31 "$WORK/normal"

note "a word that is none, and none at all"
expect_exit 2 us share "$WORK/lean" --redundancy much
expect_text "$WORK/err" "lean, normal or long-term"
expect_exit 2 us share "$WORK/lean" --redundancy

# lose WHAT SEED: take articles of $link away from the server's spool.
lose() {
    expect_exit 0 /usr/bin/python3 -B "$PROJECT/tests/e2e/spool_loss.py" "$WORK/spool" "$link" \
        "127.0.0.1:$NEWSD_PORT" "$2" "$1"
}

note "what was asked for is what may be lost"
expect_exit 0 us link long
link=$(link_of "$WORK/out")
lose data=11 7
expect_exit 0 us get "$link" "$WORK/back"
same_tree "$WORK/long" "$WORK/back"
lose parity=1 7
expect_exit 6 us get "$link" "$WORK/again"
note "a share is as safe as it was asked to be"
