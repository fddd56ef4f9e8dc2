#!/usr/bin/python3
"""Watch a job of the daemon and say where its time went. Rows of Markdown.

    change_ask.py phases  STATE JOB            how long each phase took, until the job is over
    change_ask.py sending STATE JOB ARTICLES   until so many articles of the job were accepted
    change_ask.py restart STATE PROGRAM JOB    a daemon's start until its job moves on, and sends on
    change_ask.py change  TREE COUNT NUMBER    of the tree's small files: 80 % replaced, 10 % gone, 10 % new
    change_ask.py cover   TREE COUNT ROOM      mount new files from ROOM over COUNT files of a tree
"""
import contextlib
import http.client
import os
import random
import subprocess
import sys
import time

from daemon_rig import OVER
from page_ask import Asker, folders_of

PAUSE = 0.01
COUNTERS = ("entries_found", "bytes_read", "articles_posted", "articles_confirmed")


def job_of(asker, job):
    return asker.json(f"/api/jobs/{job}")


def phases(state, job):
    asker, spent, last = Asker(state), {}, time.monotonic()
    while True:
        row = job_of(asker, job)
        now = time.monotonic()
        phase = row.get("progress", {}).get("phase", "start")
        spent[phase] = spent.get(phase, 0) + now - last
        last = now
        if row["state"] in OVER:
            break
        time.sleep(PAUSE)
    spent.pop("done", None)
    print(f"job {job} is {row['state']}: " + ", ".join(f"{phase} {s:.2f} s" for phase, s in spent.items()))
    print(", ".join(f"{name} {row['progress'].get(name, 0)}" for name in COUNTERS))
    if row["state"] != "done":
        sys.exit(1)


def sending(state, job, articles):
    asker = Asker(state)
    while True:
        row = job_of(asker, job)
        if row.get("progress", {}).get("articles_posted", 0) >= articles:
            return
        if row["state"] in OVER:
            sys.exit(f"job {job} is {row['state']} already: take a larger tree")
        time.sleep(PAUSE)


def counters(row):
    return {name: row.get("progress", {}).get(name, 0) for name in COUNTERS}


def restart(state, program, job):
    """The first answer tells what was reached before; whatever differs from it is progress."""
    with open(os.path.join(state, "restarted.log"), "wb") as log:
        begin = time.monotonic()
        daemon = subprocess.Popen([program, "--state", state, "daemon", "--foreground"], stdout=log, stderr=log)
    asker, seen, first = Asker(state), {}, None
    while "an article is accepted" not in seen:
        if daemon.poll() is not None:
            sys.exit(f"the daemon has ended: {daemon.returncode}")
        time.sleep(PAUSE)
        with contextlib.suppress(OSError, http.client.HTTPException):
            row = job_of(asker, job)
            now = counters(row)
            ms = (time.monotonic() - begin) * 1000
            first = first or now
            moved = [name for name in COUNTERS if now[name] != first[name]]
            seen.setdefault("the job is told", ms)
            if row["state"] == "running":
                seen.setdefault("it runs", ms)
            if moved:
                seen.setdefault(f"it moves on ({moved[0]})", ms)
            if "articles_posted" in moved and now["articles_posted"] > 0:
                seen.setdefault("an article is accepted", ms)
            if row["state"] in OVER:
                break
    print("| from the start of the daemon until | ms |\n|---|---|")
    for what, ms in seen.items():
        print(f"| {what} | {ms:.0f} |")
    print(f"\npid {daemon.pid}")


# --- changes ------------------------------------------------------------------------------------


def some_files(tree, count, seed):
    """Files in as many different folders as there are."""
    rng = random.Random(seed)
    folders = folders_of(tree)
    for i in range(count):
        folder = os.path.join(tree, folders[i % len(folders)])
        yield os.path.join(folder, rng.choice(sorted(os.listdir(folder))))


def write_new(path, number):
    with open(path, "wb") as file:
        file.write(b"changed %d " % number + os.urandom(100))


def change(tree, count, number):
    for i, path in enumerate(some_files(tree, count, number)):
        if i % 10 == 8:
            os.remove(path)
        elif i % 10 == 9:
            write_new(f"{path} and a new one {number}", i)
        else:
            write_new(f"{path}.tmp", i)
            os.rename(f"{path}.tmp", path)


def cover(tree, count, room):
    """For a tree that must stay as it is: only this namespace of mounts sees it changed."""
    for i, path in enumerate(some_files(tree, count, 1)):
        new = os.path.join(room, f"{i}")
        write_new(new, i)
        subprocess.run(["mount", "--bind", new, path], check=True)


if __name__ == "__main__":
    WHAT, WHERE, REST = sys.argv[1], sys.argv[2], sys.argv[3:]
    if WHAT == "phases":
        phases(WHERE, int(REST[0]))
    elif WHAT == "sending":
        sending(WHERE, int(REST[0]), int(REST[1]))
    elif WHAT == "restart":
        restart(WHERE, REST[0], int(REST[1]))
    elif WHAT == "change":
        change(WHERE, int(REST[0]), int(REST[1]))
    else:
        cover(WHERE, int(REST[0]), REST[1])
