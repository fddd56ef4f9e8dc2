#!/usr/bin/python3
"""Limits that change while the daemon works, seen from outside; and what a pulled plug leaves of all that a user
has said: limits, timetable, order of the queue, priorities, timed pauses.

    limits.py WORK      USENETSYNC is the program
"""
import glob
import json
import os
import signal
import sys
import time

from daemon_rig import Failure, UnixConnection, need
from providers import World, note

MIB = 1 << 20
PATIENCE = 120
NOTHING = [{"days": [1, 2, 3, 4, 5, 6, 7], "from": "00:00", "to": "00:00", "upload_rate": 0, "download_rate": 0}]
ESTABLISHED = "01"


def ask(box, method, path, body=None):
    connection = UnixConnection(os.path.join(box.state, "daemon.sock"))
    try:
        connection.request(method, path, None if body is None else json.dumps(body), {"Accept": "application/json"})
        answer = connection.getresponse()
        found = json.loads(answer.read())
        need(answer.status < 300, f"{method} {path}: {found}")
        return found
    finally:
        connection.close()


def until(what, look):
    end = time.monotonic() + PATIENCE
    while not look():
        need(time.monotonic() < end, f"waited in vain for {what}")
        time.sleep(0.05)


def connected(ports):
    """How many connections to these ports of this machine there are, in the eyes of the system."""
    with open("/proc/net/tcp", encoding="ascii") as file:
        rows = [line.split() for line in file.readlines()[1:]]
    return sum(row[3] == ESTABLISHED and int(row[2].split(":")[1], 16) in ports for row in rows)


def threads(box):
    folder = f"/proc/{box.pid()}/task"
    count = 0
    for task in os.listdir(folder):
        with open(f"{folder}/{task}/comm", encoding="ascii") as file:
            count += file.read().strip() == "worker"
    return count


def nice_of(box):
    """Which threads are nicer than this program, by name, and how much."""
    own, found = os.nice(0), {}
    for path in glob.glob(f"/proc/{box.pid()}/task/*/stat"):
        try:
            with open(path, encoding="utf-8") as file:
                name, rest = file.read().split("(", 1)[1].rsplit(") ", 1)
        except (FileNotFoundError, ProcessLookupError):
            continue
        nice = int(rest.split()[16]) - own
        if nice != 0:
            found.setdefault(name, set()).add(nice)
    return found


def test_connections_and_workers(world):
    note("connections over two servers, and threads: fewer, more, as the job goes on")
    servers = [world.newsd("one"), world.newsd("two")]
    ports = {server.port for server in servers}
    box = world.box("limits", [server.port for server in servers])
    box.cli("server", "change", "s1", "--order", "0")  # those of one order share the work
    tree = world.path("large")
    os.mkdir(tree)
    with open(f"{tree}/file", "wb") as file:
        file.write(world.dice.randbytes(100 * MIB))
    ask(box, "POST", "/api/settings", {"limits": {"upload_rate": 12 * MIB}})
    job = ask(box, "POST", "/api/shares", {"paths": [tree]})["job"]

    def answer(how):
        """While servers stand still every article wants a connection of its own."""
        for server in servers:
            server.process.send_signal(how)

    until("the first articles", lambda: box.job(job)["progress"].get("articles_posted", 0) > 0)
    answer(signal.SIGSTOP)
    until("many connections", lambda: connected(ports) > 4)
    ask(box, "POST", "/api/settings", {"limits": {"connections": 3}})
    answer(signal.SIGCONT)
    until("few connections", lambda: connected(ports) <= 3)
    answer(signal.SIGSTOP)
    for _ in range(50):
        need(connected(ports) <= 3, f"{connected(ports)} connections, not 3")
        time.sleep(0.02)
    before = threads(box)
    ask(box, "POST", "/api/settings", {"limits": {"connections": None, "workers": 12}})
    until("many connections again", lambda: connected(ports) > 4)
    until("more threads", lambda: threads(box) > before)
    ask(box, "POST", "/api/settings", {"limits": {"nice": 7}})
    until("nice workers, and nobody else is", lambda: nice_of(box) == {"worker": {7}})
    ask(box, "POST", "/api/settings", {"limits": {"nice": None}})
    until("workers like any others", lambda: nice_of(box) == {})
    answer(signal.SIGCONT)
    ask(box, "POST", "/api/settings", {"limits": {"workers": 1, "upload_rate": None}})
    box.wait_done(job)


def state_of(box):
    """All that was said: settings, and of each job state, priority, place and the end of its pause."""
    jobs = ask(box, "GET", "/api/jobs")["items"]
    rows = {job["id"]: [job.get(key) for key in ("state", "priority", "position", "paused_until")] for job in jobs}
    return {"settings": ask(box, "GET", "/api/settings"), "jobs": rows}


def test_plug(world):
    note("kill -9, and a polite end: limits, timetable, order, priorities and timed pauses are as they were")
    box = world.box("plug", [world.newsd("three").port])
    ask(box, "POST", "/api/settings", {
        "limits": {"jobs_at_once": 1, "upload_rate": 5 * MIB, "download_rate": 7 * MIB, "connections": 3, "workers": 3,
                   "memory": 80 * MIB},
        "timetable": NOTHING + [{"days": [6, 7], "from": "22:30", "to": "06:00", "upload_rate": 4096, "download_rate": None}]})
    for i in range(1, 7):
        os.mkdir(world.path(f"job{i}"))
        with open(world.path(f"job{i}/file"), "wb") as file:
            file.write(world.dice.randbytes(100_000))
        need(ask(box, "POST", "/api/shares", {"paths": [world.path(f"job{i}")], "priority": i % 3})["job"] == i, "its number")
    until("the first one to run", lambda: box.job(1)["state"] == "running")
    ask(box, "POST", "/api/jobs/6/move", {"to": "top"})
    ask(box, "POST", "/api/jobs/4/priority", {"priority": -50})
    ask(box, "POST", "/api/jobs/3/move", {"to": "up"})
    ask(box, "POST", "/api/jobs/5/pause", {"minutes": 90})
    before = state_of(box)
    need([before["jobs"][i][0] for i in (1, 2, 5)] == ["running", "queued", "paused"], f"{before}")
    need(len({job[2] for job in before["jobs"].values() if job[0] == "queued"}) == 4, f"places in the queue: {before}")
    for end in (box.kill, box.stop, box.kill):
        need(box.pid() is not None, "there is no daemon")
        end()
        box.cli("jobs")
        until("the first one to run again", lambda: box.job(1)["state"] == "running")
        after = state_of(box)
        need(after == before, f"{after}\nafter, before it was\n{before}")
    limits = box.rows("limit")[0]
    need(limits["upload_rate"] == 5 * MIB and limits["memory"] == 80 * MIB, f"the command line says {limits}")
    ask(box, "POST", "/api/settings", {"timetable": []})
    for job in (1, 2, 3, 4, 6):
        box.wait_done(job)
    order = sorted((1, 2, 3, 4, 6), key=lambda job: (box.job(job)["started"], box.job(job)["finished"]))
    need(box.job(5)["state"] == "paused", "the pause has ended")
    places = {job: before["jobs"][job][2] or 0 for job in order}
    starts = [box.job(job)["started"] for job in sorted(order, key=places.get)]
    need(starts == sorted(starts), f"they did not run in their order: {places} {starts}")


def main(work):
    world = World(work)
    try:
        test_connections_and_workers(world)
        test_plug(world)
    finally:
        world.end()


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except Failure as problem:
        sys.exit(f"limits.py: {problem}")
