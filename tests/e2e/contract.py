#!/usr/bin/python3
"""The daemon keeps to docs/openapi.yaml: a story that asks for everything, judged answer by answer.

    contract.py WORK NEWSD_PORT OPENAPI      USENETSYNC is the program
"""
import json
import os
import sys
import time
import urllib.parse

from daemon_rig import OVER, Box, Failure, UnixConnection, need
from openapi_judge import Judge, without_null
from page_rig import Page

HOSTILE = [b"plain", b"<script>alert(1)<!--", b"\xff\xfe not UTF-8", b"new\nline", "\u202egnp.exe".encode(),
           b"%2e%2e", "ümläut".encode(), b"a" * 255, b"'\"&\\"]


def note(text):
    print("--", text, flush=True)


class Asker:
    """Asks at both gates and judges what comes."""

    def __init__(self, box, judge, live):
        self.box = box
        self.judge = judge
        self.live = live  # of WebSockets' messages, which leave out what is null
        self.page = Page(box)

    def ask(self, method, path, body=None, accept="application/json"):
        answer = self.page.ask(method, path, {} if method == "POST" and body is None else body, {"Accept": accept})
        self.judge.judge(method, path, answer.status, answer.headers["content-type"], answer.body)
        return answer

    def good(self, method, path, body=None):
        answer = self.ask(method, path, body)
        need(answer.status < 300, f"{method} {path}: {answer.status} {answer.body[:500]}")
        return answer.json()

    def get(self, path):
        return self.good("GET", path)

    def post(self, path, body=None):
        return self.good("POST", path, body)

    def bad(self, method, path, body=None, status=None):
        answer = self.ask(method, path, body)
        need(answer.status >= 400, f"{method} {path} {body}: {answer.status} {answer.body[:300]}")
        need(status is None or answer.status == status, f"{method} {path} {body}: {answer.status}, not {status}")

    def rows(self, method, path, body=None):
        """The same as rows, at both gates."""
        answer = self.ask(method, path, body, "application/x-ndjson")
        need(answer.status == 200, f"{method} {path}: {answer.status} {answer.body[:500]}")
        self.by_socket(method, path, body)
        return [json.loads(line) for line in answer.body.splitlines()]

    def by_socket(self, method, path, body=None):
        connection = UnixConnection(os.path.join(self.box.state, "daemon.sock"))
        try:
            connection.request(method, path, None if body is None else json.dumps(body))
            answer = connection.getresponse()
            data = answer.read()
        finally:
            connection.close()
        self.judge.judge(method, path, answer.status, answer.getheader("content-type"), data)
        return data

    def over(self, job, limit=120):
        end = time.monotonic() + limit
        while time.monotonic() < end:
            found = self.get(f"/api/jobs/{job}")
            if found["state"] in OVER:
                return found
            time.sleep(0.05)
        raise Failure(f"job {job} is not over: {found}")

    def done(self, answer):
        job = self.over(answer["job"])
        need(job["state"] == "done", f"{job}")
        return job

    def pages(self, path, limit):
        """All items of a paged GET."""
        items, after = [], None
        while True:
            query = f"&limit={limit}" + ("" if after is None else f"&after={after}")
            page = self.get(f"{path}{query}")
            need(len(page["items"]) <= limit, f"{path}: {len(page['items'])} items in a page of {limit}")
            items += page["items"]
            after = page["next"]
            if after is None:
                return items


def name(data):
    """A name as requests take it."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        import base64
        return {"base64": base64.b64encode(data).decode()}


def name_of(item, key="name"):
    import base64
    coded = item.get(f"{key}_base64")
    return base64.b64decode(coded) if coded is not None else item[key].encode()


def make_tree(root):
    os.makedirs(f"{root}/sub/deep")
    for data in HOSTILE:
        with open(os.path.join(os.fsencode(root), data), "wb") as file:
            file.write(data * 50)
    with open(f"{root}/sub/big.bin", "wb") as file:
        file.write(os.urandom(3_000_000))
    with open(f"{root}/sub/.hidden", "wb") as file:
        file.write(b"x")
    os.symlink(b"\xfe target", os.path.join(os.fsencode(root), b"link"))
    with open(f"{root}/sub/out.tmp", "wb") as file:
        file.write(b"to be left out")


# --- chapters -----------------------------------------------------------------------------------


def tell_daemon(a):
    note("the daemon, sessions, the socket's own routes")
    for path in ("/healthz", "/metrics", "/api/version", "/api/status", "/api/support", "/api/rates",
                 "/api/rates?seconds=5", "/api/session", "/api/login", "/api/settings", "/api/roots"):
        answer = a.ask("GET", path)
        need(answer.status == 200, f"{path}: {answer.status} {answer.body[:300]}")
    other = Page(a.box)
    answer = other.login()
    a.judge.judge("POST", "/api/session", answer.status, answer.headers["content-type"], answer.body)
    answer = other.post("/api/session/logout")
    a.judge.judge("POST", "/api/session/logout", answer.status, answer.headers["content-type"], answer.body)
    answer = other.get("/api/status")
    a.judge.judge("GET", "/api/status", answer.status, answer.headers["content-type"], answer.body)
    a.by_socket("POST", "/api/login-link", {})
    a.by_socket("POST", "/api/metrics-token", {"renew": True})
    a.bad("POST", "/api/login-link", {}, 403)
    a.bad("POST", "/api/page-password", {"password": "a password of the page"}, 403)
    a.by_socket("POST", "/api/page-password", {"password": "a password of the page"})
    need(a.get("/api/login")["password"], "the password was not kept")


def tell_servers(a, port):
    note("news servers")
    a.bad("POST", "/api/servers", {})
    a.bad("POST", "/api/servers", {"name": "a b", "host": "h"})
    a.bad("POST", "/api/servers/try", {})
    a.bad("GET", "/api/servers/none", None, 404)
    for action in ("test", "pause", "resume", "remove"):
        a.bad("POST", f"/api/servers/none/{action}", {}, 404)
    server = {"name": "real", "host": "127.0.0.1", "port": port, "connections": 4}
    steps = a.rows("POST", "/api/servers/try", server)
    need(steps and all(step["verdict"] in ("good", "skipped") for step in steps), f"{steps}")
    a.post("/api/servers", server)
    a.rows("GET", "/api/servers")
    need(a.get("/api/servers/real")["connections"] == 4, "the number of connections")
    a.post("/api/servers/real", {"connections": 5})
    after = a.get("/api/servers/real")
    need(after["connections"] == 5 and after["port"] == port, f"a change of one thing: {after}")
    a.rows("POST", "/api/servers/real/test", {})
    a.post("/api/servers/real/pause")
    need(a.get("/api/servers/real")["paused"], "it is not paused")
    a.post("/api/servers/real/resume")
    a.post("/api/servers", {"name": "second", "host": "127.0.0.1", "port": 1, "user": "u", "password": "p" * 20})
    need(a.get("/api/servers/second")["has_password"], "the password is lost")
    a.post("/api/servers/second", {"connections": 2})
    need(a.get("/api/servers/second")["has_password"], "the password went with another change")
    a.post("/api/servers/second/remove")


def tell_settings(a, work):
    note("settings")
    for wrong in ({"limits": {"upload_rate": -1}}, {"limits": {"jobs_at_once": 0}}, {"theme": "pink"}, {"roots": ["relative"]},
                  {"timetable": [{"days": [8], "from": "00:00", "to": "01:00", "upload_rate": 0, "download_rate": 0}]},
                  {"defaults": {"redundancy": "huge"}}):
        before = a.get("/api/settings")
        a.bad("POST", "/api/settings", wrong, 400)
        need(a.get("/api/settings") == before, f"{wrong} changed something")
    row = {"days": [1, 7], "from": "22:00", "to": "06:00", "upload_rate": None, "download_rate": 5_000_000}
    after = a.post("/api/settings", {"roots": [work], "theme": "dark", "timetable": [row],
                                     "limits": {"upload_rate": 900_000_000, "workers": 2},
                                     "defaults": {"redundancy": "lean", "ignore": "*.bak\n"}})
    need(after["theme"] == "dark" and after["timetable"] == [row] and after["limits"]["workers"] == 2, f"{after}")
    need(a.post("/api/settings", {"timetable": [], "limits": {"upload_rate": None, "workers": None}})["theme"] == "dark",
         "what was not given has changed")


def tell_folders(a, work):
    note("folders of this machine")
    tree = f"{work}/tree"
    need([root["path"] for root in a.get("/api/roots")["items"]] == [work], "the roots")
    items = a.pages(f"/api/folders?path={urllib.parse.quote(tree)}", 3)
    need(sorted(name_of(item) for item in items) == sorted(HOSTILE + [b"sub", b"link"]), f"{items}")
    need(items[0]["type"] == "directory", "folders come first")
    by_name = a.pages(f"/api/folders?path={urllib.parse.quote(tree)}&order=name&hidden=1", 4)
    need(sorted(map(name_of, by_name)) == sorted(map(name_of, items)), "another order has other names")
    need(len(a.pages(f"/api/folders?path={urllib.parse.quote(tree)}&only=folders", 4)) == 1, "only folders")
    need(len(a.pages(f"/api/folders?path={urllib.parse.quote(tree)}&find=SCRIPT", 4)) == 1, "find")
    for path in ("/etc", f"{tree}/../..", "relative", f"{tree}/none", f"{tree}/plain", ""):
        a.bad("GET", f"/api/folders?path={urllib.parse.quote(path)}")
    a.bad("GET", f"/api/folders?path={urllib.parse.quote(tree)}&after=%21nonsense")
    a.post("/api/folders/create", {"path": f"{work}/made"})
    need(os.path.isdir(f"{work}/made"), "it was not made")
    a.bad("POST", "/api/folders/create", {"path": f"{work}/made"})
    a.bad("POST", "/api/folders/create", {"path": "/etc/usenetsync-made"})
    preview = {"paths": [tree], "ignore": "*.tmp\n", "folder": f"{tree}/sub"}
    items, after = [], None
    while True:
        page = a.post("/api/folders/preview", preview | {"limit": 2} | ({"after": after} if after else {}))
        items += page["items"]
        after = page["next"]
        if after is None:
            break
    ignored = {name_of(item): item["ignored"] for item in items}
    need(ignored == {b"deep": False, b"big.bin": False, b".hidden": False, b"out.tmp": True}, f"{ignored}")
    a.bad("POST", "/api/folders/preview", {"paths": ["/etc"], "folder": "/etc"})
    rows = a.rows("POST", "/api/estimate", {"paths": [tree], "ignore": "*.tmp\n", "redundancy": "normal"})
    last = rows[-1]
    need(last["done"] and last["files"] == len(HOSTILE) + 2 and last["ignored"] == 1 and last["symlinks"] == 1, f"{last}")
    need(last["articles"] >= 5, f"{last}")
    a.bad("POST", "/api/estimate", {"paths": ["/etc"]})


def tell_shares(a, work):
    note("shares")
    tree = f"{work}/tree"
    for wrong in ({}, {"paths": []}, {"paths": ["/etc"]}, {"paths": [tree], "redundancy": "x"}, {"paths": "x"}):
        a.bad("POST", "/api/shares", wrong)
    started = a.post("/api/shares", {"paths": [tree], "title": "A tree", "ignore": "*.tmp\n", "redundancy": "long-term"})
    job = a.done(started)
    need([phase["name"] for phase in job["phases"]] == ["scan", "read", "post", "confirm", "publish"], f"{job['phases']}")
    need(all(phase["permille"] == 1000 for phase in job["phases"]), f"{job['phases']}")
    share = a.rows("GET", "/api/shares")[0]["id"]
    detail = a.get(f"/api/shares/{share}")
    need(detail["redundancy"] == "long-term" and detail["ignore"] == "*.tmp\n" and detail["paths"] == [tree], f"{detail}")
    a.post(f"/api/shares/{share}", {"title": "Another title", "redundancy": "lean"})
    need(a.get(f"/api/shares/{share}")["ignore"] == "*.tmp\n", "the rules went with the title")
    items = a.pages(f"/api/shares/{share}/entries?path=", 4)
    need(sorted(map(name_of, items)) == sorted(HOSTILE + [b"sub", b"link"]), f"{items}")
    need(len(a.pages(f"/api/shares/{share}/entries?path=sub", 1)) == 3, "the entries of a folder")
    with open(f"{tree}/new file", "wb") as file:
        file.write(b"new")
    a.done(a.post(f"/api/shares/{share}/publish"))
    a.rows("POST", "/api/versions", {"share": share})
    link = a.post("/api/link", {"share": share})["link"]
    a.post("/api/link", {"share": "Another title", "write_key": True})
    a.rows("POST", "/api/versions", {"share": link})
    for path in ("/api/shares/99", "/api/shares/99/health", "/api/shares/99/entries", "/api/shares/x"):
        a.bad("GET", path)
    for path in ("/api/shares/99", "/api/shares/99/publish", "/api/shares/99/forget"):
        a.bad("POST", path, {"title": "x"})
    for path in ("/api/link", "/api/versions", "/api/checks", "/api/exports"):
        a.bad("POST", path, {})
        a.bad("POST", path, {"share": 99})
    return share, link


def tell_links(a, work, share, link):
    note("what a link opens")
    a.rows("POST", "/api/ls", {"link": link, "recursive": True})
    items, after = [], None
    while True:
        page = a.post("/api/links/entries", {"link": link, "limit": 5} | ({"after": after} if after else {}))
        items += page["items"]
        after = page["next"]
        if after is None:
            break
    need(sorted(map(name_of, items)) == sorted(HOSTILE + [b"sub", b"link", b"new file"]), f"{items}")
    need(len(a.post("/api/links/entries", {"link": link, "path": "sub", "version": 1})["items"]) == 3, "a folder of a link")
    for path in ("/api/links/entries", "/api/ls", "/api/gets"):
        for wrong in ({}, {"link": "x", "target": work}, {"link": link[:-1] + "q", "target": work}):
            a.bad("POST", path, wrong)
    a.bad("POST", "/api/gets", {"link": link, "target": "/etc"})
    only = [name(HOSTILE[2]), "sub/big.bin"]
    a.done(a.post("/api/gets", {"link": link, "target": f"{work}/made", "only": only, "dry_run": True}))
    need(os.listdir(f"{work}/made") == [], "a dry run wrote")
    job = a.done(a.post("/api/gets", {"link": link, "target": f"{work}/made", "conflict": "replace"}))
    need([phase["name"] for phase in job["phases"]] == ["locate", "list", "fetch", "write"], f"{job['phases']}")
    need(sorted(os.listdir(os.fsencode(f"{work}/made"))) == sorted(os.listdir(os.fsencode(f"{work}/tree"))), "names differ")
    with open(f"{work}/made/plain", "wb") as file:
        file.write(b"changed")
    os.remove(f"{work}/made/new file")
    result = a.done(a.post("/api/gets", {"link": link, "target": f"{work}/made", "verify": True}))["result"]
    need(result["differing_files"] == 1 and result["missing_files"] == 1, f"{result}")
    health = a.done(a.post("/api/checks", {"share": share, "deep": True}))["result"]["health"]
    need(health["state"] == "good" and a.get(f"/api/shares/{share}/health")["state"] == "good", f"{health}")
    a.done(a.post("/api/checks", {"share": link}))
    os.mkdir(f"{work}/exported")
    a.done(a.post("/api/exports", {"share": link, "target": f"{work}/exported"}))


def tell_jobs(a, work):
    note("jobs, their queue, their story")
    a.post("/api/settings", {"limits": {"jobs_at_once": 1, "upload_rate": 2048}})
    jobs = []
    for number in range(4):
        os.mkdir(f"{work}/queue{number}")
        with open(f"{work}/queue{number}/file", "wb") as file:
            file.write(os.urandom(2_000_000))
        jobs.append(a.post("/api/shares", {"paths": [f"{work}/queue{number}"], "priority": 0})["job"])
    listener = a.page.listen()
    for _ in range(4):
        message = listener.message()
        kind = ("snapshot", "change").index(message["type"])
        a.live.validate({"$ref": f"#/components/schemas/LiveMessage/oneOf/{kind}"}, message, "a message")
        a.live.validate({"$ref": "#/components/schemas/LiveState"}, listener.state, "the state")
    need(str(jobs[0]) in listener.state["jobs"], "the job is not live")
    a.judge.answered.add("live")
    for path in ("pause", "resume", "cancel", "retry", "priority", "move", "forget"):
        a.bad("POST", f"/api/jobs/9999/{path}", {"priority": 1, "to": "up"}, 404)
    a.bad("POST", f"/api/jobs/{jobs[1]}/priority", {"priority": "x"})
    a.bad("POST", f"/api/jobs/{jobs[1]}/move", {"to": "sideways"})
    a.bad("POST", f"/api/jobs/{jobs[1]}/pause", {"minutes": -1})
    a.bad("POST", f"/api/jobs/{jobs[1]}/forget", {}, 409)
    a.bad("GET", "/api/jobs/9999", None, 404)
    a.post(f"/api/jobs/{jobs[3]}/move", {"to": "top"})
    need(a.get(f"/api/jobs/{jobs[3]}")["position"] == 1, "it is not next")
    a.post(f"/api/jobs/{jobs[2]}/priority", {"priority": 50})
    need(a.get(f"/api/jobs/{jobs[2]}")["priority"] == 50, "its priority")
    need(a.post(f"/api/jobs/{jobs[1]}/pause", {"minutes": 30})["state"] == "paused", "it is not paused")
    need(a.get(f"/api/jobs/{jobs[1]}")["paused_until"] > time.time(), "it does not say until when")
    a.post(f"/api/jobs/{jobs[1]}/resume")
    a.rows("GET", "/api/jobs?limit=3&state=queued,running&kind=share,heal")
    need(a.post("/api/queue/pause", {"minutes": 5})["jobs"] >= 4, "not all are paused")
    need(all(a.get(f"/api/jobs/{job}")["state"] == "paused" for job in jobs), "one is not paused")
    a.post("/api/queue/resume")
    a.post(f"/api/jobs/{jobs[0]}/cancel")
    a.post(f"/api/jobs/{jobs[0]}/retry")
    need(a.get(f"/api/jobs/{jobs[0]}")["state"] in ("queued", "running"), "it is not tried again")
    a.post("/api/queue/cancel")
    need(all(a.get(f"/api/jobs/{job}")["state"] == "cancelled" for job in jobs), "one is not cancelled")
    a.post("/api/queue/retry")
    a.rows("GET", f"/api/jobs/{jobs[0]}/events")
    a.rows("GET", "/api/jobs/0/events?limit=5")
    need(len(a.pages("/api/events?level=debug", 3)) > 3, "no events")
    a.pages(f"/api/events?job={jobs[0]}&find=A", 100)
    a.post(f"/api/jobs/{jobs[0]}/forget")
    a.bad("GET", f"/api/jobs/{jobs[0]}", None, 404)
    a.post("/api/queue/forget")
    need(a.rows("GET", "/api/jobs") == [], "the history is not empty")
    a.post("/api/settings", {"limits": {"jobs_at_once": 2, "upload_rate": None}})
    listener.close()


def tell_ends(a, work, share, port):
    note("adopt, forget, stop")
    key = a.post("/api/link", {"share": share, "write_key": True})["write_key"]
    b = Asker(Box(f"{work}/other"), a.judge, a.live)
    b.page.login()
    b.post("/api/settings", {"roots": [work]})
    b.post("/api/servers", {"name": "real", "host": "127.0.0.1", "port": port})
    b.bad("POST", "/api/adopts", {"write_key": "x", "paths": [f"{work}/tree"]})
    b.done(b.post("/api/adopts", {"write_key": key, "paths": [f"{work}/tree"]}))
    b.box.stop()
    need(a.post(f"/api/shares/{share}/forget")["share"] == share, "another was forgotten")
    a.bad("GET", f"/api/shares/{share}", None, 404)
    a.by_socket("POST", "/api/daemon/stop")


def main(work, port, openapi):
    judge = Judge(openapi)
    os.mkdir(work)
    make_tree(f"{work}/tree")
    boxes = [Box(f"{work}/state"), Box(f"{work}/other")]
    for box in boxes:
        box.cli("status")
    a = Asker(boxes[0], judge, Judge(openapi, without_null))
    a.page.login()
    try:
        tell_daemon(a)
        tell_servers(a, port)
        tell_settings(a, work)
        tell_folders(a, work)
        share, link = tell_shares(a, work)
        tell_links(a, work, share, link)
        tell_jobs(a, work)
        tell_daemon(a)
        tell_ends(a, work, share, port)
        left = judge.operations() - judge.answered
        need(not left, f"never answered as promised: {sorted(left)}")
        print(f"   {len(judge.operations())} operations")
    finally:
        for box in boxes:
            box.stop()


if __name__ == "__main__":
    try:
        main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
    except Failure as failure:
        sys.exit(f"FAILED: {failure}")
