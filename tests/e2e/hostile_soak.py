#!/usr/bin/python3
"""One daemon that shares a folder again and again while its server errs: memory and descriptors stay as they are.

    hostile_soak.py WORK MINUTES [SEED]

Every 20 seconds something changes and is shared again, under two faults in a hundred of every kind; now and then
somebody new restores it, and a follower who keeps its state does. A command may fail with a sentence; at the end, without
faults, everything is there.
"""
import os
import random
import sys
import time

from hostile_mix import FAULTS, LASTING, NAMED
from hostile_rig import Failure, Hostile, Trial, make_tree, need

EVERY = 20          # seconds from change to change
SLACK = 24 << 20    # bytes that the last third may have above the first ...
SLACK_FDS = 8       # ... and descriptors
SLOW = (" stall ", " drip ", "ms=60000", " rename", " fold", "quota", " 480 ", "over=", "count=", " junk", "{1-12}")


def two_in_a_hundred(dice):
    """Every kind of fault but those that need a login, stop a server for long, or change all ids."""
    rules = []
    for row in FAULTS.strip().splitlines():
        words = row.split()
        if any(word in row + " " for word in SLOW) or words[0] == "*":
            continue
        head, colon, text = row.partition(" : ")
        while "{" in head:
            first, _, rest = head.partition("{")
            span, _, rest = rest.partition("}")
            low, high = span.split("-")
            head = first + str(dice.randint(int(low), int(high))) + rest
        point = words[0]
        same = sum(other.split()[0] == point for other in FAULTS.strip().splitlines())
        rules.append(f"{head} chance={2 / same * (0.3 if words[1] in LASTING else 1):.3f}{colon}{text}")
    return "\n".join(rules)


class Watch:
    """Resident memory and open descriptors of a box's daemon."""

    def __init__(self, box):
        self.box, self.seen = box, []

    def look(self):
        pid = self.box.pid()
        try:
            with open(f"/proc/{pid}/statm", encoding="ascii") as file:
                pages = int(file.read().split()[1])
            self.seen.append((pages * os.sysconf("SC_PAGE_SIZE"), len(os.listdir(f"/proc/{pid}/fd"))))
        except (OSError, IndexError):
            pass

    def judge(self):
        third = max(1, len(self.seen) // 3)
        for what, slack in ((0, SLACK), (1, SLACK_FDS)):
            first, last = (max(row[what] for row in rows) for rows in (self.seen[:third], self.seen[-third:]))
            print(f"   {('memory', 'descriptors')[what]}: first third at most {first}, last {last}")
            need(last <= first + slack, f"it grew from {first} to {last}")


class Soak:
    def __init__(self, work, minutes, seed):
        self.dice, self.minutes = random.Random(seed), minutes
        self.source = os.path.join(work, "source")
        make_tree(self.source, seed, 400_000)
        self.trial = Trial(os.path.join(work, "soak"), self.source, Hostile(seed))
        self.script = two_in_a_hundred(self.dice)
        self.follower = self.trial.box("follower")
        self.trial.add_server(self.follower)
        self.count = {}

    def change(self):
        names = sorted(name for name in os.listdir(self.source) if name.startswith("new "))
        if len(names) > 20:
            os.remove(os.path.join(self.source, self.dice.choice(names)))
        with open(os.path.join(self.source, f"new {self.dice.randrange(1000)}"), "wb") as file:
            file.write(self.dice.randbytes(self.dice.randrange(900_000)))

    def note(self, what, found):
        code, words = found
        self.count[what, code] = self.count.get((what, code), 0) + 1
        need(code == 0 or (code in NAMED and "usenetsync: " in words), f"{what} ended with {code}: {words[-400:]}")
        return code

    def run(self):
        watch, end, turn = Watch(self.trial.sender), time.monotonic() + 60 * self.minutes, 0
        while time.monotonic() < end:
            started = time.monotonic()
            self.trial.server.script(self.script)
            self.change()
            shared = self.note("share", self.trial.share()) == 0
            watch.look()
            if shared and turn % 6 == 3:
                self.trial.server.script("")  # a head that is hidden now and then would be an older version
                self.note("get", self.trial.get(box=self.follower if turn % 12 == 3 else None))
            turn += 1
            time.sleep(max(0.0, EVERY - (time.monotonic() - started)))
        self.finish(watch)

    def finish(self, watch):
        self.trial.server.script("")
        end = time.monotonic() + 30
        while (found := self.trial.share())[0] != 0:
            need(time.monotonic() < end, f"share without faults: {found}")
            time.sleep(0.5)
        for box in (None, self.follower):
            code, words = self.trial.get(box=box)
            need(code == 0, f"get without faults: {code}: {words}")
        figures = self.trial.judge()
        print(f"   {dict(sorted(self.count.items()))}, posts {figures['posts']}, again {figures['again']}")
        watch.judge()
        self.trial.close()


def main(args):
    seed = int(args[2]) if len(args) > 2 else random.SystemRandom().randrange(1 << 31)
    print(f"seed {seed}", flush=True)
    try:
        Soak(args[0], float(args[1]), seed).run()
    except Failure as problem:
        print(f"hostile_soak.py: {problem} (seed {seed})", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
