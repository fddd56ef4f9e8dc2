#!/usr/bin/python3
"""One share by a daemon that is there, looked at until it is done: a line of JSON of what it took.

    growth_run.py STATE KIND AMOUNT UNTIL PATH...     UNTIL: done, or the phase that is not measured any more

KIND and AMOUNT (files or bytes) only name it. CPU is the daemon's; `scan` and `scan_cpu` are of the time until it
began to send.
"""
import json
import sys
import time

from daemon_rig import OVER, Box
from large_watch import ask, catalogue_of, cpu_of, memory_of

PAUSE = 0.02


def main(state, kind, amount, until, paths):
    box = Box(state)
    pid = box.pid()
    begin, before = time.monotonic(), cpu_of(pid)
    box.cli("share", *paths, "--no-wait")
    scan = scan_cpu = None
    while True:
        job = json.loads(ask(state, "/api/jobs/1")[1])
        wall, cpu = time.monotonic() - begin, cpu_of(pid) - before
        phase = job["progress"]["phase"]
        if scan is None and phase in ("send", "confirm", "publish", "done"):
            scan, scan_cpu = wall, cpu
        if job["state"] in OVER or phase == until:
            break
        time.sleep(PAUSE)
    if job["state"] in OVER[1:]:
        sys.exit(f"the job ended so: {job}")
    row = {"kind": kind, "amount": amount, "wall": round(wall, 2), "cpu": round(cpu, 2), "scan": round(scan, 2), "scan_cpu": round(scan_cpu, 2)}
    found = catalogue_of(state)
    print(json.dumps(row | {"rss": memory_of(pid)["VmHWM"], "catalogue": found["catalogue"] + found["wal"],
                            "articles": job["progress"]["articles_posted"], "files": job["progress"]["files_done"]}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4], sys.argv[5:])
