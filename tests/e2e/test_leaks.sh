#!/bin/bash
# What a news server learns: nothing. Everything that newsd received, and every file of its spool, is
# searched by leak_scan.py; then the scan itself is tried with one planted leak of each kind.
. "${PROJECT:?set it to the source folder}/tests/e2e/lib.sh"
HERE=$PROJECT/tests/e2e
SCAN=("$HERE/leak_scan.py" --words "$WORK/words" --plain "$WORK/plain")

# Long words that no random text has, and one short one.
NAME=quarterlyheronsurvey
TITLE=vermilionpicnicbasket
HOST=marmaladeworkstation
LOGIN=periwinkleaccount
PASSWORD=thimblewrenchlantern
PERSON=archibaldfeatherstone
SHORT=abc
UNICODE=$'\303\204rgerliche\303\234berraschung-\346\227\245\346\234\254'
SOURCE=$WORK/home/$PERSON/$NAME-documents

# A process that believes to run on another host, where the kernel lets us say so.
ELSEWHERE=()
find_elsewhere() {
    local how
    for how in "unshare --uts" "unshare --user --map-root-user --uts"; do
        # shellcheck disable=SC2016,SC2206 # words on purpose; "$0" is the new shell's
        ELSEWHERE=($how -- sh -c 'hostname "$0" && exec "$@"' "$HOST")
        ! "${ELSEWHERE[@]}" true 2>/dev/null || return 0
    done
    ELSEWHERE=()
    note "the host keeps its name: unshare is not allowed here"
}

# us STATE command...: the program as this person on that host, in a time zone that tells.
us() {
    local state=$1
    shift
    expect_exit 0 env USER=$PERSON LOGNAME=$PERSON HOSTNAME=$HOST TZ=LCL-5:45 \
        "${ELSEWHERE[@]}" "$USENETSYNC" --state "$state" "$@"
}

make_source() {
    local i
    mkdir -p "$SOURCE/accounts-of-the-$NAME/deeper-$PERSON" "$SOURCE/empty-corner-of-$NAME"
    openssl rand -out "$SOURCE/$NAME-photograph.jpeg" 5000001
    openssl rand -out "$SOURCE/twin-one-of-$NAME" 3000000
    cp "$SOURCE/twin-one-of-$NAME" "$SOURCE/twin-two-of-$NAME"
    printf "sixteen letters!%.0s" {1..125000} >"$SOURCE/pattern-$NAME"
    head -c 3000000 /dev/zero >"$SOURCE/zeros-of-$NAME"
    seq -f "the ledger of $PERSON says %.0f pounds of marmalade" 1 60000 >"$SOURCE/ledger-$NAME.txt"
    openssl rand -base64 1500000 >"$SOURCE/accounts-of-the-$NAME/$UNICODE"
    for ((i = 0; i < 200; i++)); do
        openssl rand -hex 40 >"$SOURCE/accounts-of-the-$NAME/deeper-$PERSON/small-$NAME-$i"
    done
    printf 'one line by %s\n' $PERSON >"$SOURCE/.hidden-$NAME"
    ln -s "../$NAME-target-of-a-link" "$SOURCE/link-$NAME"
}

# Everything that may not leave: one a line.
write_words() {
    {
        printf '%s\n' $NAME $TITLE $HOST $LOGIN $PASSWORD $PERSON $SHORT "$UNICODE" "$@"
        printf '%s\n' "$WORK" "$HOME" "$SOURCE" "$(getent passwd "$(id -u)" | cut -d : -f 6)"
        printf '%s\n' "$(uname -n)" "$(hostname -f 2>/dev/null)" "$(id -un)" "$(id -gn)"
        find "$SOURCE" -mindepth 1 -printf '%f\n%P\n'
    } | grep -vx -e '' -e / | sort -u >"$WORK/words"
}

# A client's whole life, through the tap: two shares of the same files by two owners, a second
# version, a listing, a restore, and the server's test.
live() {
    local owner
    secret_file "$WORK/password" $PASSWORD
    start_newsd "$WORK/spool" --user $LOGIN --password-file "$WORK/password"
    "$HERE/wire_tap.py" "$NEWSD_PORT" "$WORK/wire" >"$WORK/tap.port" &
    STARTED+=($!)
    wait_for 20 "the tap" grep -q . "$WORK/tap.port"
    for owner in one two; do
        us "$WORK/$owner" server add home --host 127.0.0.1 --port "$(cat "$WORK/tap.port")" \
            --user $LOGIN --password-file "$WORK/password"
    done
    us "$WORK/one" share "$SOURCE" --title $TITLE
    LINK_ONE=$(link_of "$WORK/out")
    us "$WORK/two" share "$SOURCE" --title $TITLE
    LINK_TWO=$(link_of "$WORK/out")
    [ "$LINK_ONE" != "$LINK_TWO" ] || fail "two owners have the same link"
    printf 'more by %s\n' $PERSON >"$SOURCE/added-later-to-$NAME"
    us "$WORK/one" share "$SOURCE" --title $TITLE
    us "$WORK/two" ls "$LINK_ONE" "accounts-of-the-$NAME"
    us "$WORK/two" get "$LINK_ONE" "$WORK/target"
    same_tree "$SOURCE" "$WORK/target"
    for owner in one two; do
        stop_daemons "$WORK/$owner"
    done
    kill_pid "$NEWSD_PID"
}

# The first two articles alone, with what else a spool has: small enough to be scanned often.
make_sample() {
    local path
    mkdir -p "$WORK/sample"
    (cd "$WORK/spool" && find . -path ./articles -prune -o -type f -print && find articles -type f |
        sort | head -n 2) | while IFS= read -r path; do
        mkdir -p "$WORK/sample/$(dirname "$path")"
        cp "$WORK/spool/$path" "$WORK/sample/$path"
    done
    mkdir "$WORK/plain"
    head -c 100000 "$SOURCE/$NAME-photograph.jpeg" >"$WORK/plain/photograph"
}

# refused WHAT WORDS scan-option...: the scan must find it, and say these words of it.
refused() {
    expect_exit 1 "${SCAN[@]}" "${@:3}"
    grep -qF -- "$2" "$WORK/out" || fail "with a leak of the kind $1 the scan does not say \"$2\""
    note "refused: $1 ($(head -n 1 "$WORK/out" | cut -c 1-120))"
}

try_kinds() {
    local kind words
    while IFS=$'\t' read -r kind words; do
        rm -rf "$WORK/planted"
        cp -al "$WORK/sample" "$WORK/planted"
        "$HERE/leak_plant.py" "$kind" "$WORK/planted" $NAME "$WORK/plain/photograph"
        refused "$kind" "$words" "$WORK/planted"
    done < <("$HERE/leak_plant.py" --list)
}

# try_wire KIND LINE WORDS: a connection with this command among the posts.
try_wire() {
    rm -rf "$WORK/planted.wire"
    "$HERE/leak_plant.py" --wire "$2" "$WORK/sample" "$WORK/planted.wire"
    refused "$1" "$3" --wire "$WORK/planted.wire" "$WORK/sample"
}

prove_scan() {
    make_sample
    expect_exit 0 "${SCAN[@]}" "$WORK/sample"
    try_kinds
    "$HERE/leak_plant.py" --wire DATE "$WORK/sample" "$WORK/clean.wire"
    expect_exit 0 "${SCAN[@]}" --wire "$WORK/clean.wire" "$WORK/sample"
    try_wire command "XCLIENT 1.0" "the command b'XCLIENT"
    try_wire word-in-command "GROUP $HOST" "the secret"
    refused not-sent-like-that "no client sent it like that" --wire "$WORK/clean.wire" "$WORK/spool"
    rm -rf "$WORK/plain"
    mkdir -p "$WORK/nothing" "$WORK/plain"
    refused empty-spool "no article at all" "$WORK/nothing"
}

find_elsewhere
make_source
live
write_words "$LINK_ONE" "$LINK_TWO"
note "the scan"
"$HERE/leak_scan.py" --words "$WORK/words" --plain "$SOURCE" --wire "$WORK/wire" "$WORK/spool" ||
    fail "newsd received what it must not"
[ "$(find "$WORK/spool/articles" -type f | wc -l)" -ge 30 ] || fail "newsd holds too few articles"
note "can the scan fail?"
prove_scan
