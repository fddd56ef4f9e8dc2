"""A slow road between clients and a news server on loopback that counts what is posted.

Import it: Tap(server_port, rate) listens at once, on a thread of its own. It knows of every POST the
Message-ID, a hash of the body and the server's answer, and can call somebody at a chosen instant
of the conversation. Both ways together carry `rate` bytes a second on each connection.
"""
import asyncio
import collections
import hashlib
import socket
import threading

PIECE = 1 << 16
WIRE_SEGMENT = 1400  # of TCP, as on a real road: or the kernel of a killed client still has an article to send
LINES, ASKED, ARTICLE, SENT = range(4)

# body: None when the client went away before the article's end. answer: None when the server did.
Post = collections.namedtuple("Post", "ident body answer length")


class Conversation:
    """What one connection is at, from both sides' octets."""

    def __init__(self, tap):
        self.tap, self.state, self.tail, self.article = tap, LINES, b"", bytearray()

    def from_client(self, data):
        if self.state == ARTICLE:
            self.article += data
            if self.article.endswith(b"\r\n.\r\n"):
                self.state = SENT
                self.tap.happened("sent")
            return
        self.tail = (self.tail + data)[-300:]
        for verb in (b"STAT ", b"BODY "):
            if verb in data:
                self.tap.happened(verb.decode().strip().lower())
        if (b"\r\n" + self.tail).endswith(b"\r\nPOST\r\n"):
            self.state = ASKED

    def from_server(self, data):
        lines = data.split(b"\r\n")
        if self.state == ASKED and any(line.startswith(b"340") for line in lines):
            self.state, self.article, self.tail = ARTICLE, bytearray(), b""
            self.tap.happened("asked")
        elif self.state == ASKED and any(line.startswith(b"440") for line in lines):
            self.state = LINES
        elif self.state == SENT:
            self.note(int(lines[0][:3]))
            self.state, self.tail = LINES, b""
            self.tap.happened("answered")

    def note(self, answer):
        headers, _, body = bytes(self.article).partition(b"\r\n\r\n")
        fields = dict(line.split(b": ", 1) for line in headers.split(b"\r\n") if b": " in line)
        whole = self.state == SENT
        ident = fields.get(b"Message-ID")
        if ident is not None:
            digest = hashlib.blake2b(body, digest_size=16).hexdigest() if whole else None
            self.tap.posts.append(Post(ident.decode(), digest, answer, len(body)))

    def over(self):
        if self.state in (ARTICLE, SENT):
            self.note(None)
            self.state = LINES


class Tap:
    def __init__(self, server_port, rate):
        self.server_port, self.rate, self.posts = server_port, rate, []
        self.watch, self.left, self.call = None, 0, None
        ready = threading.Event()
        threading.Thread(target=lambda: asyncio.run(self.main(ready)), daemon=True).start()
        ready.wait()

    def when(self, event, count, call):
        """Call at the count-th event from now: asked, sent, answered, stat or body. None: never mind."""
        self.watch, self.left, self.call = None, count, call
        self.watch = event

    def happened(self, event):
        if event == self.watch:
            self.left -= 1
            if self.left <= 0:
                self.watch = None
                self.call()

    async def pass_on(self, reader, writer, look):
        try:
            while data := await reader.read(PIECE):
                look(data)
                writer.write(data)
                await writer.drain()
                await asyncio.sleep(len(data) / self.rate)
        except ConnectionError:
            pass
        writer.close()

    async def serve(self, reader, writer):
        talk = Conversation(self)
        try:
            from_server, to_server = await asyncio.open_connection("127.0.0.1", self.server_port)
        except OSError:
            writer.close()
            return
        await asyncio.gather(self.pass_on(reader, to_server, talk.from_client),
                             self.pass_on(from_server, writer, talk.from_server))
        talk.over()

    async def main(self, ready):
        listener = socket.create_server(("127.0.0.1", 0))
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, PIECE)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, WIRE_SEGMENT)
        server = await asyncio.start_server(self.serve, sock=listener, limit=PIECE)
        self.port = listener.getsockname()[1]
        ready.set()
        await server.serve_forever()


def figures(posts):
    """What the posts come to: a dict of counts."""
    whole = [post for post in posts if post.body is not None]
    bodies = collections.defaultdict(set)
    for post in whole:
        bodies[post.ident].add(post.body)
    return {
        "articles": len(bodies),
        "again": len(whole) - len(bodies),
        "refused": sum(post.answer == 441 for post in whole),
        "cut": sum(post.body is None for post in posts),
        "two_bodies": sum(len(set_) > 1 for set_ in bodies.values()),
    }
