# shellcheck shell=bash
# What end-to-end scripts share; `. "$PROJECT/tests/e2e/lib.sh"` as their first line of work.
# CTest sets USENETSYNC (the program under test) and PROJECT (the source folder).
#
# WORK is the script's own folder. At the end, whatever the end, every process it started is
# killed by its id and WORK is removed (KEEP=1 keeps it).
set -euo pipefail
: "${USENETSYNC:?set it to the program under test}" "${PROJECT:?set it to the source folder}"
[ -x "$USENETSYNC" ] || {
    echo "there is no $USENETSYNC; run make first" >&2
    exit 1
}
USENETSYNC=$(realpath "$USENETSYNC")

# Others may enter WORK but not list it: INN runs as another user.
WORK=$(mktemp -d "${TMPDIR:-/tmp}/${WORK_NAME:-usenetsync-e2e}.XXXXXX")
chmod 711 "$WORK"
export HOME="$WORK/home" XDG_RUNTIME_DIR="$WORK/run"
export XDG_CONFIG_HOME="$HOME/.config" XDG_STATE_HOME="$HOME/.local/state"
export XDG_DATA_HOME="$HOME/.local/share" XDG_CACHE_HOME="$HOME/.cache"
mkdir -p "$HOME" "$XDG_RUNTIME_DIR"
chmod 700 "$XDG_RUNTIME_DIR"

STARTED=() # process ids
BOXES=()   # INN servers, by folder
NEWSD_PORT=
NEWSD_PID=
INN_PORT=
INN_TLS_PORT=

note() {
    echo "-- $*"
}

# Show what the last expect_* command said, then end the test.
fail() {
    echo "FAILED: $*" >&2
    local said
    for said in out err; do
        [ ! -s "$WORK/$said" ] || {
            echo "--- last lines of its $said:" >&2
            tail -n 20 "$WORK/$said" >&2
        }
    done
    exit 1
}

# End a process by its id: ask, wait up to 10 s, insist.
kill_pid() {
    local pid=$1 i
    kill "$pid" 2>/dev/null || return 0
    for ((i = 0; i < 100; i++)); do
        is_running "$pid" || break
        sleep 0.1
    done
    kill -9 "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
}

# Is there such a process, and is it more than a zombie?
is_running() {
    local state
    state=$(ps -o stat= -p "$1" 2>/dev/null) || return 1
    [[ $state != Z* ]]
}

# The ids of daemons whose state is in folder $1 or below: who holds their locks. (Into a daemon's
# own folder in /proc root alone may look.)
daemons_of() {
    local lock
    { find "$1" -name daemon.lock -printf '%i\n' 2>/dev/null || true; } | while read -r lock; do
        awk -v at=":$lock\$" '$2 == "FLOCK" && $6 ~ at { print $5 }' /proc/locks
    done
}

# stop_daemons STATE: the daemons that the command line started on this state folder.
stop_daemons() {
    local pid
    for pid in $(daemons_of "$1"); do
        kill_pid "$pid"
    done
}

at_end() {
    local code=$? pid box
    set +e
    for pid in "${STARTED[@]}"; do
        kill_pid "$pid"
    done
    stop_daemons "$WORK"
    for box in "${BOXES[@]}"; do
        "$PROJECT/tests/e2e/innbox.sh" remove "$box"
    done
    if [ "${KEEP:-0}" = 1 ]; then
        echo "kept: $WORK"
    else
        chmod -R u+rwx "$WORK" 2>/dev/null
        rm -rf "$WORK"
    fi
    exit $code
}
trap at_end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# A TCP port on loopback that nobody listens on.
free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# wait_for SECONDS WHAT command...: until the command succeeds; fails the test when it never does.
wait_for() {
    local tenths=$(($1 * 10)) what=$2
    shift 2
    until "$@" >/dev/null 2>&1; do
        ((tenths-- > 0)) || fail "waited in vain for $what"
        sleep 0.1
    done
}

# start_newsd SPOOL [option...]: sets NEWSD_PORT and NEWSD_PID; its words are in SPOOL.out, SPOOL.err.
start_newsd() {
    local spool=$1 first
    shift
    : >"$spool.out" # or the port of an earlier server on this spool is read
    : >"$spool.err"
    "$USENETSYNC" newsd --listen 127.0.0.1:0 --spool "$spool" "$@" >"$spool.out" 2>"$spool.err" &
    NEWSD_PID=$!
    STARTED+=("$NEWSD_PID")
    wait_for 20 "newsd's first line ($(cat "$spool.err"))" grep -q . "$spool.out"
    first=$(head -n 1 "$spool.out")
    [[ $first =~ ^listening\ .*:([0-9]+)$ ]] || fail "newsd said \"$first\", not listening HOST:PORT"
    NEWSD_PORT=${BASH_REMATCH[1]}
}

# start_inn NAME [MAXARTSIZE]: an INN2 in WORK/NAME; sets INN_PORT and INN_TLS_PORT. User tester,
# password secret (in WORK/inn.password), certificate WORK/NAME.pem.
start_inn() {
    local box=$WORK/$1
    INN_PORT=$(free_port)
    INN_TLS_PORT=$(free_port)
    "$PROJECT/tests/e2e/innbox.sh" make "$box" "$INN_PORT" "$INN_TLS_PORT" "${2:-4000000}" ||
        fail "innbox make"
    BOXES+=("$box")
    "$PROJECT/tests/e2e/innbox.sh" start "$box" || fail "innbox start"
    cp "$box/etc/cert.pem" "$box.pem"
    secret_file "$WORK/inn.password" secret
}

# secret_file FILE TEXT: a 0600 file with one line.
secret_file() {
    (umask 077 && printf '%s\n' "$2" >"$1")
}

# run command...: output in WORK/out and WORK/err, exit code in WORK/code.
run() {
    local code=0
    "$@" >"$WORK/out" 2>"$WORK/err" || code=$?
    echo $code >"$WORK/code"
}

# expect_exit CODE command...: as run, and the exit code must be CODE.
expect_exit() {
    local want=$1
    shift
    run "$@"
    [ "$(cat "$WORK/code")" = "$want" ] || fail "exit code $(cat "$WORK/code"), not $want: $*"
}

# expect_text FILE SENTENCE: the file holds these words.
expect_text() {
    grep -qF -- "$2" "$1" || fail "$1 does not say \"$2\" but: $(head -c 2000 "$1")"
}

# refuse_text FILE WORDS: the file (or folder) does not hold these words anywhere.
refuse_text() {
    ! grep -rqaF -- "$2" "$1" || fail "$1 holds \"$2\": $(grep -rlaF -- "$2" "$1" | head -3)"
}

# One line an entry below folder $1, ended by NUL: path, type, mode, mtime in ns, link target, size.
# The folder itself is left out, and the sizes of folders: they belong to the file system.
tree_list() {
    (cd "$1" && find . -mindepth 1 \( -type d -printf '%P %y %m %T@\0' \) -o \
        -printf '%P %y %m %T@ %l %s\0' | LC_ALL=C sort -z)
}

# same_tree A B: the same names, contents, types, modes, times (to the nanosecond) and link targets.
same_tree() {
    diff -r --no-dereference "$1" "$2" >"$WORK/out" 2>"$WORK/err" || fail "$1 and $2 differ"
    tree_list "$1" >"$WORK/list.a"
    tree_list "$2" >"$WORK/list.b"
    cmp -s "$WORK/list.a" "$WORK/list.b" || {
        diff -a <(tr '\0' '\n' <"$WORK/list.a") <(tr '\0' '\n' <"$WORK/list.b") >"$WORK/out" || true
        fail "$1 and $2 differ in types, modes, times or link targets"
    }
}

# link_of FILE: the last line of a share's output, which must be a public link and nothing else.
link_of() {
    local link
    link=$(tail -n 1 "$1")
    [[ $link =~ ^usync1[a-z0-9]+$ ]] || fail "the last line is no link: \"$link\""
    echo "$link"
}
