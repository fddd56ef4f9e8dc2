# shellcheck shell=bash disable=SC2034
# What the measurements share; `. "$PROJECT/tests/bench/bench_lib.sh"` as their first line of work.
# It brings tests/e2e/lib.sh with it: WORK is the script's own folder, gone at the end like every process.
#
# To be set before: ROOM_MB, what the script puts into WORK; MEMORY_MB, that and what its processes hold
# (ROOM_MB + 3000). WORK is on /dev/shm when both fit and TMPDIR does not say otherwise.
#
# A run is one line of WORK/runs, fields between tabs: name, wall seconds, CPU seconds, peak memory in MiB.
# The n-th run of one name and the n-th of another are a pair, made one after the other: `ratios` compares those.
: "${PROJECT:?set it to the source folder}"
HERE=$PROJECT/tests/bench
WORK_NAME=usenetsync-bench
TICKS=$(getconf CLK_TCK)
# In the room of build/ that tools/setup bench fills.
NYUU=$PROJECT/build/peers/node_modules/nyuu/bin/nyuu.js

room_on_tmpfs() {
    [ "$(df -Pm /dev/shm 2>/dev/null | awk 'NR == 2 { print $4 }')" -gt "$ROOM_MB" ] &&
        [ "$(awk '/^MemAvailable/ { print int($2 / 1000) }' /proc/meminfo)" -gt "${MEMORY_MB:-$((ROOM_MB + 3000))}" ]
}

if [ -z "${TMPDIR:-}" ] && room_on_tmpfs; then
    TMPDIR=/dev/shm
fi
export TMPDIR=${TMPDIR:-/tmp}
# shellcheck source=tests/e2e/lib.sh
. "$PROJECT/tests/e2e/lib.sh"

now() {
    date +%s.%N
}

# difference A B: B - A
difference() {
    awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", b - a }'
}

# CPU seconds of process $1 and of its helpers, once the last of them is gone.
cpu_of() {
    while [ -n "$(cat "/proc/$1/task/"*/children)" ]; do
        sleep 0.02
    done
    awk -v ticks="$TICKS" '{ sub(/.*\) /, ""); print ($12 + $13 + $14 + $15) / ticks }' "/proc/$1/stat"
}

# What process $1 has held at most, in MiB.
rss_of() {
    awk '/^VmHWM/ { printf "%d", $2 / 1024 }' "/proc/$1/status"
}

# make_tool NAME: a program of this folder, into WORK.
make_tool() {
    local parts=("$HERE/$1.c")
    [ "$1" != sink ] || parts=("$HERE"/sink*.c)
    cc -O2 -D_GNU_SOURCE -o "$WORK/$1" "${parts[@]}" -lssl -lcrypto || fail "$1 does not build"
}

# make_data KIND ARGUMENT...: see make_data.c
make_data() {
    [ -x "$WORK/make_data" ] || make_tool make_data
    "$WORK/make_data" "$@" || fail "make_data $*"
}

# WORK/cert.pem and WORK/key.pem, for localhost.
make_certificate() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
        -subj /CN=localhost -addext subjectAltName=DNS:localhost \
        -keyout "$WORK/key.pem" -out "$WORK/cert.pem" 2>"$WORK/err" || fail "no certificate"
}

# start_sink [OPTION...]: sets SINK_PID and SINK_PORT; what it counted is in WORK/sink.out at its end.
start_sink() {
    [ -x "$WORK/sink" ] || make_tool sink
    rm -f "$WORK/sink.out" # or the last one's port is read
    "$WORK/sink" "$@" >"$WORK/sink.out" &
    SINK_PID=$!
    STARTED+=("$SINK_PID")
    wait_for 30 "the sink" grep -q '^listening' "$WORK/sink.out"
    SINK_PORT=$(sed -n 's/^listening .*://p' "$WORK/sink.out")
}

# start_daemon STATE [PROGRAM]: sets DAEMON_PID.
start_daemon() {
    rm -f "$WORK/daemon.out"
    "${2:-$USENETSYNC}" --state "$1" daemon --foreground >"$WORK/daemon.out" 2>&1 &
    DAEMON_PID=$!
    STARTED+=("$DAEMON_PID")
    wait_for 10 "the daemon" grep -q "daemon ready" "$WORK/daemon.out" # a command would start another
}

# median FILE COLUMN, columns between spaces
median() {
    cut -d ' ' -f "$2" "$1" | sort -n | awk '{ a[NR] = $1 } END { print a[int((NR + 1) / 2)] }'
}

note_run() { # NAME WALL CPU RSS
    printf '%s\t%s\t%s\t%s\n' "$@" >>"$WORK/runs"
}

# run_peer NAME COMMAND...: notes the run of another's program; the command must succeed.
run_peer() {
    local name=$1
    shift
    env time -o "$WORK/time" -f '%e %U %S %M' "$@" >"$WORK/out" 2>"$WORK/err" || fail "$*"
    awk -v name="$name" 'END { printf "%s\t%.2f\t%.2f\t%d\n", name, $1, $2 + $3, $4 / 1024 }' "$WORK/time" >>"$WORK/runs"
}

# run_ours NAME STATE ARGUMENT...: notes the run of a command of ours: with the start of its daemon, which
# must not run yet, and the CPU and memory of daemon, helpers and command. DAEMON_PID goes on.
run_ours() {
    local name=$1 state=$2 begin wall
    shift 2
    begin=$(now)
    env time -o "$WORK/time" -f '%U %S' "$USENETSYNC" --state "$state" "$@" >"$WORK/out" 2>"$WORK/err" ||
        fail "$*"
    wall=$(difference "$begin" "$(now)")
    DAEMON_PID=$(daemons_of "$state" | head -n 1)
    [ -n "$DAEMON_PID" ] || fail "no daemon after: $*"
    note_run "$name" "$wall" "$(awk -v daemon="$(cpu_of "$DAEMON_PID")" 'END { printf "%.2f", $1 + $2 + daemon }' "$WORK/time")" \
        "$(rss_of "$DAEMON_PID")"
}

# ratios table|compare ARGUMENT...: rows of Markdown from WORK/runs, see ratios.py
ratios() {
    /usr/bin/python3 -B "$HERE/ratios.py" "$WORK/runs" "$@"
}

# A line for the table at the end of `make bench`, and here: compare's arguments.
compare() {
    ratios compare "$@" | tee -a "${BENCH_TABLE:-/dev/null}"
}

# What md5 does here and now, in GB/s: by it figures of other machines are scaled.
md5_speed() {
    openssl speed -seconds 1 -bytes 786432 -evp md5 2>/dev/null | awk 'END { printf "%.3f", $NF / 1e6 }'
}

machine() {
    printf '%s. %s cores of %s, %s, %d MB memory, load %s; data in %s. %s.\n' "$(date -u +'%Y-%m-%d %H:%M UTC')" "$(nproc)" \
        "$(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1)" "$(uname -sr)" \
        "$(awk '/^MemTotal/ { print int($2 / 1000) }' /proc/meminfo)" "$(cut -d ' ' -f 1-3 /proc/loadavg)" \
        "$TMPDIR" "$("$USENETSYNC" version | head -n 1)"
}

# want_programs NAME...: what tools/setup bench installs.
want_programs() {
    local name
    for name in "$@"; do
        command -v "$name" >/dev/null || fail "there is no $name; run tools/setup bench"
    done
}
