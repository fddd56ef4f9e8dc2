#!/bin/bash
# A daemon is killed in the middle of posting, three times, and its job goes on each time: no Message-ID was ever
# posted with two bodies, and none was accepted twice. The judge is tests/bench/sink.c with --hash, which remembers
# each id with a hash of its body; that it would see such a thing is tried first.
# shellcheck source=tests/e2e/lib.sh
. "$PROJECT/tests/e2e/lib.sh"
STATE=$WORK/state

unu() {
    "$USENETSYNC" --state "$STATE" "$@"
}

start_sink() {
    cc -O2 -D_GNU_SOURCE -o "$WORK/sink" "$PROJECT"/tests/bench/sink*.c -lssl -lcrypto || fail "the sink does not build"
    "$WORK/sink" --hash --keep 150 --delay 40 >"$WORK/sink.out" &
    SINK_PID=$!
    STARTED+=("$SINK_PID")
    wait_for 20 "the sink" grep -q '^listening' "$WORK/sink.out"
    SINK_PORT=$(sed -n 's/^listening .*://p' "$WORK/sink.out")
}

# counted NAME: what the sink's newest report says of it
counted() {
    tail -n 1 "$WORK/sink.out" | tr ' ' '\n' | sed -n "s/^$1=//p"
}

ask_sink() {
    local lines
    lines=$(wc -l <"$WORK/sink.out")
    kill -USR1 "$SINK_PID"
    while [ "$(wc -l <"$WORK/sink.out")" = "$lines" ]; do
        sleep 0.01
    done
}

has_articles() {
    ask_sink
    [ "$(counted articles)" -ge "$1" ]
}

# post_plainly ID BODY: the server's answer to one article, and what it says of the id before and after
post_plainly() {
    /usr/bin/python3 - "$SINK_PORT" "$1" "$2" <<'END'
import socket, sys
with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as peer:
    file = peer.makefile("rw", newline="")
    ask = lambda line: (file.write(line + "\r\n"), file.flush(), file.readline()[:3])[2]
    file.readline()
    print(ask(f"STAT {sys.argv[2]}"), ask("POST"), ask(f"Message-ID: {sys.argv[2]}\r\n\r\n{sys.argv[3]}\r\n."),
          ask(f"STAT {sys.argv[2]}"))
END
}

expect_posted() { # ANSWERS ID BODY
    local got
    got=$(post_plainly "$2" "$3")
    [ "$got" = "$1" ] || fail "the sink answered $got to $2 \"$3\", not $1"
}

expect_counted() { # NAME NUMBER
    [ "$(counted "$1")" = "$2" ] || fail "$1 is $(counted "$1"), not $2: $(tail -n 1 "$WORK/sink.out")"
}

start_sink
expect_posted "430 340 240 223" "<a@b.c>" "one body"
expect_posted "223 340 441 223" "<a@b.c>" "one body"
expect_posted "223 340 441 223" "<a@b.c>" "another"
expect_posted "430 340 240 223" "<d@b.c>" "one body"
ask_sink
expect_counted ids 2
expect_counted different 1
expect_counted again_same 1
expect_counted again_other 1
note "the judge sees an id with two bodies"

mkdir "$WORK/source"
head -c 40000000 /dev/urandom >"$WORK/source/random"
expect_exit 0 unu server add sink --host 127.0.0.1 --port "$SINK_PORT" --connections 2
expect_exit 0 unu share "$WORK/source" --no-wait
for count in 10 25 40; do
    wait_for 60 "$count articles" has_articles $count
    pid=$(daemons_of "$STATE")
    kill -9 "$pid"
    while is_running "$pid"; do
        sleep 0.01
    done
    expect_exit 0 unu status # starts another, whose job goes on
done
ask_sink
[ "$(counted articles)" -lt 60 ] || fail "the job was over when the last daemon was killed: make it longer"
expect_exit 0 unu share "$WORK/source"
link_of "$WORK/out" >/dev/null
ask_sink
expect_counted again_other 1
expect_counted different $(($(counted ids) - 1))
expect_counted articles "$(counted ids)"
note "killed three times: $(counted articles) articles, $(($(counted again_same) - 1)) offered again with the same body, none with another"
