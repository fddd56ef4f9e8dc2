#!/usr/bin/python3
"""Look at a daemon that shares something large, and write down what it has done and what it costs.

    large_watch.py watch STATE JOB SECONDS ROWS    until the job is over or has sent for SECONDS
    large_watch.py again STATE PROGRAM JOB LOG [COMMAND...]     kill -9, the command, a new daemon: when it answers,
                                                   when it goes on

ROWS grows by a line of JSON every BENCH_EVERY (10) seconds: what the job says of itself, CPU seconds and memory of the
daemon, bytes of the catalogue, and how long the API took to answer in that time: five kinds of questions in turns, each second one.
"""
import contextlib
import fcntl
import http.client
import json
import os
import signal
import subprocess
import sys
import time

from daemon_rig import OVER, Box, UnixConnection

EVERY = float(os.environ.get("BENCH_EVERY", "10"))
PAUSE = min(1, EVERY / 10)
TICKS = os.sysconf("SC_CLK_TCK")
COUNTERS = ("entries_found", "files_done", "files_total", "bytes_done", "bytes_total", "bytes_read", "bytes_posted",
            "articles_posted", "articles_confirmed", "retries")


def ask(state, path):
    """(ms, what it says) of one whole answer on a connection of its own."""
    connection = UnixConnection(os.path.join(state, "daemon.sock"), 120)
    start = time.monotonic()
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        found = answer.read()
    finally:
        connection.close()
    took = (time.monotonic() - start) * 1000
    if answer.status != 200:
        sys.exit(f"GET {path}: {answer.status} {found[:200]}")
    return took, found


def cpu_of(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
        words = file.read().rpartition(") ")[2].split()
    return (int(words[11]) + int(words[12])) / TICKS


def memory_of(pid):
    """(now, at most) in MiB; and what of it belongs to files, such as the catalogue's shared pages."""
    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as file:
        found = dict(line.split(":", 1) for line in file if line.startswith(("VmRSS", "VmHWM", "RssFile", "RssShmem")))
    return {name: round(int(value.split()[0]) / 1024, 1) for name, value in found.items()}


def catalogue_of(state):
    """Bytes of the catalogue, and of its log."""
    sizes = {"catalogue.db": 0, "catalogue.db-wal": 0}
    for name in sizes:
        with contextlib.suppress(OSError):
            sizes[name] = os.stat(os.path.join(state, name)).st_size
    return {"catalogue": sizes["catalogue.db"], "wal": sizes["catalogue.db-wal"]}


def row_of(state, pid, job, begin):
    progress = job.get("progress", {})
    return {"at": round(time.monotonic() - begin, 2), "clock": round(time.time()), "pid": pid, "state": job["state"],
            "phase": progress.get("phase", "idle"), "cpu": cpu_of(pid)} | memory_of(pid) | catalogue_of(state) | {
                name: progress.get(name) for name in COUNTERS}


def watch(state, job, seconds, rows):
    pid = Box(state).pid()
    begin = time.monotonic()
    sending, due, times = None, begin, []
    paths = [f"/api/jobs/{job}", "/api/status", "/api/shares", "/api/shares/1/entries?path=wide&limit=500", "/metrics"]
    with open(rows, "a", encoding="ascii") as out:
        for turn in range(1 << 62):
            times.append(ask(state, paths[turn % len(paths)])[0])
            now = time.monotonic()
            if now >= due:
                found = json.loads(ask(state, paths[0])[1])
                row = row_of(state, pid, found, begin) | {"api_worst": round(max(times), 1), "api_median": round(sorted(times)[len(times) // 2], 1)}
                print(json.dumps(row), file=out, flush=True)
                due, times = due + EVERY, []
                if sending is None and row["phase"] == "send":
                    sending = now
                if found["state"] in OVER or (sending is not None and now - sending >= seconds):
                    print(found["state"])
                    return
            time.sleep(PAUSE)


def first(state, path, daemon, begin):
    while True:
        with contextlib.suppress(OSError, http.client.HTTPException):
            return (time.monotonic() - begin) * 1000, json.loads(ask(state, path)[1])
        if daemon.poll() is not None:
            sys.exit(f"the daemon has ended: {daemon.returncode}")
        time.sleep(0.002)


def wait_gone(state):
    """A killed process takes a moment to let go of its lock."""
    with open(os.path.join(state, "daemon.lock"), "rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)


def again(state, program, job, log, between):
    """Rows of Markdown, and the new daemon's process id."""
    box = Box(state)
    before = json.loads(ask(state, f"/api/jobs/{job}")[1])["progress"]
    os.kill(box.pid(), signal.SIGKILL)
    wait_gone(state)
    if between:
        subprocess.run(between, check=True, env=os.environ | {"LD_PRELOAD": ""})
    with open(log, "ab") as out:
        begin = time.monotonic()
        daemon = subprocess.Popen([program, "--state", state, "daemon", "--foreground"], stdout=out, stderr=out)
    print("| from the start of the daemon | ms |\n|---|---|")
    for path in ("/api/version", "/api/status", "/api/shares", f"/api/jobs/{job}"):
        took, found = first(state, path, daemon, begin)
        print(f"| until GET {path} is answered | {took:.0f} |")
    phase, posted = found["progress"]["phase"], None
    print(f"| the job is in phase {phase} | |")
    counted = False
    while True:
        found = json.loads(ask(state, f"/api/jobs/{job}")[1])
        took = (time.monotonic() - begin) * 1000
        progress = found["progress"]
        if not counted and progress["entries_found"] + progress["articles_posted"] > 0:
            counted = True
            print(f"| until it counts what it does | {took:.0f} |")
        if progress["phase"] != phase:
            phase = progress["phase"]
            print(f"| until it is in phase {phase} | {took:.0f} |")
        if posted is None and phase == "send":
            posted = progress["articles_posted"]
        if posted is not None and progress["articles_posted"] > posted:
            print(f"| until it has sent more | {took:.0f} |")
            break
        if found["state"] in OVER:
            break
        time.sleep(0.005)
    print(f"\nfiles done before {before['files_done']}, after {progress['files_done']}; pid {daemon.pid}", flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "watch":
        watch(sys.argv[2], int(sys.argv[3]), float(sys.argv[4]), sys.argv[5])
    else:
        again(sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5], sys.argv[6:])
