#!/usr/bin/python3
"""The page's gate: who is turned away, what it costs, and what the page's own sockets are told.

    page_door.py WORK NEWSD_PORT OPENAPI      USENETSYNC is the program
"""
import contextlib
import gzip
import os
import select
import subprocess
import sys
import threading
import time

import yaml
from daemon_rig import Box, Failure, need
from page_rig import Page, read_head

TOKEN_SECONDS = 60
LISTENERS, DEAF = 200, 50
MIB = 1 << 20
RSS_MAY_GROW = 12 * MIB
KEPT_MAX = 128 << 10  # bytes: what the sockets of a deaf listener hold, and more
PASSWORD = "canary-password-5f1d0c"


def note(text):
    print("--", text, flush=True)


def routes(openapi):
    """(method, path with its words filled in) of everything that the contract promises."""
    with open(openapi, encoding="utf-8") as file:
        paths = yaml.safe_load(file)["paths"]
    for path, methods in paths.items():
        for word, value in (("{share}", "1"), ("{job}", "1"), ("{name}", "n")):
            path = path.replace(word, value)
        for method in methods:
            if method in ("get", "post"):
                yield method.upper(), path


def rss(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        for line in file:
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
    raise Failure("the daemon is gone")


# --- what everybody may see ---------------------------------------------------------------------


def test_page_files(page):
    note("the page's files: packed, with an ETag, and headers that forbid the rest")
    first = page.get("/")
    need(first.status == 200 and first.headers["content-type"] == "text/html; charset=utf-8", "no page")
    policy = first.headers["content-security-policy"]
    for words in ("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'",
                  "script-src 'self';", "style-src 'self';", "require-trusted-types-for 'script'"):
        need(words in policy, f"the policy lacks {words}: {policy}")
    need("unsafe" not in policy and "*" not in policy, f"the policy is weak: {policy}")
    for path in ("/", "/app.js", "/app.css", "/healthz", "/nowhere", "/api/status"):
        headers = page.get(path).headers
        need(headers["x-content-type-options"] == "nosniff", f"{path}: no nosniff")
        need(headers["referrer-policy"] == "no-referrer", f"{path}: referrer")
        need(headers["x-frame-options"] == "DENY", f"{path}: frames")
        need(not any(name.startswith("access-control-") for name in headers), f"{path}: CORS")
    script = page.get("/app.js", {"Accept-Encoding": None})
    need("content-encoding" not in script.headers, "packed for somebody who cannot unpack")
    packed = page.get("/app.js", {"Accept-Encoding": "gzip, deflate"})
    need(packed.headers["content-encoding"] == "gzip", "not packed")
    need(gzip.decompress(packed.body) == script.body, "gzip has other bytes")
    best = page.get("/app.js", {"Accept-Encoding": "gzip, deflate, br"})
    need(best.headers["content-encoding"] == "br" and len(best.body) < len(packed.body), "no brotli")
    plain = page.get("/app.js", {"Accept-Encoding": "br;q=0, gzip;q=0.0"})
    need(plain.body == script.body, "packed although it was refused")
    again = page.get("/app.js", {"If-None-Match": script.headers["etag"]})
    need(again.status == 304 and again.body == b"", "sent again although it is known")
    need(page.get("/healthz").body == b"ok\n", "not healthy")
    need(page.get("/nowhere", {"Cookie": None}).status == 401 and page.get("/../etc/passwd").status in (401, 404),
         "a path that is not there")


# --- who is turned away -------------------------------------------------------------------------


def test_no_session(page, openapi):
    note("without a session no route opens; halves of one are none")
    stranger = Page(page.box)
    open_routes = {("GET", "/healthz"), ("GET", "/api/login"), ("POST", "/api/session")}
    count = 0
    for method, path in routes(openapi):
        count += 1
        answer = stranger.ask(method, path, {} if method == "POST" else None)
        if (method, path) in open_routes:
            need(answer.status == (401 if method == "POST" else 200), f"{method} {path}: {answer.status}")
        else:
            need(answer.status in (401, 403), f"{method} {path} without a session: {answer.status}")
    need(count > 50, f"the contract has {count} routes only")
    for more in ({"Cookie": None}, {"X-UsenetSync-Key": None}, {"X-UsenetSync-Key": page.key[:-1]},
                 {"X-UsenetSync-Key": page.cookie}, {"Cookie": f"usenetsync_{page.port}={page.key}"},
                 {"Cookie": f"usenetsync_1={page.cookie}"}, {"X-UsenetSync-Key": "0" * 64}):
        need(page.get("/api/status", more).status == 401, f"half a session is enough: {more}")
        need(page.get("/metrics", more).status == 401, f"half a session opens metrics: {more}")
    need(page.get("/api/status").status == 200, "the session is good")
    for path in ("/api/login-link", "/api/metrics-token", "/api/daemon/stop"):
        need(page.post(path).status == 403, f"{path} over the page's gate")


def test_foreign(page, openapi):
    note("DNS rebinding, foreign origins, forms")
    for method, path in list(routes(openapi)) + [("GET", "/"), ("GET", "/app.js")]:
        body = {} if method == "POST" else None
        for host in ("evil.example", f"evil.example:{page.port}", "127.0.0.1", f"127.0.0.1:{page.port}@evil", ""):
            answer = page.ask(method, path, body, {"Host": host, "Origin": f"http://{host}"})
            need(answer.status == 421, f"{method} {path} for host \"{host}\": {answer.status}")
        for origin in ("http://evil.example", "null", f"http://127.0.0.1:{page.port + 1}", f"https://{page.host}"):
            answer = page.ask(method, path, body, {"Origin": origin})
            need(answer.status == 403, f"{method} {path} from {origin}: {answer.status}")
        for site in ("cross-site", "same-site"):
            answer = page.ask(method, path, body, {"Sec-Fetch-Site": site, "Origin": None})
            need(answer.status == 403, f"{method} {path} {site}: {answer.status}")
    need(page.get("/", {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}).status == 200,
         "a link of another site does not lead to the page")
    forms = {"application/x-www-form-urlencoded": b"paths=/etc", "text/plain": b'{"paths":["/etc"],"a":"="}',
             "multipart/form-data; boundary=x": b"--x--"}
    for kind, body in forms.items():
        for more in ({}, {"Origin": None, "Sec-Fetch-Site": None}):
            answer = page.ask("POST", "/api/shares", body, {"Content-Type": kind} | more)
            need(answer.status == 415, f"a form as {kind}: {answer.status}")
    need(page.good("GET", "/api/shares") == {"items": []}, "a form made a share")
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS"):
        answer = page.ask(method, "/api/status")
        need(answer.status in (0, 405), f"{method}: {answer.status}")


def test_websocket_door(page):
    note("WebSockets: foreign, without a session, at another path")
    host = f"http://{page.host}"
    for more, status in (({"Origin": "http://evil.example"}, 403), ({"Origin": None}, 403), ({"Origin": "null"}, 403),
                         ({"Host": "evil.example", "Origin": "http://evil.example"}, 421),
                         ({"Sec-Fetch-Site": "cross-site"}, 403), ({"Sec-Fetch-Site": "same-site"}, 403),
                         ({"Cookie": None}, 401), ({"Sec-WebSocket-Protocol": "usenetsync.live.1"}, 401),
                         ({"Sec-WebSocket-Protocol": f"key.{page.key}"}, 400),
                         ({"Sec-WebSocket-Protocol": f"http, key.{page.key}"}, 400),
                         ({"Sec-WebSocket-Protocol": None}, 401), ({"Upgrade": "h2c"}, 400)):
        listener, answer = page.upgrade("/api/live", more)
        need(listener is None and answer.status == status, f"{more}: {answer.status}, not {status}")
    listener, answer = page.upgrade("/", {"Origin": host})
    need(listener is None and answer.status == 400, f"a WebSocket at /: {answer.status}")


def test_login_links(page, early):
    note("login links: wrong, used, and one from a minute ago")
    other = Page(page.box)
    for token in ("", "0" * 64, "x", early["used"]):
        answer = other.post("/api/session", {"token": token})
        need(answer.code() == "ERR_LOGIN_LINK" and "set-cookie" not in answer.headers, f"token {token}: {answer.status}")
    for body in ({}, {"token": None}, {"token": 5}, {"token": ["a"]}, {"password": "x"}):
        need(other.post("/api/session", body).status == 401, f"{body}")
    time.sleep(max(0, early["end"] - time.monotonic()))
    answer = other.post("/api/session", {"token": early["unused"]})
    need(answer.code() == "ERR_LOGIN_LINK", f"a minute later: {answer.status}")
    need(other.login().status == 200, "a new one is good")
    cookie = other.login().headers["set-cookie"]
    for words in ("HttpOnly", "SameSite=Strict", "Path=/"):
        need(words in cookie, f"the cookie lacks {words}")
    need("domain" not in cookie.lower(), "the cookie is for a domain")


def test_link_file(page):
    note("the file that leads to a login link is for its owner, and goes when the link is used")
    answer = page.by_socket("POST", "/api/login-link", {})
    need(os.stat(answer["file"]).st_mode & 0o777 == 0o600, "others may read it")
    with open(answer["file"], encoding="utf-8") as file:
        need(answer["url"] in file.read(), "it does not lead there")
    for left in range(8, 0, -1):
        need(os.path.exists(answer["file"]) or left == 8, "it went too early")
        page.login(page.login_token())
    page.login(answer["url"].split("=")[1])
    need(not os.path.exists(answer["file"]), "it stays")


def test_browser(page, work):
    note("the browser is given the file, never the link")
    os.mkdir(f"{work}/bin")
    with open(f"{work}/bin/xdg-open", "w", encoding="ascii") as file:
        file.write(f'#!/bin/sh\necho "$*" >{work}/opened\n')
    os.chmod(f"{work}/bin/xdg-open", 0o755)
    for options, display in (((), ":99"), (("--no-open",), ":99"), ((), "")):
        environment = os.environ | {"PATH": f"{work}/bin:{os.environ['PATH']}", "DISPLAY": display, "WAYLAND_DISPLAY": ""}
        done = subprocess.run(page.box.command("ui", *options), env=environment, capture_output=True, text=True,
                              timeout=60, check=True)
        need(done.stdout.startswith(f"{page.url}#login="), f"it says {done.stdout}")
        need(os.path.exists(f"{work}/opened") == (not options and display != ""), f"ui {options} with display \"{display}\"")
        if os.path.exists(f"{work}/opened"):
            with open(f"{work}/opened", encoding="ascii") as file:
                need(file.read() == f"{page.box.state}/open-page.html\n", "it was given something else")
            os.remove(f"{work}/opened")


# --- the slow and the greedy --------------------------------------------------------------------


def still_there(page):
    need(page.by_socket("GET", "/api/version")["api"] == 1, "the Unix socket does not answer")


def test_sizes(page, pid):
    note("heads and bodies that are too large, lengths that lie")
    before = rss(pid)
    for more in ({"X-Large": "x" * 9000}, {f"X-{i}": "y" * 90 for i in range(100)}, {"Cookie": "z" * 9000}):
        need(page.get("/healthz", more).status in (0, 400, 403, 413, 414, 431), "a large head comes in")
    need(page.get("/" + "a" * 7000).status in (0, 401, 404, 413, 414), "a long path comes in")
    for size in (MIB + 1, 64 * MIB):
        answer = page.ask("POST", "/api/shares", b"{" + b" " * (size - 2) + b"}")
        need(answer.status in (0, 413), f"{size} bytes: {answer.status}")
    need(page.ask("POST", "/api/shares", b"{" + b" " * (MIB - 2) + b"}").status == 400, "1 MiB is not refused by size")
    for length in ("-1", "99999999999999999999", "1e3", "abc", ""):
        answer = page.ask("POST", "/api/shares", b"{}", {"Content-Length": length})
        need(answer.status in (0, 400, 411, 413), f"length {length}: {answer.status}")
    answer = page.ask("POST", "/api/shares", b"2\r\n{}\r\n0\r\n\r\n", {"Transfer-Encoding": "chunked"})
    need(answer.status in (0, 400), f"chunked: {answer.status}")
    for body in (b"[]", b"{", b'{"a":1,"a":2}', b"null", b'{"a":"\xff"}', b"[" * 100000):
        answer = page.ask("POST", "/api/shares", body)
        need(answer.status == 400, f"body {body[:20]}: {answer.status}")
    still_there(page)
    need(rss(pid) - before < RSS_MAY_GROW, f"memory grew by {rss(pid) - before}")


def trickle(page, first, byte):
    """A connection that has said `first` and then says a byte from time to time; closed when the daemon has had enough."""
    sock = page.connect()
    sock.sendall(first)
    return [sock, byte]


def test_slow(page):
    note("slowloris: 150 heads and 30 bodies that never end, and everybody else is served")
    head = f"GET /healthz HTTP/1.1\r\nHost: {page.host}\r\nX-Slow: ".encode()
    lines = "".join(f"{k}: {v}\r\n" for k, v in page.headers("POST", {"Content-Length": "1000"}).items())
    body = f"POST /api/shares HTTP/1.1\r\n{lines}\r\n{{".encode()
    slow = [trickle(page, head, b"x") for _ in range(150)] + [trickle(page, body, b" ") for _ in range(30)]
    end = time.monotonic() + 120
    while slow:
        need(time.monotonic() < end, f"{len(slow)} slow connections are still open")
        need(page.get("/healthz").status == 200 and page.get("/api/version").status == 200, "others must wait")
        still_there(page)
        left = []
        for sock, byte in slow:
            readable, _, _ = select.select([sock], [], [], 0)
            try:
                if readable and not sock.recv(65536):
                    raise ConnectionResetError
                sock.sendall(byte)
                left.append([sock, byte])
            except (ConnectionResetError, BrokenPipeError):
                sock.close()
        slow = left
        time.sleep(0.5)


def test_many_requests(page):
    note("80 requests under way at once: the last ones are told to wait, the command line is not")
    lines = "".join(f"{k}: {v}\r\n" for k, v in page.headers("POST", {"Content-Length": "2"}).items())
    body = f"POST /api/versions HTTP/1.1\r\n{lines}\r\n{{".encode()
    socks = []
    for _ in range(80):
        socks.append(page.connect())
        socks[-1].sendall(body)
    end = time.monotonic() + 20
    while page.get("/api/version").status != 429:
        need(time.monotonic() < end, "there is no limit")
    still_there(page)
    told = []
    for sock in socks:
        sock.sendall(b"}")
        told.append(read_head(sock)[0])
        sock.close()
    need(told.count(429) >= 16 and set(told) == {400, 429}, f"they were told {told}")
    need(page.get("/api/version").status == 200, "it does not recover")


def test_many_connections(page):
    note("1,000 connections: the page may have to wait, the command line never does")
    socks = []
    with contextlib.suppress(OSError):
        for _ in range(1000):
            socks.append(page.connect(2))
    need(len(socks) > 400, f"{len(socks)} connections")
    still_there(page)
    page.box.cli("jobs")
    for sock in socks:
        sock.close()
    need(page.get("/healthz").status == 200, "the page does not come back")


# --- listeners ----------------------------------------------------------------------------------


def test_resume(page):
    note("a listener that comes back is told what it missed, or all")
    one = page.listen()
    need(one.message()["type"] == "snapshot", "the first message is no snapshot")
    page.box.cli("server", "add", "brief", "--host", "127.0.0.1", "--port", "1")
    while "brief" not in one.state["servers"]:
        need(one.message()["type"] == "change", "no change")
    seq, boot, state = one.seq, one.boot, one.state
    one.close()
    page.box.cli("server", "remove", "brief")
    back = page.listen(f"?since={seq}&boot={boot}")
    back.state, back.seq = state, seq
    need(back.message()["type"] == "change", "it is told everything again")
    while "brief" in back.state["servers"]:
        back.message()
    back.close()
    for query in (f"?since={seq}&boot=another", f"?since={seq + 10000}&boot={boot}", "?since=x", f"?boot={boot}"):
        other = page.listen(query)
        need(other.message()["type"] == "snapshot", f"{query} is believed")
        other.close()


def test_logout(page):
    note("a session that ends takes its sockets along; others stay")
    leaver = Page(page.box)
    leaver.login()
    listener, stays = leaver.listen(), page.listen()
    listener.message(), stays.message()
    need(leaver.good("POST", "/api/session/logout") == {"ended": 1}, "it does not end")
    while listener.message() is not None:
        pass
    need(listener.closed == 4001, f"closed with {listener.closed}")
    need(leaver.get("/api/status").status == 401 and page.get("/api/status").status == 200, "the wrong one ended")
    page.box.cli("server", "add", "x", "--host", "127.0.0.1", "--port", "1")
    while "x" not in stays.state["servers"]:
        stays.message()
    stays.close()


def test_talkative(page):
    note("a listener that talks is cut off")
    listener = page.listen()
    listener.message()
    listener.say(b"ping", 9)
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        for _ in range(100):
            listener.say(b"x" * 1000)
    while listener.message() is not None:
        pass


class Crowd:
    """Listeners that read as fast as they can, on one thread; only the first few understand what they read."""

    def __init__(self, page, count, careful):
        self.plain = [page.listen() for _ in range(count - careful)]
        self.careful = [page.listen() for _ in range(careful)]
        self.over = False
        self.failed = None
        self.threads = [threading.Thread(target=self.drain)]
        self.threads += [threading.Thread(target=self.follow, args=(listener,)) for listener in self.careful]
        for thread in self.threads:
            thread.start()

    def drain(self):
        socks = [listener.sock for listener in self.plain]
        while not self.over:
            for sock in select.select(socks, [], [], 0.2)[0]:
                if not sock.recv(65536):
                    self.failed = "a listener was dropped"
                    socks.remove(sock)

    def follow(self, listener):
        try:
            while not self.over and listener.message() is not None:
                pass
        except (OSError, Failure) as error:
            if not self.over:
                self.failed = str(error)

    def end(self):
        self.over = True
        for listener in self.careful:
            listener.sock.shutdown(2)
        for thread in self.threads:
            thread.join()
        for listener in self.plain + self.careful:
            listener.close()


def change_things(page, rounds):
    """Every server's row changes, once in each of `rounds`: many bytes to tell."""
    for i in rounds:
        for name in range(28):
            page.by_socket("POST", "/api/servers", {"name": f"s{name:02}-{'y' * 40}", "host": "127.0.0.1", "port": 1,
                                                    "group": f"alt.{'g' * 180}.{i % 9}", "connections": 1 + (i + name) % 9})


def change_until_told(page, crowd):
    """Much more than a deaf one's sockets hold, however slow the machine is."""
    end = time.monotonic() + 180
    rounds = 0
    while any(one.read < 2 * KEPT_MAX for one in crowd.careful):
        need(time.monotonic() < end and crowd.failed is None, f"changes are not told: {crowd.failed}")
        rounds += 1
        change_things(page, [20 + rounds])


def test_crowd(page, pid):
    note(f"{LISTENERS} listeners, {DEAF} of them never read: memory stays, the others are told the newest state")
    deaf = [page.listen("", True) for _ in range(DEAF)]
    crowd = Crowd(page, LISTENERS - DEAF, 5)
    listener, answer = page.upgrade()
    need(listener is not None, f"one more: {answer.status}")
    listener.close()
    change_things(page, range(20))
    before, start = rss(pid), time.monotonic()
    change_until_told(page, crowd)
    grown = rss(pid) - before
    took = time.monotonic() - start
    page.by_socket("POST", "/api/servers", {"name": "the-last-one", "host": "127.0.0.1", "port": 1})
    end = time.monotonic() + 60
    while any("the-last-one" not in (one.state or {}).get("servers", {}) for one in crowd.careful):
        need(time.monotonic() < end and crowd.failed is None, f"not told: {crowd.failed}")
        time.sleep(0.1)
    for one in crowd.careful:
        told = sum(1 for at in one.times if start <= at <= start + took)
        need(0 < told <= 5 * took + 5, f"{told} messages in {took:.1f} s")
    crowd.end()
    for one in deaf[:5]:
        while "the-last-one" not in (one.state or {}).get("servers", {}):
            need(one.message() is not None, "a deaf one was dropped")
        need(one.read < KEPT_MAX, f"{one.read} bytes were kept for a deaf one")
        print(f"   {one.read // 1024} KiB were kept for a deaf one")
    need(grown < RSS_MAY_GROW, f"memory grew by {grown} in {took:.1f} s")
    print(f"   {took:.1f} s of changes, memory grew by {grown // 1024} KiB")
    still_there(page)
    for one in deaf:
        one.close()
    for server in page.good("GET", "/api/servers")["items"]:
        page.good("POST", f"/api/servers/{server['name']}/remove")


# --- secrets, restarts --------------------------------------------------------------------------


def test_secrets(page, work, newsd_port, tokens):
    note("no secret in any answer, message or log")
    box, secrets = page.box, {"password": PASSWORD, "cookie": page.cookie, "key": page.key} | tokens
    with open(f"{work}/password", "w", encoding="ascii") as file:
        file.write(PASSWORD + "\n")
    box.cli("server", "add", "real", "--host", "127.0.0.1", "--port", str(newsd_port))
    os.mkdir(f"{work}/tree")
    with open(f"{work}/tree/file", "wb") as file:
        file.write(b"contents")
    secrets["link"] = box.cli("share", f"{work}/tree").splitlines()[-1]
    secrets["write key"] = box.cli("link", "tree", "--write-key").splitlines()[-1]
    os.mkdir(f"{work}/target")
    box.cli("get", secrets["link"], f"{work}/target")
    box.cli("server", "add", "secret", "--host", "127.0.0.1", "--port", "1", "--user", "u",
            "--password-file", f"{work}/password")
    secrets["metrics token"] = box.cli("ui", "--metrics-token").strip()
    listener = page.listen()
    texts = {"snapshot": str(listener.message())}
    listener.close()
    for path in ("/api/status", "/api/shares", "/api/shares/1", "/api/shares/1/health", "/api/jobs", "/api/jobs/1",
                 "/api/jobs/2", "/api/jobs/0/events", "/api/servers", "/api/servers/secret", "/api/settings",
                 "/api/events", "/api/support", "/api/rates", "/metrics", "/api/session"):
        texts[path] = page.get(path).body.decode()
    for path in ("/api/servers/secret/test", "/api/versions"):
        texts[path] = page.post(path, {"share": 1}).body.decode()
    with open(f"{box.state}/daemon.log", encoding="utf-8") as file:
        texts["daemon.log"] = file.read()
    with open(f"/proc/{box.pid()}/cmdline", encoding="utf-8") as file:
        texts["arguments"] = file.read()
    need("real" in texts["/api/servers"] and len(texts["daemon.log"]) > 100, "nothing was looked at")
    for what, secret in secrets.items():
        need(len(secret) > 16, f"{what} is \"{secret}\"")
        for where, text in texts.items():
            need(secret not in text, f"the {what} is in {where}")
    need(page.get("/metrics", {"Cookie": None, "X-UsenetSync-Key": None,
                               "Authorization": f"Bearer {secrets['metrics token']}"}).status == 200, "metrics' token")
    need(Page(box).get("/api/status", {"Authorization": f"Bearer {secrets['metrics token']}"}).status == 401,
         "metrics' token opens more")


def test_kill(page):
    note("kill -9: same port, same session, and the page's socket says that it is another daemon")
    listener = page.listen()
    listener.message()
    boot = listener.boot
    page.box.kill()
    need(listener.message() is None, "the socket outlives the daemon")
    page.box.cli("status")
    need(page.get("/api/session").status == 200, "the session is lost")
    back = page.listen(f"?since={listener.seq}&boot={boot}")
    need(back.message()["type"] == "snapshot" and back.boot != boot, "it is taken for the same daemon")
    back.close()
    page.box.cli("ui", "--logout-all")
    need(page.get("/api/session").status == 401, "logged out by nobody")


def test_config(work):
    note("daemon.ini: another port, no page, and nothing but this machine")
    box = Box(f"{work}/configured")
    os.mkdir(box.state, 0o700)

    def configure(text):
        box.stop()
        with open(f"{box.state}/daemon.ini", "w", encoding="ascii") as file:
            file.write(text)

    configure("[page]\nport = 0\n")
    box.cli("status")
    port = Page(box).port
    box.stop()
    box.cli("status")
    need(Page(box).port == port, "any port is another one at each start")
    configure("[page]\nlisten = off\n")
    need(box.rows("status")[0]["page"] is None, "the page is not off")
    need(box.rows("ui", code=5)[0]["error"]["code"] == "ERR_NO_PAGE", "a link to no page")
    need(os.listdir(f"{box.state}/secrets") == [], "sessions of no page")
    reaching = ("listen = 0.0.0.0", "listen = 192.168.1.1")
    for wrong in (*reaching, "listen = ::", "port = 80", "port = x", "color = red"):
        configure(f"[page]\n{wrong}\n")
        error = box.rows("status", code=None)[-1]["error"]
        need(("daemon.ini line 2" in error["text"]) != (wrong in reaching), f"{wrong}: {error}")
        need(("other machines may reach" in error["text"]) == (wrong in reaching), f"{wrong}: {error}")
    configure("")
    box.cli("status")
    box.stop()


def main(work, newsd_port, openapi):
    os.mkdir(work)
    box = Box(f"{work}/state")
    box.cli("status")
    page = Page(box)
    used = page.login_token()
    need(page.login(used).status == 200, "cannot log in")
    early = {"used": used, "unused": page.login_token(), "end": time.monotonic() + TOKEN_SECONDS + 2}
    pid = box.pid()
    try:
        test_page_files(page)
        test_no_session(page, openapi)
        test_foreign(page, openapi)
        test_websocket_door(page)
        test_sizes(page, pid)
        test_resume(page)
        test_logout(page)
        test_talkative(page)
        test_slow(page)
        test_many_requests(page)
        test_many_connections(page)
        test_crowd(page, pid)
        test_login_links(page, early)
        test_link_file(page)
        test_browser(page, work)
        need(page.login().status == 200, "cannot log in again")
        test_secrets(page, work, newsd_port, {"login token": early["unused"], "used token": used})
        test_kill(page)
        test_config(work)
    finally:
        box.stop()
        Box(f"{work}/configured").stop()


if __name__ == "__main__":
    try:
        main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
    except Failure as failure:
        sys.exit(f"FAILED: {failure}")
