#!/bin/bash
# Every page in light, dark and on a phone, empty and full: axe finds nothing. looks.mjs looks. SHOTS=DIR
# keeps a picture of each.
# shellcheck source=tests/e2e/lib.sh
. "$PROJECT/tests/e2e/lib.sh"

export WORK STATE="$WORK/state" LINK JOBS SET
unu() { "$USENETSYNC" --state "$STATE" "$@"; }

note "a first visit"
mkdir -p "$HOME/Pictures/2025" "$HOME/Music"
for ((i = 0; i < 40; i++)); do
    head -c $((i * 5000)) /dev/urandom >"$HOME/Pictures/2025/IMG_$((1000 + i)).jpg"
done
echo hello >"$HOME/Pictures/notes 3.txt"
secret_file "$WORK/password" "a password for the page"
expect_exit 0 unu ui --set-password --password-file "$WORK/password"
SET=empty node "$PROJECT/web/tests/browser/looks.mjs" || fail "looks.mjs, empty"

note "a share, one that is under way, one that failed, a get"
start_newsd "$WORK/spool"
expect_exit 0 unu server add local --host 127.0.0.1 --port "$NEWSD_PORT"
expect_exit 0 unu share "$HOME/Pictures"
LINK=$(link_of "$WORK/out")
expect_exit 0 unu get "$LINK" "$HOME/restored"
expect_exit 3 unu get "$LINK" "$HOME/nowhere" --version 9
head -c 40000000 /dev/urandom >"$HOME/Music/album.flac"
expect_exit 0 curl --silent --fail --unix-socket "$STATE/daemon.sock" http://usenetsync/api/settings \
    --json '{"limits": {"upload_rate": 102400}}'
expect_exit 0 unu share "$HOME/Music" --no-wait
JOBS="1 2 3 4" SET=full node "$PROJECT/web/tests/browser/looks.mjs" || fail "looks.mjs, full"
