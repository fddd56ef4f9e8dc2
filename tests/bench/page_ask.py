#!/usr/bin/python3
"""Ask the daemon's API what the web page asks it, and say how long each answer took. Rows of Markdown.

    page_ask.py routes  STATE TREE SHARE    every GET route, and folders of all kinds
    page_ask.py during  STATE TREE JOB      the same folders while the job runs, until it is over
    page_ask.py first   STATE PROGRAM       a daemon's start until its first answers
    page_ask.py watch   STATE               be the page's WebSocket until killed
    page_ask.py wait    STATE JOB           until the job is over, asking little

TREE is a tree of `make_data tree`. Times are of whole answers, over the Unix socket, one after the other.
"""
import contextlib
import http.client
import json
import os
import random
import subprocess
import sys
import time
from urllib.parse import quote

import yaml
from daemon_rig import OVER, Box, UnixConnection
from page_rig import Page

TIMES, SAMPLE, PAGE = 20, 300, 500
ROW_MS = 100


class Asker:
    """Requests on one connection, opened again when the daemon closed it."""

    def __init__(self, state):
        self.path = os.path.join(state, "daemon.sock")
        self.connection = None

    def ask(self, method, path, body=None):
        """(ms, status, bytes) of one whole answer."""
        data = None if body is None else json.dumps(body)
        for last in (False, True):
            if self.connection is None:
                self.connection = UnixConnection(self.path)
                self.connection.timeout = 120
            start = time.monotonic()
            try:
                self.connection.request(method, path, data, {"Accept": "application/json"})
                answer = self.connection.getresponse()
                found = answer.read()
                return (time.monotonic() - start) * 1000, answer.status, found
            except (OSError, http.client.HTTPException):
                self.connection = None
                if last:
                    raise
        return None

    def get(self, path):
        return self.ask("GET", path)

    def json(self, path):
        return json.loads(self.get(path)[2])


class Table:
    def __init__(self, head):
        print(f"| {head} | answers | median ms | 99 % within ms | worst ms | bytes of one |\n|---|---|---|---|---|---|")
        self.slow = 0

    def row(self, what, answers):
        times = sorted(ms for ms, _, _ in answers)
        bad = {status for _, status, _ in answers if status != 200}
        self.slow += times[-1] >= ROW_MS
        print(f"| {what}{' ' + str(bad) if bad else ''} | {len(times)} | {times[len(times) // 2]:.1f}"
              f" | {times[len(times) * 99 // 100]:.1f} | {times[-1]:.1f}"
              f" | {max(len(body) for _, _, body in answers)} |", flush=True)


def pages(ask, limit=PAGE):
    """Every page of a listing, from the first to the last; `ask` takes the rest of a query."""
    answers, after = [], ""
    while True:
        answers.append(ask(f"&limit={limit}{after}"))
        after = json.loads(answers[-1][2]).get("next")
        if after is None:
            return answers
        after = f"&after={quote(after)}"


def folders_of(tree):
    """Some of the folders that hold a hundred files."""
    tops = sorted(name for name in os.listdir(tree) if name != "wide")
    found = [f"{top}/{name}" for top in tops for name in os.listdir(os.path.join(tree, top))]
    return random.Random(1).sample(found, min(SAMPLE, len(found)))


# --- while nothing runs -------------------------------------------------------------------------


def get_routes(asker, share, job, server):
    """The GET routes of the contract, with something to fill in that is there."""
    with open(os.path.join(os.environ["PROJECT"], "docs/openapi.yaml"), encoding="utf-8") as file:
        paths = yaml.safe_load(file)["paths"]
    for path, methods in paths.items():
        if "get" in methods and path not in ("/api/live", "/api/folders", "/api/shares/{share}/entries"):
            yield path.replace("{share}", str(share)).replace("{job}", str(job)).replace("{name}", server)


def ask_routes(asker, share):
    job = asker.json("/api/jobs?limit=1")["items"][0]["id"]
    server = asker.json("/api/servers")["items"][0]["name"]
    table = Table("route")
    for path in get_routes(asker, share, job, server):
        table.row(f"GET {path}", [asker.get(path) for _ in range(TIMES)])
    for query in ("jobs?limit=1000", "jobs?state=failed,cancelled&kind=export", "jobs?share=999",
                  "events?limit=1000", "events?find=nowhere-to-be-found", "events?level=error", "events?job=1&limit=1000",
                  f"jobs/{job}/events?limit=1000"):
        table.row(f"GET /api/{query}", [asker.get(f"/api/{query}") for _ in range(TIMES)])
    return table.slow


def ask_share(asker, tree, share):
    base = f"/api/shares/{share}/entries?path="
    table = Table("entries of the share")
    table.row("its top", [asker.get(base) for _ in range(TIMES)])
    table.row(f"the wide folder, all pages of {PAGE}", pages(lambda rest: asker.get(f"{base}wide{rest}")))
    table.row("the wide folder, all pages of 1000", pages(lambda rest: asker.get(f"{base}wide{rest}"), 1000))
    table.row("others, at random", [asker.get(base + path) for path in folders_of(tree)])
    return table.slow


def ask_machine(asker, tree):
    base = f"/api/folders?path={quote(tree)}"
    wide = f"{base}/wide"
    table = Table("folders of this machine")
    table.row("the top of the tree", [asker.get(base) for _ in range(TIMES)])
    table.row("the wide folder, first page, first time", [asker.get(f"{wide}&limit={PAGE}")])
    table.row(f"its pages of {PAGE}", pages(lambda rest: asker.get(wide + rest)))
    table.row("its pages by name, the first time read for it", pages(lambda rest: asker.get(f"{wide}&order=name{rest}")))
    table.row("find in it, another word each time",
              [asker.get(f"{wide}&find=photo%20{i:03}0") for i in range(TIMES)])
    table.row("others, at random", [asker.get(f"{base}/{path}") for path in folders_of(tree)])
    body = {"paths": [tree], "ignore": "*7.jpg\n", "folder": f"{tree}/wide", "limit": PAGE}
    table.row("preview of rules in the wide folder", [asker.ask("POST", "/api/folders/preview", body) for _ in range(TIMES)])
    return table.slow


def ask_link(asker, tree, share):
    link = json.loads(asker.ask("POST", "/api/link", {"share": share})[2])["link"]

    def look(path, limit=PAGE, after=None):
        body = {"link": link, "path": path, "limit": limit} | ({} if after is None else {"after": after})
        return asker.ask("POST", "/api/links/entries", body)

    table = Table("into the share by its link")
    table.row("its top, the first time (locates the head)", [look("")])
    answers, after = [], None
    while True:
        answers.append(look("wide", PAGE, after))
        after = json.loads(answers[-1][2]).get("next")
        if after is None:
            break
    table.row("the wide folder, first page", answers[:1])
    table.row(f"its other pages of {PAGE}", answers[1:] or answers)
    table.row("others, at random", [look(path) for path in folders_of(tree)])
    return table.slow


def routes(state, tree, share):
    asker = Asker(state)
    slow = ask_routes(asker, share)
    print()
    slow += ask_share(asker, tree, share)
    print()
    slow += ask_machine(asker, tree)
    print()
    slow += ask_link(asker, tree, share)
    print(f"\nrows with an answer of {ROW_MS} ms or more: {slow}")


# --- while a job runs ---------------------------------------------------------------------------


def during(state, tree, job):
    asker = Asker(state)
    folders = folders_of(tree)
    kinds = {}
    rng = random.Random(2)
    while True:
        found = asker.get(f"/api/jobs/{job}")
        row = json.loads(found[2])
        phase = row.get("progress", {}).get("phase", "start")
        if row["state"] in OVER:
            break
        ways = {
            "the job itself": found,
            "status": asker.get("/api/status"),
            "shares": asker.get("/api/shares"),
            "a folder of the share": asker.get(f"/api/shares/{row['share']}/entries?path={rng.choice(folders)}"),
            "a folder of this machine": asker.get(f"/api/folders?path={quote(tree)}/{rng.choice(folders)}"),
            "metrics": asker.get("/metrics"),
        }
        for what, answer in ways.items():
            if answer[1] == 200:
                kinds.setdefault((phase, what), []).append(answer)
        time.sleep(0.02)
    table = Table("while it shares")
    for (phase, what), answers in kinds.items():
        table.row(f"{phase}: {what}", answers)
    print(f"\njob {job} is {row['state']}")


# --- the start ----------------------------------------------------------------------------------


def first(state, program):
    """The catalogue is not in memory: what of it lies in the system's cache is dropped first."""
    for name in os.listdir(state):
        if name.startswith("catalogue"):
            fd = os.open(os.path.join(state, name), os.O_RDONLY)
            os.fsync(fd)
            os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(fd)
    with open(os.path.join(state, "started.log"), "wb") as log:
        begin = time.monotonic()
        daemon = subprocess.Popen([program, "--state", state, "daemon", "--foreground"], stdout=log, stderr=log)
    asker = Asker(state)
    print("| from the start of the daemon | ms |\n|---|---|")
    for path in ("/api/version", "/api/status", "/api/shares", "/api/jobs", "/api/shares/1/entries", "/metrics"):
        while True:
            with contextlib.suppress(OSError, http.client.HTTPException):
                asker.get(path)
                break
            if daemon.poll() is not None:
                sys.exit(f"the daemon has ended: {daemon.returncode}")
            time.sleep(0.002)
        print(f"| until GET {path} is answered | {(time.monotonic() - begin) * 1000:.0f} |", flush=True)
    print(f"\npid {daemon.pid}")


# --- being there ---------------------------------------------------------------------------------


def watch(state):
    page = Page(Box(state))
    page.login()
    listener = page.listen()
    print("watching", flush=True)
    while listener.message() is not None:
        pass


def wait(state, job):
    asker = Asker(state)
    while True:
        found = asker.json(f"/api/jobs/{job}")
        if found["state"] in OVER:
            print(found["state"])
            return
        time.sleep(1)


if __name__ == "__main__":
    WHAT, STATE, REST = sys.argv[1], sys.argv[2], sys.argv[3:]
    if WHAT == "routes":
        routes(STATE, REST[0], int(REST[1]))
    elif WHAT == "during":
        during(STATE, REST[0], int(REST[1]))
    elif WHAT == "first":
        first(STATE, REST[0])
    elif WHAT == "watch":
        watch(STATE)
    else:
        wait(STATE, int(REST[0]))
