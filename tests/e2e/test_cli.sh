#!/bin/bash
# The command line as a user meets it: every command and form, JSON, terminals, Ctrl-C, jobs that
# pause, go on, are cancelled and survive their daemon.
set -eu
. "$PROJECT/tests/e2e/lib.sh"

# us command...: the program on the state folder of this test.
us() {
    "$USENETSYNC" --state "$WORK/state" "$@"
}

# json FILE EXPRESSION: `rows` are the lines of FILE; the Python expression must be true.
json() {
    python3 - "$1" "$2" <<'PY' || fail "$1 as JSON: not $2: $(head -c 1500 "$1")"
import json, sys
rows = [json.loads(line) for line in open(sys.argv[1], encoding='utf-8')]
sys.exit(0 if eval(sys.argv[2]) else 1)
PY
}

job_is() {
    local jobs # not a pipe: grep -q would end it early, and pipefail would call that a failure
    jobs=$(us --json jobs --all)
    # right behind the kind: a job's phases have states of their own
    grep -q "\"id\":$1,\"kind\":\"[a-z]*\",\"state\":\"$2\"" <<<"$jobs"
}

mkdir -p "$WORK/a/sub/empty" "$WORK/b"
head -c 2000000 /dev/urandom >"$WORK/a/random"
seq 1 100000 >"$WORK/a/sub/text"
ln -s ../nowhere "$WORK/a/sub/link"
printf 'one\n' >"$WORK/b/random"
printf 'x' >"$WORK/a/$(printf 'bad\377name')"
printf 'y' >"$WORK/a/$(printf 'red\033[31m\342\200\256gnp')"

note "version and help need no daemon"
expect_exit 0 us version
expect_text "$WORK/out" "usenetsync 0."
expect_exit 0 us --json version
json "$WORK/out" 'rows[0]["version"][0].isdigit() and len(rows) == 1'
expect_exit 0 us help
for word in share shares link versions get ls adopt recover status jobs logs pause resume cancel retry priority limit forget "server add" "server list" \
    "server test" "server change" "server pause" "server resume" "server remove" newsd par2 daemon version help; do
    expect_text "$WORK/out" "  $word "
    # shellcheck disable=SC2086
    expect_exit 0 us help $word
    expect_text "$WORK/out" "usage: usenetsync [--state DIR] [--json] $word"
    expect_exit 0 us help
done
expect_exit 0 us share --help
expect_exit 2 us
expect_exit 2 us bogus
expect_exit 2 us share
expect_exit 2 us --json share --bogus x
json "$WORK/out" 'rows[0]["error"]["code"] == "ERR_BAD_REQUEST"'
[ -z "$(daemons_of "$WORK")" ] || fail "a daemon was started for help"

note "servers: add, list, test, remove; the password stays in its file"
secret_file "$WORK/password" "canary-5f2d"
start_newsd "$WORK/spool" --user ali --password-file "$WORK/password"
expect_exit 0 us server add news --host 127.0.0.1 --port "$NEWSD_PORT" --user ali \
    --password-file "$WORK/password" --connections 3 --group alt.binaries.test
expect_exit 0 us --json server list
json "$WORK/out" 'len(rows) == 1 and rows[0].pop("counters")["posted"] == 0 and rows[0].pop("live") == [] and rows[0] == {
    "name": "news", "host": "127.0.0.1", "port": '"$NEWSD_PORT"', "tls": False, "tls_ca": "", "user": "ali", "has_password": True,
    "plain_password": False, "paused": False, "group": "alt.binaries.test", "connections": 3, "roles": ["post", "read", "confirm"],
    "order": 0, "quota": None, "spent": 0, "facts": None}'
expect_exit 0 us server test news --json
json "$WORK/out" '{r["verdict"] for r in rows} <= {"good", "warn", "skipped"} and "post" in {r["step"] for r in rows}'
expect_exit 0 us --json server list
json "$WORK/out" 'rows[0]["facts"]["posts"] and not rows[0]["facts"]["changes_ids"] and rows[0]["facts"]["stat"] == "true"'
expect_exit 0 us server add second --host localhost --port 1 --tls
expect_exit 0 us server change second --role read,confirm --order 7 --quota 2G --spent 512M
expect_exit 0 us server list
expect_text "$WORK/out" "order 7  only for read, confirm  quota 2.0 GiB, used 512.0 MiB"
expect_exit 0 us server change second --role all --quota none
expect_exit 0 us --json server list
json "$WORK/out" '[(r["name"], r["order"], r["quota"], r["spent"], len(r["roles"]), r["tls"]) for r in rows] == [
    ("news", 0, None, 0, 3, False), ("second", 7, None, 1 << 29, 3, True)]'
expect_exit 2 us server change second --role post,write
expect_exit 2 us server change second --quota much
expect_exit 2 us server change second --order 1001
expect_exit 3 us server change third --order 1
expect_exit 0 us server list
expect_text "$WORK/out" "second  localhost:1  TLS  8 connections"
expect_exit 0 us server pause second
expect_exit 0 us --json server list
json "$WORK/out" '[r["name"] for r in rows if r["paused"]] == ["second"]'
expect_exit 3 us server pause ../../etc
expect_exit 0 us server resume second
expect_exit 0 us server remove second
expect_exit 3 us server remove second
expect_exit 3 us server test second
expect_exit 3 us server remove ../../etc
for bad in "n --host h --port 0" "n --host h --port 70000" "n --host h --port x" "n" ".n --host h" \
    "a/b --host h" "n --host h --connections 0" "n --host h --connections 201" "n --host h --group a,b"; do
    # shellcheck disable=SC2086
    expect_exit 2 us server add $bad
done
expect_exit 3 us server add n --host h --user u --password-file "$WORK/missing"
expect_exit 0 us server list
[ "$(wc -l <"$WORK/out")" = 1 ] || fail "a server that was refused is listed"

note "a password does not go over a network in the clear, unless the user wants it"
expect_exit 2 us server add plain --host news.example.com --user u --password-file "$WORK/password"
expect_text "$WORK/err" "the password would travel unencrypted"
expect_text "$WORK/err" "--allow-plain-password"
expect_exit 0 us server add plain --host news.example.com --port 1 --user u \
    --password-file "$WORK/password" --allow-plain-password
expect_exit 0 us server add coded --host news.example.com --port 1 --user u --password-file "$WORK/password" --tls
expect_exit 0 us --json server list
json "$WORK/out" '[r["user"] for r in rows] == ["ali", "u", "u"]'
expect_exit 0 us daemon stop
python3 -c 'import sqlite3, sys
with sqlite3.connect(sys.argv[1]) as db:
    db.execute("UPDATE providers SET plain_password = 0")' "$WORK/state/catalogue.db"
expect_exit 0 us --json server list
json "$WORK/out" '[(r["name"], r["user"], r["has_password"]) for r in rows] == [
    ("news", "ali", True), ("plain", "u", False), ("coded", "u", True)]'
expect_exit 0 us server remove plain
expect_exit 0 us server remove coded

note "share one folder; the link is the last line; no progress line without a terminal"
expect_exit 0 us share "$WORK/a" --title "My folder"
LINK=$(link_of "$WORK/out")
refute=$(grep -c $'\r' "$WORK/err" || true)
[ "$refute" = 0 ] || fail "a progress line although standard error is a file"
expect_exit 0 us get "$LINK" "$WORK/t1"
same_tree "$WORK/a" "$WORK/t1"

note "relative paths, options before and after, a link from standard input"
(cd "$WORK" && expect_exit 0 "$USENETSYNC" share a --state state)
[ "$(link_of "$WORK/out")" = "$LINK" ] || fail "the same folder has another link"
expect_text "$WORK/out" "nothing has changed since version 1"
printf 'more\n' >>"$WORK/a/sub/text"
expect_exit 0 us --json share "$WORK/a"
json "$WORK/out" 'rows[-1]["result"]["version"] == 2 and rows[-1]["result"]["unchanged"] == False'
expect_exit 0 us --json share "$WORK/a"
json "$WORK/out" "rows[-1]['result']['version'] == 2 and rows[-1]['result']['unchanged'] == True and rows[-1]['link'] == '$LINK'"
(cd "$WORK" && printf '  %s\r\n' "$LINK" | "$USENETSYNC" get - t2 --json --state=state >out 2>err) ||
    fail "a link from standard input"
json "$WORK/out" 'rows[-1]["state"] == "done" and rows[-1]["result"]["files"] == 4'
same_tree "$WORK/a" "$WORK/t2"

note "shares and links"
expect_exit 0 us --json shares
json "$WORK/out" 'len(rows) == 1 and rows[0]["title"] == "My folder" and rows[0]["version"] == 2'
for name in "My folder" 1; do
    expect_exit 0 us link "$name"
    [ "$(cat "$WORK/out")" = "$LINK" ] || fail "another link for $name"
done
expect_exit 0 us --json link 1
json "$WORK/out" "rows[0]['link'] == '$LINK' and rows[0]['paths'] == ['$WORK/a']"
expect_exit 3 us link "No folder"
expect_exit 3 us link 99

note "several paths become the top of one share; equal names are told apart"
expect_exit 0 us --json share "$WORK/a/random" "$WORK/b/random" "$WORK/b"
json "$WORK/out" 'rows[-1]["link"].startswith("usync1") and rows[-1]["result"]["version"] == 1'
MANY=$(python3 -c 'import json,sys; print(json.loads(sys.stdin.readlines()[-1])["link"])' <"$WORK/out")
expect_exit 0 us get "$MANY" "$WORK/t3"
cmp "$WORK/t3/random" "$WORK/a/random" || fail "the first path"
cmp "$WORK/t3/random (2)" "$WORK/b/random" || fail "the second path"
same_tree "$WORK/b" "$WORK/t3/b"

note "ls: names that would play with the terminal are shown, not obeyed"
expect_exit 0 us ls "$LINK"
expect_text "$WORK/out" '  bad\xffname'
expect_text "$WORK/out" '  red\x1b[31m\xe2\x80\xaegnp'
! grep -q $'\033' "$WORK/out" || fail "an escape reached the terminal"
expect_exit 0 us --json ls "$LINK"
json "$WORK/out" '[r for r in rows if r.get("path_base64") == "YmFk/25hbWU="]'
json "$WORK/out" 'rows[-1]["share"]["files"] == 4 and rows[-1]["share"]["title"] == "My folder"'
expect_exit 0 us ls "$LINK" sub
[ "$(wc -l <"$WORK/out")" = 3 ] || fail "ls of a folder"
expect_text "$WORK/out" "sub/link -> ../nowhere"
expect_exit 0 us ls "$LINK" sub/text
[ "$(wc -l <"$WORK/out")" = 1 ] || fail "ls of a file"
expect_exit 0 us ls "$LINK" --recursive
[ "$(wc -l <"$WORK/out")" = 7 ] || fail "ls --recursive"

note "get only some paths"
expect_exit 0 us get "$LINK" "$WORK/t4" --only sub/text --only sub/empty
[ "$(cd "$WORK/t4" && find . -mindepth 1 | sort | tr '\n' ' ')" = "./sub ./sub/empty ./sub/text " ] ||
    fail "get --only brought $(find "$WORK/t4")"

note "a terminal gets one line that is drawn again"
script -qec "'$USENETSYNC' --state '$WORK/state' get '$LINK' '$WORK/t5'" "$WORK/typescript" >/dev/null
grep -q $'\r\033\\[K' "$WORK/typescript" || fail "no progress line on a terminal"
same_tree "$WORK/a" "$WORK/t5"

note "status and logs"
expect_exit 0 us status
expect_text "$WORK/out" "news server news: "
expect_exit 0 us --json status
json "$WORK/out" 'rows[0]["jobs"]["running"] == 0 and rows[0]["servers"][0]["posted"] > 3'
expect_exit 0 us logs 1
expect_text "$WORK/out" "found 4 files"
expect_exit 0 us --json logs 1
json "$WORK/out" 'all(r["job"] == 1 and r["level"] in ("info", "warn") for r in rows) and len(rows) > 1'
expect_exit 3 us logs 99
expect_exit 3 us logs x

note "a server that is down keeps jobs under way: no-wait, pause, resume, cancel"
kill_pid "$NEWSD_PID"
printf 'more\n' >>"$WORK/b/random"
expect_exit 0 us share "$WORK/b" --no-wait
JOB=$(cat "$WORK/out")
[[ $JOB =~ ^[0-9]+$ ]] || fail "--no-wait printed \"$JOB\""
wait_for 20 "the job to run" job_is "$JOB" running
expect_exit 0 us pause "$JOB"
wait_for 5 "the pause" job_is "$JOB" paused
expect_exit 0 us pause "$JOB"
expect_exit 0 us resume "$JOB"
wait_for 20 "the job to run again" job_is "$JOB" running
expect_exit 0 us --json share "$WORK/b" --no-wait
json "$WORK/out" "rows[0]['job'] == $JOB and rows[0]['started'] == 'joined'"
expect_exit 0 us priority "$JOB" -- -7
expect_exit 0 us --json jobs
json "$WORK/out" "[r['priority'] for r in rows if r['id'] == $JOB] == [-7]"
expect_exit 2 us priority "$JOB" 101
expect_exit 2 us priority "$JOB" x
expect_exit 2 us pause
expect_exit 2 us pause "$JOB" --all
expect_exit 2 us pause "$JOB" --for 0
expect_exit 0 us pause "$JOB" --for 600
wait_for 5 "the pause" job_is "$JOB" paused
expect_exit 0 us --json resume --all
json "$WORK/out" 'rows == [{"jobs": 1}]'
expect_exit 0 us --json pause --all --for 600
json "$WORK/out" 'rows == [{"jobs": 1}]'
expect_exit 7 us retry "$JOB"
expect_exit 0 us --json retry --all
json "$WORK/out" 'rows == [{"jobs": 0}]'
expect_exit 0 us --json cancel "$JOB"
json "$WORK/out" 'rows[0]["state"] == "cancelled" and "stay on the server" in rows[0]["note"]'
expect_exit 7 us cancel "$JOB"
expect_exit 7 us resume "$JOB"
expect_exit 7 us pause "$JOB"
expect_exit 3 us cancel 99

note "limits: shown, changed, taken away; what is wrong changes nothing"
expect_exit 0 us limit --up 2M --down 500K --connections 2 --workers 2 --memory 128M
expect_text "$WORK/out" "upload      2.0 MiB/s"
expect_exit 0 us --json limit
json "$WORK/out" '[rows[0][k] for k in ("upload_rate", "download_rate", "connections", "workers", "memory")] == [2 << 20, 500 << 10, 2, 2, 128 << 20]'
for bad in "--up 1" "--up -5" "--down 2X" "--connections 0" "--workers 65" "--workers 2K" "--memory 1M" "--up 99999999T"; do
    # shellcheck disable=SC2086
    expect_exit 2 us limit $bad
done
expect_exit 0 us --json limit --up none --down none --connections none --workers none --memory none
json "$WORK/out" 'all(rows[0][k] is None for k in ("upload_rate", "download_rate", "connections", "workers", "memory"))'

note "Ctrl-C detaches and says how to come back; the job goes on"
"$USENETSYNC" --state "$WORK/state" share "$WORK/b" >"$WORK/out" 2>"$WORK/err" &
CLIENT=$!
wait_for 20 "the job to run" job_is $((JOB + 1)) running
kill -INT $CLIENT
code=0
wait $CLIENT || code=$?
[ $code = 130 ] || fail "exit code $code after Ctrl-C"
expect_text "$WORK/err" "the job goes on: \`usenetsync jobs\` shows it, \`usenetsync cancel $((JOB + 1))\` ends it"
job_is $((JOB + 1)) running || fail "the job did not go on"

note "kill -9 the daemon: the next command starts it, the job is taken up again"
PID=$(daemons_of "$WORK/state")
kill -9 "$PID"
is_gone() {
    ! is_running "$1"
}
wait_for 20 "the daemon to die" is_gone "$PID"
wait_for 20 "the job to run again" job_is $((JOB + 1)) running
expect_exit 0 us --json jobs
json "$WORK/out" "rows[0]['id'] == $((JOB + 1)) and rows[0]['attempts'] == 2"
"$USENETSYNC" newsd --listen "127.0.0.1:$NEWSD_PORT" --spool "$WORK/spool" --user ali \
    --password-file "$WORK/password" >"$WORK/again.out" 2>&1 &
STARTED+=($!)
wait_for 90 "the job to be done" job_is $((JOB + 1)) 'done'
expect_exit 0 us link b
expect_exit 0 us get "$(link_of "$WORK/out")" "$WORK/t6"
same_tree "$WORK/b" "$WORK/t6"

note "the daemon: stop, stop again, two commands that start it at the same time"
expect_exit 0 us daemon stop
expect_text "$WORK/out" "has stopped"
[ ! -e "$WORK/state/daemon.sock" ] || fail "the socket stayed"
expect_exit 3 us daemon stop
expect_text "$WORK/err" "no daemon is running"
us shares >"$WORK/first" &
us shares >"$WORK/second"
wait $!
cmp "$WORK/first" "$WORK/second" || fail "two answers differ"
[ "$(daemons_of "$WORK/state" | wc -l)" = 1 ] || fail "not one daemon: $(daemons_of "$WORK/state")"

note "forget: not without --yes; the link works on"
expect_exit 2 us forget "My folder"
expect_text "$WORK/err" "nothing that was posted can be deleted"
expect_exit 3 us forget nonesuch --yes
expect_exit 0 us forget "My folder" --yes
expect_exit 3 us forget "My folder" --yes
expect_exit 0 us get "$LINK" "$WORK/t-forgotten"

note "stopped means gone; a daemon that is still ending is waited for, then another one started"
PID=$(daemons_of "$WORK/state")
expect_exit 0 us daemon stop
! is_running "$PID" || fail "the daemon runs after it was said to have stopped"
(flock 9 && : >"$WORK/locked" && exec sleep 2) 9<>"$WORK/state/daemon.lock" &
STARTED+=($!)
wait_for 5 "the lock" test -e "$WORK/locked"
expect_exit 0 us shares
[ "$(daemons_of "$WORK/state" | wc -l)" = 1 ] || fail "not one daemon: $(daemons_of "$WORK/state")"

note "a state folder whose path is too long for a socket"
LONG=$WORK/$(printf 'long%.0s' {1..40})
expect_exit 0 "$USENETSYNC" --state "$LONG" status
expect_text "$WORK/out" "state folder $LONG"
[ "$(stat -c %a "$XDG_RUNTIME_DIR/usenetsync")" = 700 ] || fail "the runtime folder is open"
expect_exit 0 "$USENETSYNC" --state "$LONG" daemon stop

note "a catalogue that is none: the sentence comes from the daemon that could not start"
mkdir -m 700 "$WORK/damaged"
head -c 8192 /dev/urandom >"$WORK/damaged/catalogue.db"
expect_exit 5 "$USENETSYNC" --state "$WORK/damaged" shares
expect_text "$WORK/err" "the catalogue cannot be opened: the catalogue is damaged"

note "private: modes, and no secret where it does not belong"
[ "$(stat -c %a "$WORK/state")" = 700 ] || fail "the state folder is open"
[ "$(stat -c %a "$WORK/state/daemon.sock")" = 600 ] || fail "the socket is open"
[ -z "$(find "$WORK/state" ! -type d -perm /077)" ] || fail "files that others can read"
expect_exit 0 us daemon stop
refute_secret() {
    refuse_text "$1" canary-5f2d
}
refute_secret "$WORK/state/catalogue.db"
refute_secret "$WORK/state/daemon.log"
refuse_text "$WORK/state/daemon.log" "$LINK"

note "bash completion"
complete_words() {
    bash -c '. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _usenetsync; printf "%s\n" "${COMPREPLY[@]}"' \
        bash "$PROJECT/tools/completion.bash" "$@"
}
[ "$(complete_words usenetsync sha | tr '\n' ' ')" = "share shares " ] || fail "completion of sha"
[ "$(complete_words usenetsync server a)" = add ] || fail "completion of server a"
complete_words usenetsync get link target --o | grep -qx -- --only || fail "completion of --o"
[ "$(complete_words usenetsync get link target --conflict ke)" = keep ] || fail "completion of --conflict ke"
complete_words usenetsync link --w | grep -qx -- --write-key || fail "completion of --w"
complete_words usenetsync --state x jobs -- | grep -qx -- --all || fail "completion behind --state"
note "every command did what help says"
