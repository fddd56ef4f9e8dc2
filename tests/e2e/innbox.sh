#!/bin/sh
# A private INN2 news server on loopback, all of it below one folder that it makes.
#
#   innbox.sh make DIR PORT TLSPORT [MAXARTSIZE]   write DIR; the ports are for readers and posters
#   innbox.sh start|stop|status|remove DIR         remove: stop it and delete DIR
#
# DIR is absolute and below folders that everybody may enter. User tester, password secret; groups
# alt.binaries.test and alt.test. TLSPORT speaks TLS, PORT offers STARTTLS; DIR/etc/cert.pem is the
# certificate (localhost, 127.0.0.1) and its own CA. Articles lie one a file below
# DIR/spool/articles/alt/binaries/test. The server runs as user news (INN insists), so this needs root
# and asks sudo when it is not.
# MAXARTSIZE: the largest article in bytes; INN's own default is 1000000.
set -eu

NEWS_LIB=/usr/lib/news
NEWS_BIN=$NEWS_LIB/bin
GROUPS_POSTED="alt.binaries.test alt.test"
WAIT_TENTHS=150

die() {
    echo "innbox: $*" >&2
    exit 1
}

# Run a command of INN's as the server's user, with this server's configuration.
as_news() {
    setpriv --reuid=news --regid=news --clear-groups \
        env INNCONF="$BOX/etc/inn.conf" HOME="$BOX" "$@"
}

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

make_folders() {
    for sub in etc db run log tmp http filter spool/articles spool/overview spool/outgoing \
        spool/archive spool/incoming/bad spool/incoming/tmp; do
        mkdir -p "$BOX/$sub"
    done
}

# inn.conf in five thoughts: who we are, what is let in, what never stops a test, TLS, folders.
# No nnrpdposthost: nnrpd then hands posts to innd through run/nntpin.
write_inn_conf() {
    cat <<END
pathhost: news.test.example
domain: test.example
organization: test
mta: "/bin/true"
mailcmd: /bin/true

port: $INND_PORT
bindaddress: 127.0.0.1
bindaddress6: "::1"
maxartsize: $MAX_ARTICLE
localmaxartsize: $MAX_ARTICLE
artcutoff: 0
wireformat: true
hismethod: hisv6
enableoverview: true
ovmethod: tradindexed

maxconnections: 200
nnrpdloadlimit: 0
clienttimeout: 3600
initialtimeout: 60
docancels: none
doinnwatch: false
pgpverify: false

tlscertfile: $BOX/etc/cert.pem
tlskeyfile: $BOX/etc/key.pem
tlscafile: $BOX/etc/cert.pem

pathnews: $NEWS_LIB
pathbin: $NEWS_BIN
pathcontrol: $NEWS_BIN/control
pathetc: $BOX/etc
pathdb: $BOX/db
pathrun: $BOX/run
pathlog: $BOX/log
pathtmp: $BOX/tmp
pathhttp: $BOX/http
pathfilter: $BOX/filter
pathspool: $BOX/spool
patharticles: $BOX/spool/articles
pathoverview: $BOX/spool/overview
pathoutgoing: $BOX/spool/outgoing
pathincoming: $BOX/spool/incoming
patharchive: $BOX/spool/archive
END
}

# Nobody does anything without a login. innd itself knows one peer: nnrpd, from loopback.
write_access() {
    cat >"$BOX/etc/readers.conf" <<END
auth "login" {
    hosts: "*"
    auth: "ckpasswd -f $BOX/etc/passwd.reader"
}
access "everything" {
    users: "*"
    newsgroups: "*"
    access: RPA
}
END
    printf 'tester:%s\n' "$(openssl passwd -6 secret)" >"$BOX/etc/passwd.reader"
    printf 'peer ME {\n    hostname: "127.0.0.1"\n}\n' >"$BOX/etc/incoming.conf"
}

# One file an article; nothing is fed on, nothing expires.
write_storage() {
    printf 'method tradspool {\n    newsgroups: *\n    class: 0\n}\n' >"$BOX/etc/storage.conf"
    printf 'ME:!*/!local::\n' >"$BOX/etc/newsfeeds"
    printf '/remember/:11\n*:A:1:90:never\n' >"$BOX/etc/expire.ctl"
    printf 'all:*:*:drop\n' >"$BOX/etc/control.ctl"
    for name in distrib.pats distributions subscriptions moderators localgroups nocem.ctl \
        passwd.nntp; do
        : >"$BOX/etc/$name"
    done
}

# innd wants the control groups and junk, or it ends at once.
write_groups() {
    for group in control control.cancel junk; do
        printf '%s 0000000000 0000000001 n\n' $group
    done >"$BOX/db/active"
    for group in $GROUPS_POSTED; do
        printf '%s 0000000000 0000000001 y\n' "$group"
    done >>"$BOX/db/active"
    : >"$BOX/db/active.times"
    : >"$BOX/db/newsgroups"
    : >"$BOX/db/history"
}

write_certificate() {
    openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj /CN=localhost \
        -addext subjectAltName=DNS:localhost,IP:127.0.0.1 \
        -keyout "$BOX/etc/key.pem" -out "$BOX/etc/cert.pem" 2>"$BOX/log/openssl" ||
        die "openssl made no certificate: $(cat "$BOX/log/openssl")"
}

box_make() {
    [ -x $NEWS_BIN/innd ] || die "INN2 is not installed; run tools/setup test"
    PORT=$1 TLS_PORT=$2 MAX_ARTICLE=${3:-4000000} INND_PORT=$(free_port)
    make_folders
    write_inn_conf >"$BOX/etc/inn.conf"
    write_access
    write_storage
    write_groups
    write_certificate
    printf 'PORT=%s\nTLS_PORT=%s\n' "$PORT" "$TLS_PORT" >"$BOX/ports"
    chmod 755 "$BOX"
    chmod 600 "$BOX/etc/key.pem" "$BOX/etc/passwd.reader"
    chown -R news:news "$BOX"
    (cd "$BOX/db" && as_news $NEWS_BIN/makedbz -i -o -s 300000 -f "$BOX/db/history")
}

# wait_until WHAT command...: ask until the command succeeds.
wait_until() {
    what=$1
    shift
    tenths=0
    until "$@" >/dev/null 2>&1; do
        tenths=$((tenths + 1))
        [ $tenths -lt $WAIT_TENTHS ] || die "$what took too long; look into $BOX/log"
        sleep 0.1
    done
}

box_answers() {
    as_news /usr/sbin/ctlinnd -t 5 mode
}

box_is_down() {
    [ ! -f "$BOX/run/innd.pid" ]
}

box_start() {
    # shellcheck source=/dev/null
    . "$BOX/ports"
    as_news $NEWS_BIN/innd
    wait_until "innd's start" box_answers
    as_news $NEWS_BIN/nnrpd -D -n -b 127.0.0.1 -p "$PORT" -P 0
    as_news $NEWS_BIN/nnrpd -D -n -b 127.0.0.1 -p "$TLS_PORT" -P 0 -S
}

# A plain kill of innd lingers, and a start in that time fails: ask it, then wait for its end.
box_stop() {
    for file in "$BOX"/run/nnrpd*.pid; do
        [ -f "$file" ] || continue
        # the one that listens, and its child for each connection
        pid=$(cat "$file")
        # shellcheck disable=SC2046
        kill "$pid" $(ps -o pid= --ppid "$pid") 2>/dev/null || true
        rm -f "$file"
    done
    box_is_down || as_news /usr/sbin/ctlinnd -t 20 shutdown "the test is over" >/dev/null
    wait_until "innd's end" box_is_down
}

box_status() {
    # shellcheck source=/dev/null
    . "$BOX/ports"
    box_is_down && die "stopped"
    echo "plain 127.0.0.1:$PORT, TLS 127.0.0.1:$TLS_PORT"
    box_answers
}

box_remove() {
    [ -f "$BOX/ports" ] || die "$BOX was not made by innbox.sh"
    box_stop
    rm -rf "$BOX"
}

[ $# -ge 2 ] || die "usage: innbox.sh make DIR PORT TLSPORT [MAXARTSIZE] | start|stop|status|remove DIR"
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || die "INN runs as user news: this needs root or sudo"
    exec sudo -n -- "$0" "$@"
fi
VERB=$1 BOX=$2
shift 2
case $BOX in
/*) ;;
*) die "the folder must be an absolute path" ;;
esac
case $VERB in
make)
    [ $# -ge 2 ] || die "make wants DIR PORT TLSPORT [MAXARTSIZE]"
    box_make "$@"
    ;;
start | stop | status | remove) "box_$VERB" ;;
*) die "no such verb: $VERB" ;;
esac
