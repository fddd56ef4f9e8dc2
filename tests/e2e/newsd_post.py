#!/usr/bin/python3
"""A plain poster: one file in segments to a news server, and the NZB that says where they are.

    newsd_post.py HOST PORT CA|- USER PASSWORD_FILE FILE NZB SEGMENT_BYTES

It shares no code with the program: standard library, RFC 3977 and the yEnc draft 1.3 alone. With a CA
file it speaks TLS and checks the server's name.
"""
import binascii
import os
import socket
import ssl
import sys
import time
import uuid
from xml.sax.saxutils import quoteattr

GROUP = "alt.binaries.test"
LINE = 128


def yenc_lines(data):
    line = bytearray()
    for octet in data:
        coded = (octet + 42) & 255
        if coded in b"\0\n\r=" or (coded == 0x2e and not line):
            line += bytes((0x3d, (coded + 64) & 255))
        else:
            line.append(coded)
        if len(line) >= LINE:
            yield bytes(line)
            line.clear()
    if line:
        yield bytes(line)


class Server:
    def __init__(self, host, port, ca):
        sock = socket.create_connection((host, port), 30)
        if ca != "-":
            sock = ssl.create_default_context(cafile=ca).wrap_socket(sock, server_hostname=host)
        self.stream = sock.makefile("rwb")
        self.expect("20")

    def expect(self, code):
        reply = self.stream.readline().decode("latin-1").rstrip()
        if not reply.startswith(code):
            sys.exit("the server said %r, not %s" % (reply, code))
        return reply

    def ask(self, command, code):
        self.stream.write(command.encode() + b"\r\n")
        self.stream.flush()
        return self.expect(code)

    def post(self, lines):
        self.ask("POST", "340")
        for line in lines:
            self.stream.write((b"." + line if line.startswith(b".") else line) + b"\r\n")
        self.stream.write(b".\r\n")
        self.stream.flush()
        self.expect("240")


def article(name, data, size, begin, place):
    """`place`: (part, parts, Message-ID)."""
    part, parts, message_id = place
    for line in ("From: poster <poster@example.com>", "Newsgroups: " + GROUP,
                 'Subject: "%s" yEnc (%d/%d)' % (name, part, parts), "Message-ID: <%s>" % message_id,
                 "", "=ybegin part=%d total=%d line=%d size=%d name=%s"
                 % (part, parts, LINE, size, name),
                 "=ypart begin=%d end=%d" % (begin + 1, begin + len(data))):
        yield line.encode()
    yield from yenc_lines(data)
    yield ("=yend size=%d part=%d pcrc32=%08x" % (len(data), part, binascii.crc32(data))).encode()


def write_nzb(path, name, segments):
    rows = "".join('   <segment bytes="%d" number="%d">%s</segment>\n' % row for row in segments)
    with open(path, "w", encoding="utf-8") as file:
        file.write('<?xml version="1.0" encoding="UTF-8"?>\n'
                   '<nzb xmlns="http://www.newzbin.com/DTD/2003/nzb">\n'
                   ' <file poster="poster" date="%d" subject=%s>\n'
                   '  <groups><group>%s</group></groups>\n  <segments>\n%s  </segments>\n'
                   ' </file>\n</nzb>\n' % (time.time(), quoteattr('"%s" yEnc (1/%d)'
                                           % (name, len(segments))), GROUP, rows))


def main():
    host, port, ca, user, password_file, path, nzb, segment = sys.argv[1:]
    with open(path, "rb") as file:
        data = file.read()
    with open(password_file, encoding="utf-8") as file:
        password = file.readline().rstrip("\n")
    server = Server(host, int(port), ca)
    server.ask("AUTHINFO USER " + user, "381")
    server.ask("AUTHINFO PASS " + password, "281")
    step = int(segment)
    name = os.path.basename(path)
    parts = -(-len(data) // step)
    segments = []
    for part in range(1, parts + 1):
        message_id = uuid.uuid4().hex + "@example.com"
        piece = data[(part - 1) * step:part * step]
        server.post(article(name, piece, len(data), (part - 1) * step, (part, parts, message_id)))
        server.ask("STAT <%s>" % message_id, "223")
        segments.append((len(piece), part, message_id))
    server.ask("QUIT", "205")
    write_nzb(nzb, name, segments)


if __name__ == "__main__":
    main()
