#!/bin/bash
# Everything a user can get wrong and every way the world can: the sentence, the exit code
# (docs/cli.md), and that nothing was lost or half-written.
set -eu
. "$PROJECT/tests/e2e/lib.sh"

# us STATE command...: the program on its own state folder.
us() {
    local state=$1
    shift
    "$USENETSYNC" --state "$WORK/$state" "$@"
}

# refused CODE SENTENCE STATE command...: exit code and words on standard error, no link, no data.
refused() {
    local code=$1 sentence=$2
    shift 2
    expect_exit "$code" us "$@"
    expect_text "$WORK/err" "usenetsync: "
    expect_text "$WORK/err" "$sentence"
    refute_link "$WORK/out"
}

refute_link() {
    ! grep -q '^usync1' "$1" || fail "a link although it failed"
}

absent() {
    [ ! -e "$1" ] || fail "$1 is there: $(ls -lA "$1")"
}

# add_server STATE PORT [option...]
add_server() {
    local state=$1 port=$2
    shift 2
    expect_exit 0 us "$state" server add news --host 127.0.0.1 --port "$port" --connections 2 "$@"
}

# half_written DIR: temporary files or files that are not whole, compared with the source by name.
nothing_half_written() {
    local path
    while IFS= read -r -d '' path; do
        cmp -s "$1/$path" "$WORK/source/$path" || fail "$1/$path is not what was shared"
    done < <(cd "$1" && find . -type f -printf '%P\0')
}

mkdir -p "$WORK/source/sub"
head -c 3000000 /dev/urandom >"$WORK/source/big"
head -c 5000000 /dev/urandom >"$WORK/source/sub/bigger"
printf 'small\n' >"$WORK/source/sub/small"
start_newsd "$WORK/spool"
GOOD_PORT=$NEWSD_PORT

note "no server set up"
refused 4 "no news server is set up" state share "$WORK/source"
refused 4 "usenetsync newsd" state get \
    usync1qydfg36tknn6064tn2fa2ruh4d2nttykhcgepy25pslz3j09vmnduzepacv5uzp6yvt3syma "$WORK/t0"
absent "$WORK/t0"
expect_exit 0 us state shares
[ ! -s "$WORK/out" ] || fail "a share that could not start is listed"

add_server state "$GOOD_PORT"
expect_exit 0 us state share "$WORK/source"
LINK=$(link_of "$WORK/out")

note "wrong link, typo, wrong kind"
refused 2 "this is not a UsenetSync link" state get hello "$WORK/t1"
refused 2 "this is not a UsenetSync link" state ls ""
refused 2 "typing mistake" state get "${LINK%?}$([ "${LINK: -1}" = q ] && echo p || echo q)" "$WORK/t1"
refused 2 "typing mistake" state get "${LINK%?}" "$WORK/t1"
refused 2 "typing mistake" state ls "${LINK}q"
refused 2 "this version opens public links only" state get \
    usyncp1qyszzg3rysjjvfeg9y4zktpd9chnqvfjxv6r2d3hfsvpr7hdne9f4t9wfznvfyvql53scewf0j "$WORK/t1"
refused 2 "not a link to a share" state get \
    usyncid1q9sxzcnrv3jkvemgd94xkmrddehhqutjwd682anh0puh57mu04l87c2sgwp "$WORK/t1"
refused 2 "not a link to a share" state ls \
    usyncw1qyqqzqsrqszsvpcgpy9qkrqdpc83qygjzv2p29shrqv35xcur50p7gppyg3jgffxyu5zj23t9skjutesxyerxdp4xcmslramke
expect_exit 2 us state get - "$WORK/t1" </dev/null
expect_text "$WORK/err" "there is no link on standard input"
absent "$WORK/t1"
expect_exit 0 us state jobs --all
[ "$(wc -l <"$WORK/out")" = 1 ] || fail "a refused get became a job"

note "share not found, path not in the share"
start_newsd "$WORK/other"
add_server other "$NEWSD_PORT"
refused 3 "no share was found for this link" other get "$LINK" "$WORK/t2"
refused 3 "no share was found for this link" other ls "$LINK"
[ ! -e "$WORK/t2" ] || [ -z "$(ls -A "$WORK/t2")" ] || fail "files of a share that was not found"
refused 3 "the share has no such path" state ls "$LINK" no/such
refused 3 "the share has no such path" state get "$LINK" "$WORK/t3" --only no/such
[ ! -e "$WORK/t3" ] || [ -z "$(ls -A "$WORK/t3")" ] || fail "files of a path that is not there"

note "target not empty, a file instead of a folder"
mkdir "$WORK/full"
printf 'mine\n' >"$WORK/full/mine"
refused 5 "the target folder is not empty" state get "$LINK" "$WORK/full"
[ "$(ls -A "$WORK/full")" = mine ] || fail "something was put into a target that was not empty"
[ "$(cat "$WORK/full/mine")" = mine ] || fail "a file in the target was changed"
refused 5 "this is a file, not a folder" state get "$LINK" "$WORK/full/mine"
refused 5 "this is a file, not a folder" state get "$LINK" "$WORK/full/mine/deeper"
[ "$(cat "$WORK/full/mine")" = mine ] || fail "the file was changed"

note "nothing there to share, not a file or folder"
refused 3 "no such file or directory" state share "$WORK/missing"
refused 3 "no such file or directory" state share "$WORK/source" "$WORK/missing"
mkfifo "$WORK/pipe"
refused 5 "there is nothing to share" state share "$WORK/pipe"

note "two daemons on one state folder"
for how in --foreground ""; do
    # shellcheck disable=SC2086
    expect_exit 7 us state daemon $how
    expect_text "$WORK/err" "another daemon (pid $(cat "$WORK/state/daemon.lock")) is using this state folder"
done
expect_exit 0 us state shares
expect_text "$WORK/out" source

note "login refused, then corrected: the same job goes on"
secret_file "$WORK/right" "opensesame"
secret_file "$WORK/wrong" "closesesame"
start_newsd "$WORK/closed" --user ali --password-file "$WORK/right"
add_server login "$NEWSD_PORT" --user ali --password-file "$WORK/wrong"
refused 4 "the server refused the user name or password" login server test news
refused 4 "the server refused the user name or password" login share "$WORK/source"
refused 4 "the server refused the user name or password" login get "$LINK" "$WORK/t4"
[ ! -e "$WORK/t4" ] || [ -z "$(ls -A "$WORK/t4")" ] || fail "files although nobody was let in"
expect_exit 7 us login link source
expect_text "$WORK/err" "not published yet"
add_server login "$NEWSD_PORT"
refused 4 "asks for a user name and password" login server test news
add_server login "$NEWSD_PORT" --user ali --password-file "$WORK/right"
expect_exit 0 us login server test news
expect_exit 0 us login resume 1
wait_for 60 "the share to be published" us login link source
expect_exit 0 us login link source
expect_exit 0 us login get "$(link_of "$WORK/out")" "$WORK/t5"
same_tree "$WORK/source" "$WORK/t5"
for where in login/catalogue.db login/catalogue.db-wal login/daemon.log; do
    [ ! -e "$WORK/$where" ] || refuse_text "$WORK/$where" opensesame
done
[ "$(stat -c %a "$WORK"/login/secrets/*)" = 600 ] || fail "a password that others can read"

note "posting not permitted"
python3 "$PROJECT/tests/e2e/readonly_newsd.py" >"$WORK/readonly.port" &
STARTED+=($!)
wait_for 20 "the reading server" grep -q . "$WORK/readonly.port"
add_server readonly "$(cat "$WORK/readonly.port")"
refused 4 "does not permit posting" readonly share "$WORK/source"
refused 4 "does not permit posting" readonly server test news
expect_exit 7 us readonly link source

note "server down; when it is up again the same job ends well"
DOWN_PORT=$(free_port)
add_server down "$DOWN_PORT"
refused 4 "could not be reached" down server test news
refused 4 "could not be reached" down get "$LINK" "$WORK/t6"
[ ! -e "$WORK/t6" ] || [ -z "$(ls -A "$WORK/t6")" ] || fail "files from a server that is down"
refused 4 "could not be reached" down share "$WORK/source"
expect_text "$WORK/err" "usenetsync resume 2"
add_server down "$GOOD_PORT"
expect_exit 0 us down resume 2
wait_for 60 "the share to be published" us down link source

note "unreadable folder, as a plain user"
if [ "$(id -u)" = 0 ]; then
    install -d -o nobody -m 755 "$WORK/nobody"
    chmod 755 "$WORK"
    install -d -m 700 "$WORK/locked"
    printf 'secret\n' >"$WORK/locked/file"
    plain() {
        env HOME="$WORK/nobody" XDG_RUNTIME_DIR="$WORK/nobody" setpriv --reuid nobody \
            --regid nogroup --clear-groups "$USENETSYNC" --state "$WORK/nobody/state" "$@"
    }
    setpriv --reuid nobody --regid nogroup --clear-groups test -x "$USENETSYNC" || {
        mkdir "$WORK/bin" && chmod 755 "$WORK/bin" && cp "$USENETSYNC" "$WORK/bin/"
        USENETSYNC=$WORK/bin/usenetsync
    }
    expect_exit 0 plain server add news --host 127.0.0.1 --port "$GOOD_PORT"
    expect_exit 5 plain share "$WORK/locked"
    expect_text "$WORK/err" "permission denied"
    refute_link "$WORK/out"
    expect_exit 5 plain share "$WORK/locked/file"
    expect_text "$WORK/err" "permission denied"
    expect_exit 0 plain shares
    [ ! -s "$WORK/out" ] || fail "a share that could not be read is listed"
    install -d -o nobody -m 555 "$WORK/nobody/fixed"
    expect_exit 5 plain get "$LINK" "$WORK/nobody/fixed/below"
    expect_text "$WORK/err" "permission denied"
    absent "$WORK/nobody/fixed/below"
    # the socket's peer check stands even when its file lets others in
    chmod 777 "$WORK/state" "$WORK/state/daemon.sock"
    said=$(python3 - "$WORK/state/daemon.sock" <<'PY'
import os, pwd, socket, sys
os.setgroups([])
os.setuid(pwd.getpwnam('nobody').pw_uid)
s = socket.socket(socket.AF_UNIX)
s.settimeout(10)
s.connect(sys.argv[1])
try:
    s.sendall(b'GET /api/shares HTTP/1.1\r\nHost: x\r\n\r\n')
    print('answered' if s.recv(1) else 'turned away')
except (BrokenPipeError, ConnectionResetError):
    print('turned away')
PY
    )
    [ "$said" = "turned away" ] || fail "another user was not turned away: $said"
    chmod 700 "$WORK/state"
    for pid in $(daemons_of "$WORK/nobody"); do kill_pid "$pid"; done
else
    note "skipped: only root can become a plain user"
fi

note "disk full on restore; with room again the same job goes on"
if [ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null; then
    cat >"$WORK/full.sh" <<'INNER'
set -eu
mount -t tmpfs -o size=6m none "$WORK/small"
code=0
"$USENETSYNC" --state "$WORK/diskfull" get "$LINK" "$WORK/small/t" >"$WORK/out" 2>"$WORK/err" || code=$?
echo $code >"$WORK/code"
cp -a "$WORK/small/t" "$WORK/seen" 2>/dev/null || mkdir -p "$WORK/seen"
mount -o remount,size=64m "$WORK/small"
"$USENETSYNC" --state "$WORK/diskfull" resume 1
for i in $(seq 600); do
    "$USENETSYNC" --state "$WORK/diskfull" jobs | grep -q ' done ' && break
    sleep 0.1
done
cp -a "$WORK/small/t" "$WORK/restored"
"$USENETSYNC" --state "$WORK/diskfull" daemon stop
INNER
    mkdir "$WORK/small"
    add_server diskfull "$GOOD_PORT"
    stop_daemons "$WORK/diskfull" # it must start again where the small disk is
    export WORK USENETSYNC LINK
    unshare -m bash "$WORK/full.sh" >"$WORK/full.out" 2>&1 || fail "$(cat "$WORK/full.out")"
    [ "$(cat "$WORK/code")" = 5 ] || fail "exit code $(cat "$WORK/code"), not 5: $(cat "$WORK/err")"
    expect_text "$WORK/err" "the disk is full"
    expect_text "$WORK/err" "usenetsync resume 1"
    nothing_half_written "$WORK/seen"
    same_tree "$WORK/source" "$WORK/restored"
else
    note "skipped: no private mounts here"
fi

note "after all that the first share is whole"
expect_exit 0 us state get "$LINK" "$WORK/last"
same_tree "$WORK/source" "$WORK/last"
note "every error said what it is"
