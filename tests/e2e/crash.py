#!/usr/bin/python3
"""Kill the daemon at random instants of its jobs and see that nothing is lost, doubled or changed.

    crash.py WORK NEWSD_PORT KILLS [SEED]      USENETSYNC is the program

Rounds of four jobs: share a tree, share it again when it has changed, share it while it changes
between kills, get it. Each is killed ten times and more: after some milliseconds, in a phase, or at
an exact point of the talk with the news server. Then the job goes on by itself, and a restore into
an empty folder by an empty state must be identical. All articles pass a tap, which tells how often
each was posted and with what body.
"""
import os
import random
import shutil
import subprocess
import sys
import threading
import time

import second_reader
from daemon_rig import OVER, Box, Failure, need, same_tree
from post_tap import Tap, figures

SLOW, FAST = 2.5e6, 2e8  # bytes a second on each of two connections
KILLS_A_JOB = 14
AGAIN_MAX = 0.005       # of all articles may be posted twice
EARLY = {"share": ("scan", "send"), "get": ("locate", "list", "fetch")}
LATE = {"share": ("send", "confirm", "publish", "publish"), "get": ("fetch", "fetch", "write")}
EVENTS = {"share": ("asked", "sent", "answered", "answered", "stat", "body"), "get": ("body",)}


def make_tree(rng, root):
    os.makedirs(root)
    for i in range(3):
        write(os.path.join(root, f"big{i}"), rng.randbytes(14_000_000 + rng.randrange(3_000_000)))
    write(os.path.join(root, "text"), b"".join(b"line %d\n" % i for i in range(300_000)))
    write(os.path.join(root, "block"), rng.randbytes(second_reader.P))
    with open(os.path.join(root, "holes"), "wb") as file:
        file.truncate(9_000_000)
        file.seek(4_000_000)
        file.write(rng.randbytes(1_000_000))
    for folder in range(12):
        os.makedirs(os.path.join(root, f"d{folder}", "empty"))
        os.symlink("../text", os.path.join(root, f"d{folder}", "link"))
        for i in range(40):
            write(os.path.join(root, f"d{folder}", f"small{i}"), rng.randbytes(rng.randrange(4000)))


def change_tree(rng, root):
    """Append, in place, rename, delete, new ones small and large."""
    with open(os.path.join(root, "big0"), "ab") as file:
        file.write(rng.randbytes(3_000_000))
    with open(os.path.join(root, "big1"), "r+b") as file:
        file.seek(rng.randrange(10_000_000))
        file.write(rng.randbytes(1_000_000))
    os.rename(os.path.join(root, "big2"), os.path.join(root, "d3", "moved"))
    shutil.rmtree(os.path.join(root, "d4"))
    write(os.path.join(root, "new"), rng.randbytes(24_000_000))
    for i in range(40):
        write(os.path.join(root, "d5", f"small{i}"), rng.randbytes(rng.randrange(4000)))
        write(os.path.join(root, "d6", f"fresh{i}"), rng.randbytes(rng.randrange(4000)))


def change_little(rng, root):
    """While no daemon looks: contents that an earlier run has sent or half sent."""
    name = rng.choice(("big0", "big1", "new", "text", "block", f"d5/small{rng.randrange(40)}"))
    with open(os.path.join(root, name), "r+b") as file:
        file.seek(rng.randrange(1 + os.path.getsize(file.name)))
        file.write(rng.randbytes(rng.randrange(1, 900_000)))


def write(path, data):
    with open(path, "wb") as file:
        file.write(data)


class Killer:
    """Ends the daemon of a box again and again while a job is under way."""

    def __init__(self, box, tap, rng, kind, number):
        self.box, self.tap, self.rng, self.kind, self.number = box, tap, rng, kind, number
        self.landed = []  # where each kill hit
        self.clients = []
        self.late = False  # the last kills are for the job's end
        self.between = lambda: None  # called when the daemon is dead

    def start_daemon(self, old):
        """By the next command. The new daemon's id, as soon as it has one."""
        client = subprocess.Popen(self.box.command("jobs"), stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL)
        self.clients.append(client)
        end = time.monotonic() + 30
        while time.monotonic() < end:
            pid = self.box.pid()
            if pid not in (None, old):
                return pid
            if client.poll() is not None and pid is None:
                client = subprocess.Popen(self.box.command("jobs"), stdout=subprocess.DEVNULL,
                                          stderr=subprocess.DEVNULL)
                self.clients.append(client)
            time.sleep(0.002)
        raise Failure("the daemon did not start within 30 s")

    def phase(self):
        job = self.box.job(self.number)
        if job is None:
            return "starting"
        return job["state"] if job["state"] in OVER else (job.get("progress") or {}).get("phase", "idle")

    def after_time(self):
        """Most often soon; sometimes so late that the job has moved on."""
        time.sleep(self.rng.uniform(*((0.005, 0.4) if self.rng.random() < 0.85 else (0.4, 1.2))))
        phase = self.phase()
        return phase, self.box.kill()

    def in_phase(self):
        want = self.rng.choice((LATE if self.late else EARLY)[self.kind])
        end = time.monotonic() + (3 if self.late else 1)
        while (phase := self.phase()) != want and phase not in OVER and time.monotonic() < end:
            time.sleep(0.003)
        time.sleep(self.rng.uniform(0, 0.08))
        phase = self.phase()
        return phase, self.box.kill()

    def at_event(self):
        event = self.rng.choice(EVENTS[self.kind])
        hit = threading.Event()
        phase = self.phase()

        def now():
            self.box.kill()
            hit.set()

        self.tap.when(event, self.rng.randrange(1, 100 if event == "stat" else 12), now)
        end = time.monotonic() + 1.5
        while not hit.wait(0.02) and phase not in OVER and time.monotonic() < end:
            phase = self.phase()
        self.tap.when(None, 0, None)
        return f"{phase}:{event}", hit.is_set() or self.box.kill()

    def strike(self):
        """One kill; False when the job was over before it."""
        way = self.rng.choice((self.after_time, self.after_time, self.in_phase, self.at_event))
        old = self.box.pid()
        landed, killed = way()
        if landed.split(":")[0] in OVER:
            return False
        if killed:
            self.landed.append(landed)
            self.between()
        self.start_daemon(old)
        return True

    def run(self, count):
        going = True
        while len(self.landed) < count and going:
            self.late = len(self.landed) >= count * 2 // 3
            self.tap.rate = FAST if self.late and self.rng.random() < 0.5 else SLOW
            going = self.strike()
        self.tap.rate = FAST
        for client in self.clients:
            client.wait(60)


class Crash:
    def __init__(self, work, port, seed):
        self.work, self.rng = work, random.Random(seed)
        self.tap, self.server_port = Tap(port, FAST), port
        self.landed, self.links, self.count, self.rounds = {}, [], 0, 0

    def box(self, name, port=None):
        box = Box(os.path.join(self.work, name))
        box.cli("server", "add", "tap", "--host", "127.0.0.1", "--port", str(port or self.tap.port),
                "--connections", "2")
        return box

    def job(self, box, kills, *args, between=None):
        number = int(box.cli(*args, "--no-wait").split()[0])
        killer = Killer(box, self.tap, self.rng, args[0], number)
        killer.between = between or killer.between
        killer.run(kills)
        started = time.monotonic()
        job = box.wait_done(number)
        self.count += len(killer.landed)
        for landed in killer.landed:
            self.landed[landed] = self.landed.get(landed, 0) + 1
        print(f"   {args[0]}: {len(killer.landed)} kills, then done in {time.monotonic() - started:.1f} s;"
              f" attempts {job.get('attempts')}", flush=True)
        return job

    def check_restore(self, link, root, name):
        """By an empty state, past the tap, into an empty folder."""
        box, target = self.box(name, self.server_port), os.path.join(self.work, name + ".t")
        box.cli("get", link, target)
        same_tree(root, target)
        box.stop()
        shutil.rmtree(target)
        shutil.rmtree(box.state)

    def round(self, kills):
        self.rounds += 1
        root = os.path.join(self.work, f"tree{self.rounds}")
        make_tree(self.rng, root)
        self.job(self.sender, kills, "share", root)
        link = self.sender.cli("link", os.path.basename(root)).strip()
        self.check_restore(link, root, "first")
        change_tree(self.rng, root)
        self.job(self.sender, kills, "share", root)
        self.check_restore(link, root, "second")
        write(os.path.join(root, "newer"), self.rng.randbytes(20_000_000))
        self.job(self.sender, kills, "share", root, between=lambda: change_little(self.rng, root))
        version = self.sender.rows("share", root)[-1]["result"]["version"]  # with the last change
        getter, target = self.box(f"getter{self.rounds}"), os.path.join(self.work, "got")
        self.job(getter, kills, "get", link, target)
        same_tree(root, target)
        getter.stop()
        self.links.append((link, version))
        for path in (root, target, getter.state):
            shutil.rmtree(path)

    def run(self, kills):
        self.sender = self.box("sender")
        while self.count < kills:
            print(f"-- round {self.rounds + 1}, {self.count} of {kills} kills", flush=True)
            self.round(min(KILLS_A_JOB, max(10, -(-(kills - self.count) // 4))))
        self.sender.stop()
        self.judge()

    def judge(self):
        posts = self.tap.posts
        count = figures(posts)
        listed = set()
        for link, versions in self.links:
            listed |= listed_ids(self.server_port, link, versions)
        taken = {post.ident for post in posts if post.body is not None}
        share = count["again"] / max(1, count["articles"])
        print(f"kills {self.count}; articles {count['articles']}; posted again {count['again']}"
              f" ({100 * share:.3f} %), refused as duplicates {count['refused']}; cut off {count['cut']};"
              f" ids with two bodies {count['two_bodies']}; orphans {len(taken - listed)}"
              f" ({100 * len(taken - listed) / max(1, len(taken)):.2f} %)")
        print("kills landed in: " + ", ".join(f"{k} {v}" for k, v in sorted(self.landed.items())))
        need(count["two_bodies"] == 0, "one Message-ID had two bodies")
        need(not listed - taken, f"{len(listed - taken)} listed articles were never posted")
        need(share <= AGAIN_MAX, f"{count['again']} of {count['articles']} articles were posted twice")


def listed_ids(port, link, versions):
    """Every Message-ID that the heads of a share list, and the heads' own."""
    ids = set()
    share = second_reader.Share(second_reader.Server(f"127.0.0.1:{port}", None), link)
    today = int(time.time()) // 86400
    for slot in range(64):
        ids |= {share.reader.head_id(second_reader.BY_VERSION, n, slot) for n in range(1, versions + 1)}
        ids |= {share.reader.head_id(second_reader.BY_DAY, today - d, slot) for d in (0, 1)}
    ids = {ident for ident in ids if share.server.command("STAT " + ident)[:3] == "223"}
    for n in range(1, versions + 1):
        ids |= listed_by(port, link, n)
    return ids


def listed_by(port, link, n):
    ids = set()
    share = second_reader.Share(second_reader.Server(f"127.0.0.1:{port}", None), link)
    share.head = share.look(second_reader.BY_VERSION, n)
    need(share.head is not None, f"version {n} has no head")
    share.cache, share.entries, share.lists = {}, dict(share.head.metas), {}
    for root in (share.head.volumes, share.head.older):
        for key, value in share.tree(root, b"", b"\xff" * 9):
            share.entries[int.from_bytes(key, "big")] = second_reader.volume_entry(second_reader.Cut(value))
    for volume, e in share.entries.items():
        keys, content = second_reader.Volume(e["vk"], share.head.ck), share.cids(volume, e)
        for index in range(e["k"] + e["m"]):
            cid = content[32 * index : 32 * index + 32]
            ident = keys.names(cid, index, e["attempts"].get(index, 0))[0]
            ids.add(e["changed"].get(index) or ident)
    return ids


def main(args):
    seed = int(args[3]) if len(args) > 3 else random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}", flush=True)
    crash = Crash(args[0], int(args[1]), seed)
    try:
        crash.run(int(args[2]))
    except Failure as problem:
        print(f"crash.py: {problem} (seed {seed})", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
