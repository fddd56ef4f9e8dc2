#!/usr/bin/python3
"""Judges what came home of a share that lost more than its recovery data makes up for.

    loss_judge.py SOURCE TARGET LOG LOST    LOG: `usenetsync --json logs JOB`; LOST: so many files were said to be lost

Every file of SOURCE is in TARGET, byte for byte, or it is not there at all and LOG names it; nothing else is there.
"""
import filecmp
import json
import os
import sys

WORDS = " could not be restored: "


def files_below(top):
    found = set()
    for folder, _, names in os.walk(top):
        for name in names:
            found.add(os.path.relpath(os.path.join(folder, name), top))
    return found


def same(a, b):
    if os.path.islink(a) or os.path.islink(b):
        return os.path.islink(a) and os.path.islink(b) and os.readlink(a) == os.readlink(b)
    return filecmp.cmp(a, b, shallow=False)


def main():
    source, target, log, lost = sys.argv[1:5]
    with open(log, encoding="utf-8") as rows:
        texts = [json.loads(row)["text"] for row in rows]
    named = {text.split(WORDS)[0] for text in texts if WORDS in text}
    wanted, there = files_below(source), files_below(target) - {".usenetsync-restore"}
    if len(named) != int(lost):
        sys.exit(f"{len(named)} files are named, {lost} were counted")
    if there != wanted - named:
        sys.exit(f"not there and not named: {sorted(wanted - named - there)[:5]}; "
                 f"there although named or foreign: {sorted(there - (wanted - named))[:5]}")
    for name in sorted(there):
        if not same(os.path.join(source, name), os.path.join(target, name)):
            sys.exit(f"{name} is not what was shared")
    if not 0 < len(there) < len(wanted):
        sys.exit(f"{len(there)} of {len(wanted)} files: this proves nothing")


if __name__ == "__main__":
    main()
