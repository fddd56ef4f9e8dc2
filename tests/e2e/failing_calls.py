#!/usr/bin/python3
"""System calls fail, one after the other: ENOSPC, EIO, EINTR, and those that do half of what they were asked.

    failing_calls.py WORK EACH [SEED]      FAULTY_CALLS_SO, USENETSYNC, HOSTILE_NEWSD; JOBS (2) at a time

First it is counted how many calls a daemon's start, a share's next version and a restore make below their folders. Then EACH
(25) of them, spread evenly over the three, or with EACH = 0 every 7th of all, fail in each way. The command works all the same, or says
why not; the daemon lives, or said why it did not start. When nothing fails any more the same command works, and somebody
new gets everything, identical; no article has two bodies.
"""
import concurrent.futures
import dataclasses
import errno
import os
import random
import shutil
import subprocess
import sys
import threading
import time
import traceback

from calls_rig import NAME, OPEN, READ, SYNC, WRITE, Board, CallsBox
from daemon_rig import same_tree
from hostile_rig import WAITS, Failure, Hostile, Trial, make_tree, need

EVERY = 7
PATIENCE = 0.4     # seconds until a disk that is full, or broken, is not any more
FOR_EVER = 1 << 40
LIMIT = 60
QUICK = WAITS.replace("0.15 0.3 0.6", "0.02 0.1 0.3 1")


@dataclasses.dataclass
class Way:
    name: str
    mask: int
    error: int
    times: tuple  # so many calls, or so many


WAYS = (
    Way("ENOSPC", WRITE | SYNC | NAME, errno.ENOSPC, (1, FOR_EVER)),
    Way("EIO", READ | WRITE | SYNC | NAME | OPEN, errno.EIO, (1, 3, FOR_EVER)),
    Way("EINTR", READ | WRITE, errno.EINTR, (1, 2)),
    Way("short", READ | WRITE, 0, (1, 5)),
)
TASKS = ("start", "share", "get")


class Lane:
    """One way of failing, in one task: a server, a share, and somebody whose calls fail."""

    def __init__(self, way, task, work, seed):
        self.way, self.task, self.dice, self.turn = way, task, random.Random(f"{seed} {way.name} {task}"), 0
        self.name = f"{task}, {way.name}"
        folder = os.path.join(work, f"{way.name}.{task}")
        self.source, self.target = folder + ".source", os.path.join(folder, "target")
        make_tree(self.source, seed, 300_000)
        self.trial = Trial(folder, self.source, Hostile(seed))
        self.trial.targets.append("target")
        self.settle(self.trial.sender)
        self.share_well()
        plain = self.trial.sender
        if task == "get":
            plain = self.trial.box("getter")
            self.settle(plain)
            plain.stop()
        self.board = Board(folder + ".board", (plain.state, self.target if task == "get" else self.source))
        self.box = CallsBox(plain.state, self.board)
        self.struck = self.failed = 0

    def settle(self, box):
        with open(os.path.join(box.state, "daemon.ini"), "w", encoding="ascii") as file:
            file.write(QUICK)
        self.trial.add_server(box)

    def share_well(self):
        code, words = self.trial.share()
        need(code == 0, f"share ended with {code}: {words}")
        self.trial.sender.stop()

    def change(self):
        """Something new for the next version; sometimes so little that it rides in the head."""
        self.turn += 1
        with open(os.path.join(self.source, "d1", f"new {self.turn % 3}"), "wb") as file:
            file.write(self.dice.randbytes(self.dice.choice((700, 500_000))))

    def args(self):
        return ("share", self.source) if self.task == "share" else ("get", self.trial.link, self.target)

    def count(self):
        """Calls that the task makes when nothing fails."""
        if self.task != "start":
            self.box.must_start()
        self.board.fail(self.way.mask, 0, 0)
        if self.task == "start":
            self.box.must_start()
        else:
            self.change()
            self.box.cli(*self.args(), limit=LIMIT)
        found = self.board.get("calls")
        self.board.quiet()
        self.judge()
        return found

    def run_some(self, each):
        total = self.count()
        step = total / each if each else EVERY
        places = sorted({1 + int(i * step) for i in range(each or -(-total // EVERY))})
        for k in places:
            try:
                self.one(k)
            except Failure as problem:
                raise Failure(f"{self.name}, at call {k} of {total}: {problem}") from None
        self.box.stop()
        self.trial.judge()
        need(self.struck > 0, f"{self.name}: not one call of {len(places)} struck")
        return f"{self.name}: {total} calls, {len(places)} tried, {self.struck} struck, {self.failed} commands failed"

    def one(self, k):
        self.times = self.dice.choice(self.way.times)
        if self.task == "start":
            self.start(k)
        else:
            self.command(k)
        self.judge()

    # --- a start ---

    def start(self, k):
        self.box.stop()
        self.board.fail(self.way.mask, k, self.way.error, self.times)
        self.box.start()
        up = self.box.is_up()
        self.struck += self.board.quiet() > 0
        if not up:
            self.failed += 1
            need(self.box.process.poll() is not None, "the daemon neither answers nor ends")
            need("usenetsync: " in self.box.words(), f"the daemon did not start, and said {self.box.words()!r}")
            self.box.end()
            self.box.must_start()

    # --- a command ---

    def command(self, k):
        if self.box.process is None:
            self.box.must_start()
        self.change()
        self.board.fail(self.way.mask, k, self.way.error, self.times)
        over = threading.Event()
        mender = threading.Thread(target=self.mend, args=(over,))
        mender.start()
        done = self.run(*self.args())
        over.set()
        mender.join()
        struck = self.board.quiet()
        self.struck += struck > 0
        need(self.box.process.poll() is None, f"the daemon ended with {self.box.process.returncode}: {self.box.words()}")
        if done.returncode != 0:
            self.failed += 1
            words = done.stderr.decode(errors="replace")
            need(struck > 0, f"nothing was wrong, and exit code {done.returncode}: {words}")
            need("usenetsync: " in words and "internal mistake" not in words, f"exit code {done.returncode}: {words}")
            self.command_again()

    def mend(self, over):
        """Some moments after the first call that failed none does any more."""
        while not over.wait(0.01) and self.board.get("struck") == 0:
            pass
        if not over.wait(PATIENCE):
            self.board.set(fail_at=0)

    def command_again(self):
        """A job whose end could not be written yet still tells of it; some moments later everything works. A restore that
        came to its end, of which nothing but the word was lost, is not begun again."""
        end = time.monotonic() + 5
        while (done := self.run(*self.args())).returncode != 0:
            if self.task == "get" and self.box.rows("jobs", "--all")[0]["state"] == "done":
                return
            need(time.monotonic() < end, f"nothing is wrong any more: {done.stderr.decode(errors='replace')}")
            time.sleep(0.1)

    def run(self, *args):
        return subprocess.run(self.box.command(*args), capture_output=True, timeout=LIMIT, check=False)

    # --- the oracle ---

    def judge(self):
        if self.task == "get":
            same_tree(self.source, self.target)
            shutil.rmtree(self.target)
            return
        if self.task == "share":
            code, words = self.trial.get()
            need(code == 0, f"get ended with {code}: {words}")

    def close(self):
        self.box.stop()
        self.trial.close()
        self.board.close()
        shutil.rmtree(self.source)


class GetLane(Lane):
    def change(self):
        """The share stays as it is."""


def run(way, task, work, each, seed):
    started, lane, problem, words = time.monotonic(), None, None, ""
    try:
        lane = (GetLane if task == "get" else Lane)(way, task, work, seed)
        words = lane.run_some(each)
    except Failure as failure:
        problem = str(failure)
    except Exception:  # of the rig itself
        problem = f"{task}, {way.name}: {traceback.format_exc()}"
    if lane and not problem:
        lane.close()
    elif lane:
        lane.box.end()
        lane.trial.stop()
    return problem, words, time.monotonic() - started


def main(args):
    work, each = args[0], int(args[1])
    seed = int(args[2]) if len(args) > 2 else random.SystemRandom().randrange(1 << 31)
    print(f"seed {seed}", flush=True)
    only = os.environ.get("ONLY", "")
    jobs = [(way, task) for way in WAYS for task in TASKS if only in f"{task}, {way.name}"]
    share = {"start": each // 5, "share": each // 5, "get": each - 2 * (each // 5)} if each else dict.fromkeys(TASKS, 0)
    bad = 0
    with concurrent.futures.ThreadPoolExecutor(int(os.environ.get("JOBS", "2"))) as pool:
        for problem, words, seconds in pool.map(lambda job: run(*job, work, share[job[1]], seed), jobs):
            print(f"{'FAILED' if problem else '    ok'} {seconds:5.1f} s  {problem or words}", flush=True)
            bad += problem is not None
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
