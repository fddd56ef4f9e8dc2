#!/usr/bin/python3
"""The power goes while a share goes out, while its change does, while it comes back: unsynced writes are forgotten.

    power_loss.py WORK RUNS [SEED]      FAULTY_CALLS_SO, USENETSYNC, HOSTILE_NEWSD; JOBS (2) at a time

In each run the machine stops at a random call that changes a file, once or more often; then the state folder or the target
is put back to what a disk may hold (calls_rig.py), and a daemon goes on with that. What was said to be published is published,
what was said to be restored is there; in the end everything is identical, and no article had two bodies. Run i is that of
SEED + i alone.
"""
import collections
import concurrent.futures
import os
import random
import shutil
import subprocess
import sys
import time
import traceback

from calls_rig import NAME, SYNC, WRITE, Board, CallsBox, PowerCut
from daemon_rig import OVER, same_tree
from hostile_rig import WAITS, Failure, Hostile, Trial, make_tree, need

CHANGES = WRITE | SYNC | NAME
CALLS = {"share": 640, "again": 560, "get": 360}  # about so many change files: the power goes at one of them, or never
QUICK = WAITS.replace("0.15 0.3 0.6", "0.05 0.1 0.3 1")
LIMIT = 60


class Run:
    def __init__(self, seed, work):
        self.seed, self.dice, self.words, self.count = seed, random.Random(seed), [], collections.Counter()
        self.folder = os.path.join(work, f"run{seed}")
        self.source = self.folder + ".source"
        make_tree(self.source, seed, self.dice.choice((20_000, 300_000, 900_000)))
        self.trial = Trial(self.folder, self.source, Hostile(seed))
        self.target = os.path.join(self.folder, "target")
        self.trial.targets.append("target")
        self.what = self.dice.choice(("share", "share", "again", "get", "get"))

    def box(self, name, *roots):
        """A state folder that knows its server, all of it on the disk."""
        plain = self.trial.box(name)
        with open(os.path.join(plain.state, "daemon.ini"), "w", encoding="ascii") as file:
            file.write(QUICK)
        self.trial.add_server(plain)
        plain.stop()
        self.roots = [plain.state, *roots]
        self.board = Board(f"{self.folder}.board", self.roots)
        return CallsBox(plain.state, self.board)

    def share(self):
        """By a daemon of its own, with nothing going wrong."""
        code, words = self.trial.share()
        need(code == 0, f"share ended with {code}: {words}")
        self.trial.sender.stop()

    def change(self):
        with open(os.path.join(self.source, "d1", "changed"), "wb") as file:
            file.write(self.dice.randbytes(self.dice.choice((1000, 1_000_000))))
        os.remove(os.path.join(self.source, "d2", "file 2"))

    def run(self):
        if self.what == "get":
            self.share()
            box = self.box("reader", self.target)
            self.cut_often(box, ("get", self.trial.link, self.target), lambda: same_tree(self.source, self.target))
            same_tree(self.source, self.target)
        else:
            if self.what == "again":
                self.share()
                self.change()
            box = self.box("writer") if self.what == "share" else self.box_of_sender()
            self.cut_often(box, ("share", self.source, "--title", "T"), lambda: self.judge_published(box))
            self.trial.link = box.cli("share", self.source).splitlines()[-1]
        box.stop()
        self.board.close()
        code, words = self.trial.get()
        need(code == 0, f"get ended with {code}: {words}")
        figures = self.trial.judge()
        self.count.update(figures)
        self.words.append(f"posts {figures['posts']}, again {figures['again']}")

    def box_of_sender(self):
        self.roots = [self.trial.sender.state]
        self.board = Board(f"{self.folder}.board", self.roots)
        return CallsBox(self.trial.sender.state, self.board)

    def judge_published(self, box):
        """What was said to be published is."""
        version = box.rows("shares")[0].get("version", 0)
        need(version == (2 if self.what == "again" else 1), f"the newest version is {version} after it was said to be out")

    def cut_often(self, box, args, judge):
        """The power goes until a run of it has come through, which was told; then it goes once more."""
        number, most = None, CALLS[self.what]
        for _ in range(self.dice.choice((1, 1, 2, 3))):
            number = self.cut_once(box, args, number, self.dice.randrange(1, most))
            most = CALLS[self.what] * 2 // 3
        box.must_start()
        number = self.number_of(box, args, number)
        job = box.wait_done(number, LIMIT)
        self.cut(box)
        box.must_start()
        self.words.append(f"{self.what} {job.get('attempts')}")
        judge()

    def cut_once(self, box, args, number, stop_at):
        self.board.set(lock=0, stopped=0, log_end=0, calls=0, mask=CHANGES, logging=1)
        self.board.set(stop_at=stop_at)
        box.start()
        if box.is_up():
            number = self.number_of(box, args, number)
            end = time.monotonic() + LIMIT
            while not self.board.get("stopped") and not self.is_over(box, number):
                need(box.process.poll() is None, f"the daemon ended with {box.process.returncode}: {box.words()}")
                need(time.monotonic() < end, f"neither power cut nor end: {box.job(number)}")
                time.sleep(0.005)
        self.cut(box)
        return number

    def is_over(self, box, number):
        job = box.job(number) if number is not None else None
        return job is not None and job.get("state") in OVER

    def number_of(self, box, args, number):
        """The job's number: of a job that the cut took away a new one is asked for."""
        while number is not None and not self.board.get("stopped"):
            job = box.job(number)
            if job is not None and "state" in job:
                return number
            if job is not None:
                break
        out = self.ask(box, args)
        return int(out.split()[0]) if out.strip() else number

    def ask(self, box, args):
        """The daemon may stop before it answers: then nobody waits for it, or starts another one."""
        command = subprocess.Popen(box.command(*args, "--no-wait"), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        end = time.monotonic() + LIMIT
        while command.poll() is None and not self.board.get("stopped") and time.monotonic() < end:
            time.sleep(0.002)
        command.kill()
        return command.communicate()[0].decode()

    def cut(self, box):
        """Now. What the disk holds afterwards is chance."""
        box.end()
        calls, stopped = self.board.get("calls"), self.board.get("stopped")
        self.board.set(stop_at=0, mask=0)
        cut = PowerCut(self.board, self.dice)
        self.board.set(lock=0, stopped=0, log_end=0)
        self.count[f"{self.what}: {'in the middle' if stopped else 'afterwards'}"] += 1
        self.words.append("%s %d -%d/-%d" % ("cut" if stopped else "end", calls, *cut.run(self.roots)))

    def close(self):
        self.trial.close()
        shutil.rmtree(self.source)


def one(seed, work):
    started, run, problem = time.monotonic(), None, None
    try:
        run = Run(seed, work)
        run.run()
    except Failure as failure:
        problem = str(failure)
    except Exception:  # of the rig itself
        problem = traceback.format_exc()
    words = ", ".join(run.words) if run else ""
    if run and not problem:
        run.close()
    elif run:
        run.trial.stop()
    return seed, problem, words, run.count if run else {}, time.monotonic() - started


def main(args):
    work, runs = args[0], int(args[1])
    first = int(args[2]) if len(args) > 2 else random.SystemRandom().randrange(1 << 31)
    print(f"seed {first}", flush=True)
    bad, cuts = [], collections.Counter()
    with concurrent.futures.ThreadPoolExecutor(int(os.environ.get("JOBS", "2"))) as pool:
        for seed, problem, words, count, seconds in pool.map(lambda seed: one(seed, work), range(first, first + runs)):
            print(f"{'FAILED' if problem else '    ok'} {seconds:5.1f} s  seed {seed}: {words}", flush=True)
            cuts.update(count)
            if problem:
                print(problem, flush=True)
                bad.append(seed)
    print(", ".join(f"{what} {n}" for what, n in sorted(cuts.items())))
    print(f"{runs} runs, {len(bad)} failed: {bad}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
