#!/usr/bin/python3
"""Measure a share of many small files: scan, share, share again after few changes, restore.

    many.py WORK NEWSD_PORT COUNT      USENETSYNC is the program; best on a tmpfs
"""
import os
import random
import shutil
import subprocess
import sys
import time

from daemon_rig import OVER, Box, Failure, need, same_tree

IN_A_FOLDER, CHANGES, POLL_S = 100, 100, 0.02


def make_tree(root, count):
    rng = random.Random(count)
    for first in range(0, count, IN_A_FOLDER):
        folder = os.path.join(root, f"{first // 10000:03d}", f"{first // IN_A_FOLDER:06d}")
        os.makedirs(folder)
        for i in range(first, min(count, first + IN_A_FOLDER)):
            with open(os.path.join(folder, f"a small file {i:07d}.dat"), "wb") as file:
                file.write(rng.randbytes(rng.randrange(100, 3000)))


def paths(root):
    return [os.path.join(folder, name) for folder, _, names in os.walk(root) for name in names]


def change_tree(root):
    rng = random.Random(1)
    for i, path in enumerate(rng.sample(sorted(paths(root)), CHANGES)):
        if i % 10 == 0:
            os.unlink(path)
        elif i % 10 == 1:
            os.rename(path, path + " moved")
        else:
            with open(path, "ab") as file:
                file.write(rng.randbytes(500))


def find_rate(root):
    """Entries a second of the fastest of three `find -printf`, and how many there are."""
    best = 1e9
    for _ in range(3):
        started = time.monotonic()
        said = subprocess.run(["find", root, "-printf", "%p %s %T@ %C@ %i\\n"], stdout=subprocess.PIPE, check=True)
        best = min(best, time.monotonic() - started)
    entries = said.stdout.count(b"\n")
    return entries / best, entries


def peak_mb(box):
    with open(f"/proc/{box.pid()}/status", encoding="ascii") as file:
        line = next(line for line in file if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1000


def run(box, *args):
    """The job's result, the seconds it took, and those of each phase."""
    box.cli("jobs")
    started = last = time.monotonic()
    number = int(box.cli(*args, "--no-wait").split()[0])
    phases, phase = {}, "start"
    while True:
        job = box.job(number)
        now = time.monotonic()
        phases[phase] = phases.get(phase, 0) + now - last
        last, phase = now, (job.get("progress") or {}).get("phase", phase)
        if job["state"] in OVER:
            break
        time.sleep(POLL_S)
    need(job["state"] == "done", f"{args[0]} ended so: {job}")
    return job["result"], last - started, {k: round(v, 2) for k, v in phases.items()}


def tell(what, entries, result, seconds, phases, box):
    extra = f"{result['articles']} articles, "
    extra += f"{result.get('bytes_posted', result.get('bytes_fetched', 0)) / 1e6:.1f} MB on the wire"
    print(f"{what}: {seconds:.2f} s, {entries / seconds:.0f} entries/s, {extra}; daemon's peak {peak_mb(box):.0f} MB;"
          f" phases {phases}", flush=True)


def main(work, port, count):
    root, target = os.path.join(work, "many"), os.path.join(work, "target")
    make_tree(root, count)
    rate, entries = find_rate(root)
    print(f"{count} files, {entries} entries; find -printf: {rate:.0f} entries/s", flush=True)
    sender = Box(os.path.join(work, "sender"))
    sender.cli("server", "add", "news", "--host", "127.0.0.1", "--port", port)
    done = run(sender, "share", root)
    tell("share", entries, *done, sender)
    scan = done[2].get("scan", 0)
    print(f"  its scan: {scan} s, {entries / max(scan, POLL_S):.0f} entries/s,"
          f" {entries / max(scan, POLL_S) / rate:.2f} of find", flush=True)
    tell("share again, nothing changed", entries, *run(sender, "share", root), sender)
    change_tree(root)
    tell(f"share again, {CHANGES} changes", entries, *run(sender, "share", root), sender)
    link = sender.cli("link", "many").strip()
    sender.stop()
    getter = Box(os.path.join(work, "getter"))
    getter.cli("server", "add", "news", "--host", "127.0.0.1", "--port", port)
    tell("get", entries, *run(getter, "get", link, target), getter)
    getter.stop()
    same_tree(root, target)
    size = sum(os.path.getsize(os.path.join(sender.state, name)) for name in os.listdir(sender.state)
               if name.startswith("catalogue"))
    print(f"catalogue {size / 1e6:.1f} MB, {size / entries:.0f} bytes an entry", flush=True)
    for path in (root, target, sender.state, getter.state):
        shutil.rmtree(path)


if __name__ == "__main__":
    try:
        main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
    except Failure as problem:
        sys.exit(f"many.py: {problem}")
