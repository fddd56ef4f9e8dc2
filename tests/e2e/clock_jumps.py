#!/usr/bin/python3
"""The wall clock jumps, by days, back and forth, while shares go out and come back; or is wrong all the time.

    clock_jumps.py WORK [SEED]      FAULTY_CALLS_SO, USENETSYNC, HOSTILE_NEWSD

Every job comes to its end as if nothing were, times it tells are none that cannot be, and somebody new whose clock is right
finds the newest version whatever day its owner believed it was; so does somebody whose clock jumps.
"""
import os
import random
import sys
import threading

from calls_rig import Board, CallsBox
from daemon_rig import same_tree
from hostile_rig import Failure, Hostile, Trial, make_tree, need

DAY = 86400
JUMPS = (3 * DAY, -2 * DAY, 0, 3600, -3600, 40 * DAY, -400 * DAY, -1, 1)
EVERY = 0.03  # seconds from jump to jump
LIMIT = 60


class Jumper(threading.Thread):
    """Sets a board's clock again and again; it is right again afterwards."""

    def __init__(self, board, dice):
        super().__init__()
        self.board, self.dice, self.over = board, dice, threading.Event()

    def run(self):
        while not self.over.wait(EVERY):
            self.board.set(clock=self.dice.choice(JUMPS))

    def __enter__(self):
        self.start()

    def __exit__(self, *_):
        self.over.set()
        self.join()
        self.board.set(clock=0)


class Clock:
    def __init__(self, work, seed):
        self.dice, self.versions = random.Random(seed), 0
        self.source = os.path.join(work, "source")
        make_tree(self.source, seed, 900_000)
        self.trial = Trial(os.path.join(work, "trial"), self.source, Hostile(seed))
        self.owner = self.box(self.trial.sender)
        self.reader = self.box(self.trial.box("jumping"))

    def box(self, plain):
        self.trial.add_server(plain)
        plain.stop()
        box = CallsBox(plain.state, Board(plain.state + ".board", ()))
        self.trial.targets += [os.path.basename(box.board.path), os.path.basename(box.board.path) + ".err"]
        box.patience = 10
        box.must_start()
        return box

    def share(self):
        with open(os.path.join(self.source, "d1", f"new {self.versions}"), "wb") as file:
            file.write(self.dice.randbytes(self.dice.choice((900, 900_000))))
        self.trial.link = self.owner.cli("share", self.source, "--title", "T", limit=LIMIT).splitlines()[-1]
        self.versions += 1
        job = max((job for job in self.owner.rows("jobs", "--all") if job["kind"] == "share"), key=lambda job: job["id"])
        need(job["result"]["version"] == self.versions, f"not version {self.versions}: {job['result']}")
        need(0 <= job["totals"]["seconds"] <= LIMIT, f"it took {job['totals']['seconds']} s")

    def get(self, what):
        """By somebody new whose clock is right; by one who has been here before, and whose clock jumps."""
        code, words = self.trial.get()
        need(code == 0, f"{what}: get ended with {code}: {words}")
        target = os.path.join(self.trial.work, f"jumped{self.versions}")
        self.trial.targets.append(os.path.basename(target))
        with Jumper(self.reader.board, self.dice):
            self.reader.cli("get", self.trial.link, target, limit=LIMIT)
        same_tree(self.source, target)
        print(f"   {what}: version {self.versions} came back", flush=True)

    def run(self):
        for what in ("the first, with jumps", "the second, with jumps"):
            with Jumper(self.owner.board, self.dice):
                self.share()
            self.get(what)
        for days in (5, -400, 0):
            self.owner.board.set(clock=days * DAY)
            self.share()
            self.get(f"the owner's clock is {days} days ahead")
        for box in (self.owner, self.reader):
            box.stop()
        self.trial.judge()
        self.trial.close()


def main(args):
    seed = int(args[1]) if len(args) > 1 else random.SystemRandom().randrange(1 << 31)
    print(f"seed {seed}", flush=True)
    try:
        Clock(args[0], seed).run()
    except Failure as problem:
        print(f"clock_jumps.py: {problem} (seed {seed})", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
