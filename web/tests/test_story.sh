#!/bin/bash
# The page does the whole story in a real browser against the real daemon and newsd: story.mjs tells it.
# shellcheck source=tests/e2e/lib.sh
. "$PROJECT/tests/e2e/lib.sh"

export WORK STATE="$WORK/state" FILES=2,000 SOURCE="$HOME/holiday" NEWSD_PORT NEWSD_PASSWORD="correct horse" \
    PAGE_PASSWORD_FILE="$WORK/page.password"

note "2,000 files"
python3 - "$SOURCE" <<'END'
import os, random, sys

# 2,000 files in 20 folders, some of them empty, some larger than a segment: 24 MB that do not shrink.
random.seed(5)
for i in range(2000):
    folder = os.path.join(sys.argv[1], f"folder {i % 20}")
    os.makedirs(folder, exist_ok=True)
    size = 0 if i % 100 == 0 else 1_000_000 if i % 250 == 3 else random.randrange(16_000)
    with open(os.path.join(folder, f"file {i:04}.txt"), "wb") as out:
        out.write(random.randbytes(size))
END

secret_file "$WORK/password" "$NEWSD_PASSWORD"
secret_file "$PAGE_PASSWORD_FILE" "a password for the page"
start_newsd "$WORK/spool" --user tester --password-file "$WORK/password"
node "$PROJECT/web/tests/browser/story.mjs" || fail "the story broke off; WORK/failed.png shows where (KEEP=1 keeps it)"

note "every byte, name, mode and time came back"
same_tree "$SOURCE" "$HOME/restored"
same_tree "$SOURCE/folder 7" "$HOME/part/folder 7"
[ "$(ls -A "$HOME/part")" = "folder 7" ] || fail "more than the chosen part was restored"
refuse_text "$STATE/daemon.log" "$NEWSD_PASSWORD"
