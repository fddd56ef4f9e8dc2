#!/usr/bin/python3
"""A share that loses articles after it was published: the daemon finds out by itself, posts them again, and
tells readers; whoever has only the link gets everything back, though what was published first is gone.

    heal.py WORK      USENETSYNC is the program
"""
import os
import subprocess
import sys
import time

from daemon_rig import Box, need
from providers import HERE, World, get, note, share
from spool_loss import spool_files

HEAD_COPIES = (3, 6)  # a second version of one day finds heads at the day's addresses

WAITS = """[page]
listen = off
[waits]
reconnect_first = 0.05
retry = 0.05
confirm = 0.2 0.4
read_back = 0.2 0.4
check = {check}
alive = {alive}
"""


def wait_until(what, condition, limit=60):
    end = time.monotonic() + limit
    while not condition():
        need(time.monotonic() < end, f"waited in vain for {what}")
        time.sleep(0.1)


def jobs(box, kind):
    return [job for job in box.rows("jobs", "--all") if job["kind"] == kind]


def over(box, kind, count):
    """At least so many jobs of this kind are done, and none has failed."""
    found = jobs(box, kind)
    need(all(job["state"] != "failed" for job in found), f"{found}")
    return sum(job["state"] == "done" for job in found) >= count


class Scene:
    def __init__(self, world, name):
        self.world = world
        self.server = world.newsd("spool-" + name)
        self.root = world.tree("tree-" + name, 16_000_000)
        self.box = Box(world.path(name))
        world.boxes.append(self.box)
        os.makedirs(self.box.state, mode=0o700)
        self.settle("never", "never")
        self.add("news", self.server)
        self.link = share(self.box, self.root)

    def settle(self, check, alive):
        """The daemon that comes next keeps to these waits."""
        self.box.stop()
        with open(os.path.join(self.box.state, "daemon.ini"), "w", encoding="ascii") as file:
            file.write(WAITS.format(check=check, alive=alive))

    def add(self, name, server):
        self.box.cli("server", "add", name, "--host", "127.0.0.1", "--port", str(server.port), "--connections", "4")

    def loss(self, *what):
        done = subprocess.run([os.path.join(HERE, "spool_loss.py"), self.server.spool, "-",
                               f"127.0.0.1:{self.server.port}", "5", *what], input=self.link, capture_output=True, text=True,
                              check=True)
        return [line.split() for line in done.stdout.splitlines()]

    def volume(self):
        """Number, K and M of the data volume."""
        return next((int(row[1]), int(row[2]), int(row[3])) for row in self.loss() if row[0] == "data")

    def version(self):
        return self.box.rows("shares")[0]["version"]

    def health(self):
        return self.box.rows("shares")[0]["health"]


def missing_in_log(scene):
    with open(os.path.join(scene.box.state, "daemon.log"), encoding="utf-8", errors="replace") as file:
        return [line for line in file if " check missing " in line]


def by_itself(scene):
    note("a scheduled check finds the loss, a heal job posts it again, the next head tells")
    number, _, m = scene.volume()
    taken = scene.loss(f"data.{number}={m - 1}", "head=1")
    scene.settle("1", "never")
    scene.box.cli("jobs")
    wait_until("a check and what it starts", lambda: over(scene.box, "check", 1) and over(scene.box, "heal", 1))
    need(scene.version() == 2, f"version {scene.version()}")
    lines = missing_in_log(scene)
    for row in taken:
        if row[0] == "data":
            need(any(f"volume={number} index={row[2]} " in line and "server=news" in line and "age=" in line for line in lines),
                 f"the log does not tell of {row}")
    need(scene.health()["state"] == "good", f"{scene.health()}")
    wait_until("the check after that", lambda: over(scene.box, "check", 2) and scene.health()["servers"] != [])
    health = scene.health()
    need(health["articles_missing"] == 0 and health["state"] == "good", f"{health}")
    need([(row["name"], row["missing"]) for row in health["servers"]] == [("news", 0)], f"{health}")
    need(health["next_check"] > health["last_check"] > time.time() - 60, f"{health}")
    scene.settle("never", "never")
    return number


def needs_it(scene, number):
    note("what was published first is gone; the link alone brings all of it back")
    old = [row for row in scene.loss() if row[0] == "data"]
    need(old[0][1] == str(number), f"{old}")
    scene.loss("parity=all")
    result = get(scene.world, "reader", (scene.server.port,), scene.link, scene.root)
    need(result["version"] == 2 and result["lost_segments"] == 0, f"{result}")


def deep(scene):
    note("damage that only --deep sees is kept until it is made good, though a check by name is next")
    scene.box.cli("check", "1", "--heal", code=8)
    wait_until("the parity", lambda: over(scene.box, "heal", 2))
    number, _, m = scene.volume()
    scene.loss(f"data.{number}=~{m // 2}")
    scene.box.cli("check", "1", "--deep", code=8)
    scene.box.cli("check", "1", code=0)
    need(scene.health()["articles_damaged"] == m // 2, f"{scene.health()}")
    scene.box.cli("check", "1", "--deep", "--heal", code=8)
    wait_until("what was damaged", lambda: over(scene.box, "heal", 3))
    need(scene.version() == 4, f"version {scene.version()}")
    scene.box.cli("check", "1", "--deep", code=0)
    get(scene.world, "deep-reader", (scene.server.port,), scene.link, scene.root)


def alive(scene):
    note("the head is kept where readers look: what is gone of it is posted again")
    scene.loss("head=4")
    scene.settle("never", "1")
    scene.box.cli("jobs")
    wait_until("the head", lambda: over(scene.box, "heal", 4))
    scene.settle("never", "never")
    checked = scene.box.rows("check", "1")[-1]["result"]
    need(checked["head"]["missing"] == 0 and scene.version() == 4, f"{checked}")


def remove(server, taken):
    files = spool_files(server.spool)
    for row in taken:
        os.remove(files[row[3]])


def misses(result):
    return {row["name"]: row["missing"] for row in result["servers"]}


def two_servers(world):
    note("of two servers each lacks articles: what one of them has is not posted again, and the log tells who lacks what")
    scene = Scene(world, "two")
    other = world.copy(scene.server, "spool-other")
    scene.add("other", other)
    number, _, m = scene.volume()
    enough = m // 4
    taken = scene.loss(f"data.{number}={enough + 3}")
    remove(other, taken[:enough])
    result = scene.box.rows("check", "1", "--heal", code=8)[-1]["result"]
    need(misses(result) == {"news": enough + 3, "other": enough}, f"{result['servers']}")
    need(result["missing_data"] == enough and result["healing"] is None, f"{result}")
    remove(other, taken[enough : enough + 1])
    before = scene.server.ids() | other.ids()
    scene.settle("1", "never")
    scene.box.cli("jobs")
    wait_until("what both lost", lambda: over(scene.box, "heal", 1) and over(scene.box, "check", 3))
    scene.settle("never", "never")
    done = [job["result"] for job in jobs(scene.box, "check") if job["result"].get("healing") is not None]
    need(len(done) == 1 and done[0]["healing"]["articles"] == enough + 1, f"{done}")
    new = len(scene.server.ids() - before) + len(other.ids() - before)
    need(new - enough - 1 in HEAD_COPIES, f"{new} articles were posted")
    log = missing_in_log(scene)
    for name, count in (("news", enough + 3), ("other", enough + 1)):
        places = {row[2] for row in taken[:count]}
        told = {word[6:] for line in log if f"server={name} " in line for word in line.split() if word.startswith("index=")}
        need(places <= told, f"of {name} the log tells {told}, not {places}")
    result = get(world, "two-reader", (scene.server.port, other.port), scene.link, scene.root)
    need(result["version"] == 2 and result["lost_segments"] == 0, f"{result}")


def main():
    world = World(sys.argv[1])
    try:
        scene = Scene(world, "one")
        needs_it(scene, by_itself(scene))
        deep(scene)
        alive(scene)
        two_servers(world)
    finally:
        world.end()


if __name__ == "__main__":
    main()
