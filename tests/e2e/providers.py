#!/usr/bin/python3
"""Several news servers: one that cannot be reached, one that dies in the middle, one that lacks articles, one
whose quota is used up. The share comes back identical each time, and nothing is posted twice.

    providers.py WORK      USENETSYNC is the program
"""
import os
import random
import shutil
import socket
import subprocess
import sys
import time

from daemon_rig import PROGRAM, Box, need, same_tree
from spool_loss import spool_files

HERE = os.path.dirname(os.path.realpath(__file__))
CONNECTIONS = 4
SEGMENT = 786432
WAITS = """[page]
listen = off
[waits]
reconnect_first = 0.05
reconnect_longest = 1
retry = 0.05
confirm = 0.2 0.4
read_back = 0.2 0.4
"""


def note(text):
    print("--", text, flush=True)


class Newsd:
    def __init__(self, spool):
        self.spool = spool
        self.process = subprocess.Popen([PROGRAM, "newsd", "--listen", "127.0.0.1:0", "--spool", spool],
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.port = int(self.process.stdout.readline().rsplit(":", 1)[1])

    def ids(self):
        return set(spool_files(self.spool))

    def kill(self):
        self.process.kill()
        self.process.wait()


class World:
    def __init__(self, work):
        self.work = work
        self.dice = random.Random(7)
        self.running = []
        self.boxes = []

    def path(self, name):
        return os.path.join(self.work, name)

    def newsd(self, name):
        server = Newsd(self.path(name))
        self.running.append(server)
        return server

    def copy(self, server, name):
        """Another server that has all that this one has."""
        shutil.copytree(server.spool, self.path(name))
        return self.newsd(name)

    def nobody(self):
        """A port that nobody listens on."""
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            return s.getsockname()[1]

    def box(self, name, ports):
        box = Box(self.path(name))
        os.makedirs(box.state, mode=0o700)
        with open(os.path.join(box.state, "daemon.ini"), "w", encoding="ascii") as file:
            file.write(WAITS)
        for i, port in enumerate(ports):
            box.cli("server", "add", f"s{i}", "--host", "127.0.0.1", "--port", str(port), "--connections",
                    str(CONNECTIONS))
        self.boxes.append(box)
        return box

    def tree(self, name, size):
        root = self.path(name)
        os.makedirs(os.path.join(root, "sub"))
        with open(os.path.join(root, "big"), "wb") as file:
            file.write(self.dice.randbytes(size))
        for i in range(20):
            with open(os.path.join(root, "sub", f"small{i}"), "wb") as file:
                file.write(self.dice.randbytes(3000))
        return root

    def end(self):
        for box in self.boxes:
            box.stop()
        for server in self.running:
            server.kill()


def loss(server, link, *what):
    """Take articles away from its spool; what was taken."""
    done = subprocess.run([os.path.join(HERE, "spool_loss.py"), server.spool, "-", f"127.0.0.1:{server.port}", "3",
                           *what], input=link, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def share(box, root):
    return box.cli("share", root).splitlines()[-1]


def get(world, name, ports, link, root):
    """Restored by an empty state through these servers, it is what it was; the job's result."""
    box = world.box(name, ports)
    target = world.path(name + ".out")
    job = box.wait_done(int(box.cli("get", link, target, "--no-wait").split()[0]))
    same_tree(root, target)
    return job["result"]


def counters(box):
    return {row["name"]: row["counters"] for row in box.rows("server", "list")}


def unreachable(world):
    note("one cannot be reached from the start")
    root, server = world.tree("a", 8_000_000), world.newsd("spool-a")
    box = world.box("unreachable", (world.nobody(), server.port))
    link = share(box, root)
    need(counters(box)["s1"]["duplicates"] == 0, f"{counters(box)}")
    get(world, "unreachable-get", (world.nobody(), server.port), link, root)
    return link, root, server


def lacking(world, link, root, server):
    note("one lacks articles, has others damaged; the other fills in, nothing is repaired")
    other = world.copy(server, "spool-b")
    taken = loss(server, link, "data=20%", "data=~10%", "meta=50%", "parity=all")
    taken += loss(other, link, "head=2")
    need(len(taken) > 5, f"{taken}")
    result = get(world, "lacking-get", (world.nobody(), server.port, other.port), link, root)
    need(result["lost_segments"] == 0, f"{result}")


def dying(world):
    note("one dies in the middle")
    root, first, second = world.tree("c", 40_000_000), world.newsd("spool-c"), world.newsd("spool-d")
    box = world.box("dying", (first.port, second.port))
    box.cli("limit", "--up", "30M")
    job = int(box.cli("share", root, "--no-wait").split()[0])
    while len(first.ids()) < 12:
        time.sleep(0.01)
    first.kill()
    box.wait_done(job)
    link = box.cli("link", "1").split()[-1]
    both = first.ids() & second.ids()
    need(len(both) <= CONNECTIONS, f"{len(both)} articles are on both servers")
    need(len(first.ids()) >= 12, "it died too early")
    need(counters(box)["s1"]["duplicates"] == 0, f"{counters(box)}")
    get(world, "dying-get", (first.port, second.port), link, root)


def quota(world):
    note("a quota is used up in the middle, over a kill of the daemon")
    root, first, second = world.tree("e", 12_000_000), world.newsd("spool-e"), world.newsd("spool-f")
    box = world.box("quota", (first.port, second.port))
    limit = 6 * SEGMENT
    box.cli("server", "change", "s0", "--quota", str(limit))
    link = share(box, root)
    spent = {row["name"]: row["spent"] for row in box.rows("server", "list")}
    need(limit <= spent["s0"] <= limit + 2 * SEGMENT, f"{spent}")
    need(5 <= len(first.ids()) <= 7, f"{len(first.ids())} articles where there is room for 6")
    need(not first.ids() & second.ids(), "some are on both")
    box.kill()
    need({row["name"]: row["spent"] for row in box.rows("server", "list")} == spent, "it forgot what was used up")
    get(world, "quota-get", (first.port, second.port), link, root)


def main():
    world = World(sys.argv[1])
    try:
        lacking(world, *unreachable(world))
        dying(world)
        quota(world)
    finally:
        world.end()


if __name__ == "__main__":
    main()
