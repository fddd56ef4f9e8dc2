#!/usr/bin/python3
"""Pause, resume and cancel share and get jobs in all their phases, over a slow road to the server.

    pause.py WORK NEWSD_PORT JOBS [SEED]      USENETSYNC is the program

JOBS shares and as many gets, each paused in every phase it is seen in, at random instants; some
daemons stop and start while their job rests. All complete and are identical. Then as many of each
are cancelled: the answer says what stays, a share of the same paths uses what is there, a get
leaves no half-written file behind.
"""
import os
import random
import shutil
import sys
import time

from daemon_rig import OVER, Box, Failure, need, same_tree
from post_tap import Tap, figures

SLOW, FAST = 6e6, 2e8  # bytes a second on each of two connections
PHASES = {"share": ("scan", "send", "send", "confirm", "publish"),
          "get": ("locate", "list", "fetch", "fetch", "write")}
STAYS = {"share": "articles already posted stay on the server", "get": "files already written stay in the target"}
PHASE_S = 2.0  # a phase that does not come in this time is not waited for
MARKER = ".usenetsync-restore"
TEMPORARY = ".usenetsync-"
PATIENCE = 10


def make_tree(rng, root):
    os.makedirs(root)
    for i in range(3):
        write(os.path.join(root, f"big{i}"), rng.randbytes(5_000_000 + rng.randrange(2_000_000)))
    for folder in range(8):
        os.makedirs(os.path.join(root, f"d{folder}", "empty"))
        os.symlink("../big0", os.path.join(root, f"d{folder}", "link"))
        for i in range(60):
            write(os.path.join(root, f"d{folder}", f"small{i}"), rng.randbytes(rng.randrange(5000)))


def write(path, data):
    with open(path, "wb") as file:
        file.write(data)


class Pauses:
    def __init__(self, work, port, seed):
        self.work, self.rng, self.tap = work, random.Random(seed), Tap(port, FAST)
        self.paused, self.cancelled, self.trees = {}, {}, 0
        self.box = Box(os.path.join(work, "state"))
        self.box.cli("server", "add", "tap", "--host", "127.0.0.1", "--port", str(self.tap.port),
                     "--connections", "2")

    def begin(self, *args):
        self.tap.rate = SLOW
        return int(self.box.cli(*args, "--no-wait").split()[0])

    def phase(self, number):
        job = self.box.job(number)
        need(job is not None, "the daemon is gone")
        return job["state"] if job["state"] in OVER else (job.get("progress") or {}).get("phase", "idle")

    def reach(self, number, want):
        """Some instant in this phase, if it comes; the phase it is."""
        self.tap.rate = FAST if want in ("confirm", "publish", "write") else SLOW
        end = time.monotonic() + PHASE_S
        while (phase := self.phase(number)) not in (want, *OVER) and time.monotonic() < end:
            time.sleep(0.002)
        time.sleep(self.rng.choice((0, self.rng.uniform(0, 0.15))))
        self.tap.rate = SLOW
        return self.phase(number)

    def verb(self, verb, number, want):
        """False when the job was over before the verb came."""
        self.box.cli(verb, str(number), code=None)
        state = self.box.job(number)["state"]
        need(state in (want, *OVER), f"{verb}: job {number} is {state}, not {want}")
        return state == want

    def rest(self, number):
        """It stays paused, whatever the daemon does."""
        if self.rng.random() < 0.3:
            self.box.cli("daemon", "stop")
            self.box.cli("jobs")
        time.sleep(self.rng.uniform(0, 0.1))
        state = self.box.job(number)["state"]
        need(state == "paused", f"job {number} is {state} while it should rest")

    def pause_all_over(self, kind, number):
        for want in PHASES[kind]:
            phase = self.reach(number, want)
            if not self.verb("pause", number, "paused"):
                break
            self.paused[phase] = self.paused.get(phase, 0) + 1
            self.rest(number)
            self.box.cli("resume", str(number))
        self.tap.rate = FAST
        self.box.wait_done(number)

    def new_tree(self):
        self.trees += 1
        root = os.path.join(self.work, f"tree{self.trees}")
        make_tree(self.rng, root)
        return root

    def link(self, root):
        return self.box.cli("link", os.path.basename(root)).strip()

    def got(self, link, target):
        """The number of a get job into a new folder."""
        shutil.rmtree(target, ignore_errors=True)
        return self.begin("get", link, target)

    def pause_round(self):
        root, target = self.new_tree(), os.path.join(self.work, "target")
        self.pause_all_over("share", self.begin("share", root))
        self.pause_all_over("get", self.got(self.link(root), target))
        same_tree(root, target)
        return root

    def cancel(self, kind, number, want):
        phase = self.reach(number, want)
        paused = self.rng.random() < 0.3 and self.verb("pause", number, "paused")
        said = self.box.cli("cancel", str(number), code=None)
        state = self.box.job(number)["state"]
        if state == "done":
            return False
        need(state == "cancelled", f"job {number} is {state}, not cancelled")
        need(STAYS[kind] in said, f"cancel does not say what stays: {said}")
        key = phase + (" (paused)" if paused else "")
        self.cancelled[key] = self.cancelled.get(key, 0) + 1
        return True

    def cancel_shares(self, root):
        """Each cancelled in a later phase; then one goes through and uses what is there."""
        for want in PHASES["share"]:
            write(os.path.join(root, f"more {want}"), self.rng.randbytes(2_000_000))
            self.cancel("share", self.begin("share", root), want)
        self.tap.rate = FAST
        self.box.cli("share", root)

    def cancel_gets(self, root):
        link, target = self.link(root), os.path.join(self.work, "target")
        for want in PHASES["get"]:
            if self.cancel("get", self.got(link, target), want) and os.path.isdir(target):
                self.no_halves(root, target)
        self.tap.rate = FAST
        self.box.wait_done(self.got(link, target))
        same_tree(root, target)

    def no_halves(self, root, target):
        """Whatever has a name is whole, and nothing else lies about but the marker, once the helper has tidied up behind the
        answer to the cancel."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and any(name.startswith(TEMPORARY) and name != MARKER
                                             for _, _, names in os.walk(target) for name in names):
            time.sleep(0.02)
        for folder, _, names in os.walk(target):
            for name in names:
                path = os.path.join(folder, name)
                source = os.path.join(root, os.path.relpath(path, target))
                need(name == MARKER or os.path.lexists(source), f"{path} was left by a cancelled get")
                if name != MARKER and not os.path.islink(path):
                    with open(path, "rb") as one, open(source, "rb") as other:
                        need(one.read() == other.read(), f"{path} is not whole")

    def run(self, rounds):
        for _ in range(rounds):
            root = self.pause_round()
            self.cancel_shares(root)
            self.cancel_gets(root)
            shutil.rmtree(root)
        self.box.stop()
        count = figures(self.tap.posts)
        print("paused in: " + ", ".join(f"{k} {v}" for k, v in sorted(self.paused.items())))
        print("cancelled in: " + ", ".join(f"{k} {v}" for k, v in sorted(self.cancelled.items())))
        print(f"articles {count['articles']}; posted again {count['again']}; cut off {count['cut']};"
              f" ids with two bodies {count['two_bodies']}")
        need(count["two_bodies"] == 0, "one Message-ID had two bodies")


def main(args):
    seed = int(args[3]) if len(args) > 3 else random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}", flush=True)
    try:
        Pauses(args[0], int(args[1]), seed).run(int(args[2]))
    except Failure as problem:
        print(f"pause.py: {problem} (seed {seed})", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
