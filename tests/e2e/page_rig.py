"""The web page's side of the daemon, for tests in Python: raw requests, logging in, WebSockets. Import it.

Nothing here is polite by itself: every header can be left out or forged, as somebody else's page would.
"""
import base64
import json
import os
import socket
import struct
import time

from daemon_rig import UnixConnection, need

LIVE = "usenetsync.live.1"


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    def json(self):
        return json.loads(self.body)

    def code(self):
        """The error's name, None when it is no error of ours."""
        try:
            return self.json()["error"]["code"]
        except (ValueError, KeyError, TypeError):
            return None


def read_head(sock):
    """(status, headers, what came behind); status 0: closed without an answer."""
    data = b""
    while b"\r\n\r\n" not in data:
        try:
            piece = sock.recv(65536)
        except ConnectionResetError:
            piece = b""
        if not piece:
            return 0, {}, data
        data += piece
    head, rest = data.split(b"\r\n\r\n", 1)
    lines = head.decode("latin-1").split("\r\n")
    headers = {}
    for line in lines[1:]:
        name, value = line.split(":", 1)
        headers.setdefault(name.lower(), value.strip())
    return int(lines[0].split()[1]), headers, rest


def read_body(sock, headers, data):
    if "content-length" in headers:
        left = int(headers["content-length"])
        while len(data) < left:
            piece = sock.recv(65536)
            need(piece, "the answer ended in the middle")
            data += piece
        return data[:left]
    if headers.get("transfer-encoding") == "chunked":
        whole = b""
        while True:
            while b"\r\n" not in data:
                piece = sock.recv(65536)
                need(piece, "the answer ended in the middle")
                data += piece
            length, data = data.split(b"\r\n", 1)
            count = int(length, 16)
            while len(data) < count + 2:
                piece = sock.recv(65536)
                need(piece, "the answer ended in the middle")
                data += piece
            whole, data = whole + data[:count], data[count + 2:]
            if count == 0:
                return whole
    return data


class Page:
    """One browser: cookie and key, once it has logged in. Over TLS with a context of the module ssl."""

    def __init__(self, box, tls=None):
        self.box = box
        self.tls = tls
        status = self.by_socket("GET", "/api/status")
        self.url = status["page"]
        self.scheme = self.url.split(":")[0]
        self.host = self.url.split("/")[2]
        self.name, self.port = self.host.split(":")[0], int(self.host.split(":")[1])
        self.origin = f"{self.scheme}://{self.host}"
        self.cookie_name = f"{'__Host-' if tls else ''}usenetsync_{self.port}"
        self.cookie = self.key = None

    def by_socket(self, method, path, body=None):
        connection = UnixConnection(os.path.join(self.box.state, "daemon.sock"))
        try:
            connection.request(method, path, None if body is None else json.dumps(body))
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()

    def connect(self, limit=20, room=None):
        """`room`: so few bytes may wait to be read."""
        sock = socket.socket()
        if room is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
        sock.settimeout(limit)
        sock.connect(("127.0.0.1", self.port))
        return sock if self.tls is None else self.tls.wrap_socket(sock, server_hostname=self.name)

    def headers(self, method, more):
        """What a browser sends for our own page; `more` overrides, None leaves out."""
        found = {"Host": self.host, "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"}
        if method == "POST":
            found |= {"Origin": self.origin, "Content-Type": "application/json"}
        if self.cookie:
            found["Cookie"] = f"other=1; {self.cookie_name}={self.cookie}; more=2"
        if self.key:
            found["X-UsenetSync-Key"] = self.key
        found |= more or {}
        return {name: value for name, value in found.items() if value is not None}

    def send(self, sock, method, path, body=None, more=None):
        data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = self.headers(method, more)
        if method == "POST" and "Content-Length" not in (more or {}):
            headers["Content-Length"] = str(len(data))
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        sock.sendall(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + data)

    def ask(self, method, path, body=None, more=None):
        with self.connect() as sock:
            try:
                self.send(sock, method, path, body, more)
            except (BrokenPipeError, ConnectionResetError):
                pass  # it answered before it had all
            status, headers, rest = read_head(sock)
            return Answer(status, headers, read_body(sock, headers, rest) if status else b"")

    def get(self, path, more=None):
        return self.ask("GET", path, None, more)

    def post(self, path, body=None, more=None):
        return self.ask("POST", path, {} if body is None else body, more)

    def good(self, method, path, body=None, status=200):
        answer = self.ask(method, path, {} if method == "POST" and body is None else body,
                          {"Accept": "application/json"})
        need(answer.status == status, f"{method} {path}: {answer.status} {answer.body[:500]}")
        return answer.json()

    def login_token(self):
        url = self.by_socket("POST", "/api/login-link", {})["url"]
        need(url.startswith(f"{self.url}#login="), f"the link is {url}")
        return url.split("=", 1)[1]

    def login(self, token=None, password=None):
        how = {"token": token or self.login_token()} if password is None else {"password": password}
        answer = self.post("/api/session", how)
        if answer.status == 200:
            self.key = answer.json()["key"]
            self.cookie = answer.headers["set-cookie"].split(";")[0].split("=", 1)[1]
        return answer

    # --- WebSockets

    def upgrade(self, path="/api/live", more=None, small=False):
        """(socket, Answer); status 101: the socket is a WebSocket now. `small`: with little room to receive."""
        sock = self.connect(20, 4096 if small else None)
        protocols = LIVE if self.key is None else f"{LIVE}, key.{self.key}"
        headers = {
            "Origin": self.origin, "Upgrade": "websocket", "Connection": "Upgrade",
            "Sec-WebSocket-Version": "13", "Sec-WebSocket-Protocol": protocols,
            "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(), "X-UsenetSync-Key": None,
        } | (more or {})
        self.send(sock, "GET", path, None, headers)
        status, found, rest = read_head(sock)
        if status == 101:
            return Listener(sock, found, rest), Answer(status, found, rest)
        body = read_body(sock, found, rest) if status else b""
        sock.close()
        return None, Answer(status, found, body)

    def listen(self, query="", small=False):
        listener, answer = self.upgrade("/api/live" + query, None, small)
        need(listener is not None, f"no WebSocket: {answer.status} {answer.body[:300]}")
        return listener


def merge(target, patch):
    """RFC 7396."""
    if not isinstance(patch, dict):
        return patch
    target = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            target.pop(key, None)
        else:
            target[key] = merge(target.get(key), value)
    return target


class Listener:
    """A WebSocket and what it came to know."""

    def __init__(self, sock, headers, rest):
        self.sock = sock
        self.headers = headers
        self.data = rest
        self.state = self.boot = self.closed = None
        self.seq = 0
        self.read = 0  # bytes
        self.times = []

    def take(self, count):
        while len(self.data) < count:
            try:
                piece = self.sock.recv(65536)
            except ConnectionResetError:
                piece = b""
            if not piece:
                return None
            self.data += piece
            self.read += len(piece)
        taken, self.data = self.data[:count], self.data[count:]
        return taken

    def frame(self):
        """(opcode, payload), a message put together from its pieces; None when the connection has ended."""
        whole, first = b"", None
        while True:
            head = self.take(2)
            if head is None:
                return None
            length = head[1] & 0x7F
            if length == 126:
                length = struct.unpack(">H", self.take(2))[0]
            elif length == 127:
                length = struct.unpack(">Q", self.take(8))[0]
            payload = self.take(length)
            if payload is None:
                return None
            first = head[0] & 15 if first is None else first
            whole += payload
            if head[0] & 0x80:
                return first, whole

    def message(self):
        """The next message, applied; None: closed, `closed` is the code."""
        found = self.frame()
        if found is None or found[0] == 8:
            self.closed = struct.unpack(">H", found[1][:2])[0] if found and len(found[1]) > 1 else 1006
            return None
        if found[0] != 1:
            return self.message()
        message = json.loads(found[1])
        self.times.append(time.monotonic())
        if message["type"] == "snapshot":
            self.state, self.boot = message["state"], message["boot"]
        else:
            self.state = merge(self.state, message["patch"])
        need(message["seq"] >= self.seq, f"the numbers fall: {self.seq}, {message['seq']}")
        self.seq = message["seq"]
        return message

    def say(self, payload, opcode=1):
        mask = os.urandom(4)
        data = bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))
        length = struct.pack(">BBH", 0x80 | opcode, 0x80 | 126, len(payload))
        self.sock.sendall(length + mask + data)

    def close(self):
        self.sock.close()
