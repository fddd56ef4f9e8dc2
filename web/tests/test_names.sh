#!/bin/bash
# 1,000 hostile file names in the page: no script runs, no rule of content is broken, each name is shown
# as the command line shows it. names.mjs looks.
# shellcheck source=tests/e2e/lib.sh
. "$PROJECT/tests/e2e/lib.sh"

export WORK STATE="$WORK/state" FOLDER="$HOME/hostile" LINK

python3 - "$FOLDER" <<'END'
import os, random, sys

MARKUP = ["<img src=x onerror=alert(1)>", "<script>alert(1)<", "\"><svg onload=alert(1)>", "{{7*7}}", "${alert(1)}",
          "javascript:alert(1)", "&lt;b&gt;", "' onmouseover='alert(1)", "]]>", "<!--", "%3Cscript%3E", "=cmd|' !A0"]
BIDI = ["\u202e", "\u202d", "\u2066", "\u2069", "\u200f", "\u061c", "\u200b", "\ufeff", "\u2028", "\u00ad"]
CONTROL = [chr(c) for c in range(1, 32)] + ["\x7f", "\x85", "\x9b", "\x1b[31m", "\r\n"]
WORLD = ["עברית", "العربية", "日本語", "Ünïcödé", "e\u0301\u0302\u0303\u0304", "🎈👩‍👩‍👧", "\U000e0041", "ﷺ"]
BYTES = [b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"caf\xe9", b"\xe2\x82", b"\x80", b"\xf8\x88\x80\x80\x80"]
PIECES = [s.encode() for s in MARKUP + BIDI + CONTROL + WORLD] + BYTES

# Every piece alone, then random mixes up to the 255 bytes that a name may have.
random.seed(11)
names = {piece for piece in PIECES if piece not in (b".", b"..")}
names |= {b"-rf", b" ", b"~", b"CON", b"a" * 255, b"\xff" * 255, "é".encode() * 127, b".hidden"[1:]}
while len(names) < 1000:
    name = b"".join(random.choice(PIECES) for _ in range(random.randrange(1, 20)))[:255]
    names.add(name)
os.makedirs(sys.argv[1])
for name in sorted(names):
    with open(os.path.join(sys.argv[1].encode(), name), "wb") as out:
        out.write(name)
END
[ "$(find "$FOLDER" -type f -printf x | wc -c)" = 1000 ] || fail "there are not 1,000 files"

start_newsd "$WORK/spool"
expect_exit 0 "$USENETSYNC" --state "$STATE" server add local --host 127.0.0.1 --port "$NEWSD_PORT"
expect_exit 0 "$USENETSYNC" --state "$STATE" share "$FOLDER" --title '<script>alert(1)</script>'
LINK=$(link_of "$WORK/out")
node "$PROJECT/web/tests/browser/names.mjs" || fail "WORK/failed.png shows where (KEEP=1 keeps it)"
