#!/usr/bin/env python3
"""Writes the golden files beside it: inputs, and their yEnc bodies by a second, slow encoder."""
import os
import zlib


def encode(data, name, line):
    out = bytearray(b"=ybegin line=%d size=%d name=%s\r\n" % (line, len(data), name))
    column = 0
    for i, byte in enumerate(data):
        c = (byte + 42) % 256
        at_end = column in (0, line - 1) or i == len(data) - 1
        if c in b"\0\n\r=" or (c == ord(".") and column == 0) or (c in b"\t " and at_end):
            out += b"="
            c = (c + 64) % 256
            column += 1
        out.append(c)
        column += 1
        if column >= line:
            out += b"\r\n"
            column = 0
    if column:
        out += b"\r\n"
    return bytes(out + b"=yend size=%d crc32=%08x\r\n" % (len(data), zlib.crc32(data)))


def put(name, data, line=128):
    here = os.path.join(os.path.dirname(os.path.abspath(__file__)), name)
    with open(here + ".in", "wb") as f:
        f.write(data)
    with open(here + ".yenc", "wb") as f:
        f.write(encode(data, (name + ".bin").encode(), line))


def some_bytes(count):
    x, out = 1, bytearray()
    for _ in range(count):
        x = (x * 1103515245 + 12345) & 0x7FFFFFFF
        out.append(x >> 16 & 255)
    return bytes(out)


put("all-bytes", bytes(range(256)) * 3)
put("random", some_bytes(3000))
put("critical", bytes([214, 224, 227, 19, 4, 223, 246]) * 150)
put("one", b"\x04")
put("short-lines", some_bytes(200), 10)
