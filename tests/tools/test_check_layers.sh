#!/bin/sh
# tools/check-layers must accept a good tree and name each breach of a bad one.
set -eu
: "${PROJECT:?}"

ROOT=$(mktemp -d "${TMPDIR:-/tmp}/check-layers.XXXXXX")
trap 'rm -rf "$ROOT"' EXIT
FAILED=0

fail() {
    echo "FAILED: $*"
    FAILED=1
}

# source PLACE LINE: a file below src/ that holds one line.
source() {
    mkdir -p "$ROOT/src/$(dirname "$1")"
    printf '%s\n' "$2" >"$ROOT/src/$1"
}

judge() {
    "$PROJECT/tools/check-layers" "$ROOT" >"$ROOT/verdict" 2>&1
}

good_tree() {
    rm -rf "$ROOT/src"
    cp -R "$ROOT/good" "$ROOT/src"
}

make_good_tree() {
    source base/err.h ''
    source base/log.h ''
    source codec/nntp/nntp.h '#include "base/err.h"'
    source codec/link/link.h '#include <stdint.h>'
    source codec/link/link.c 'int t = mtime(0) + head.time(1); char *s = "/* time( */";'
    source io/net/tls.c '#include <openssl/ssl.h>'
    source io/net/net.h '#include "base/log.h"'
    source io/store/store.h ''
    source io/store/store.c '#include <sqlite3.h>'
    source io/news/news.h '#include "io/net/net.h"'
    source flow/progress/progress.h ''
    source flow/index/index.c '#include "flow/progress/progress.h"'
    source app/control/control.h '#include "flow/progress/progress.h"'
    source app/web/web.c '#include "app/control/control.h"'
    source app/newsd/newsd.h '#include "codec/nntp/nntp.h"'
    source app/cli/cli.c '#include "codec/link/link.h"'
    source app/main/main.c '#include "app/newsd/newsd.h"'
    source base/err.c '/* #include "app/newsd/newsd.h" is only talk */'
    mv "$ROOT/src" "$ROOT/good"
}

# refuse PLACE LINE SENTENCE: with this file in the good tree, the verdict is SENTENCE.
refuse() {
    good_tree
    source "$1" "$2"
    if judge; then
        fail "accepted: $1: $2"
    elif ! grep -qF "src/$1:1: $3" "$ROOT/verdict"; then
        fail "$1: $2: wanted \"$3\", got \"$(cat "$ROOT/verdict")\""
    fi
}

mkdir "$ROOT/tools"
cp "$PROJECT/tools/layers.txt" "$ROOT/tools"
make_good_tree
good_tree
judge || fail "refused a good tree: $(cat "$ROOT/verdict")"

refuse base/x.c '#include "codec/link/link.h"' 'includes point down'
refuse codec/yenc/x.c '#include "codec/link/link.h"' 'codec/yenc may include no other room'
refuse codec/yenc/x.c '#include "io/net/net.h"' 'includes point down'
refuse codec/link/x.c '#include "base/log.h"' 'base/log.h has no place in codec/'
refuse codec/link/x.c '#include <pthread.h>' 'pthread.h has no place in codec/'
refuse codec/link/x.c 'long now(void) { return time(0); }' 'time() has no place in codec/'
refuse codec/link/x.c '#include <sodium.h>' 'sodium.h belongs to codec/seal alone'
refuse io/store/x.c '#include "io/net/net.h"' 'io/store may include no other room'
refuse io/net/x.c '#include "io/news/news.h"' 'io/net may include only io/loop'
refuse io/net/x.c '#include <openssl/ssl.h>' 'openssl/ssl.h belongs to io/net/tls* alone'
refuse io/news/x.c '# include <uv.h>' 'uv.h belongs to'
refuse io/news/x.c '#include <sqlite3.h>' 'sqlite3.h belongs to io/store alone'
refuse flow/index/x.c '#include <sqlite3.h>' 'sqlite3.h belongs to io/store alone'
refuse flow/progress/x.c '#include <jansson.h>' 'jansson.h belongs to app alone'
refuse flow/publish/x.c '#include "app/control/control.h"' 'includes point down'
refuse app/web/x.c '#include "app/newsd/newsd.h"' 'app/web may include only app/control'
refuse app/cli/x.c '#include "io/net/net.h"' 'app/cli may include nothing but itself, base and codec'
refuse app/cli/x.c '#include "app/control/control.h"' 'app/cli may include nothing but'
refuse app/newsd/x.c '#include "io/store/store.h"' 'app/newsd may include nothing but'
refuse app/newsd/x.c '#include "flow/progress/progress.h"' 'app/newsd may include nothing but'
refuse app/main/x.c '#include "newsd.h"' 'includes are rooted at src/'
refuse app/main/x.c '#include "app/main/../newsd/newsd.h"' 'includes are rooted at src/'
refuse app/main/x.c '#include <app/newsd/newsd.h>' 'our own headers stand in quotes'
refuse app/main/x.c '#include "app/main/gone.h"' 'there is no src/app/main/gone.h'
refuse app/main/x.c '#include HEADER' 'an include names its file, not a macro'
refuse app/attic/x.c '#include "base/err.h"' 'this folder is not a room'

rm -rf "$ROOT/src"
if judge; then
    fail "accepted a project without sources"
fi
exit $FAILED
