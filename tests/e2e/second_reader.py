#!/usr/bin/python3
"""A second reader, written from docs/format.md alone: restores a public share.

    second_reader.py LINK HOST:PORT TARGET [USER PASSWORD]

LINK may be - (read from standard input). TARGET must not exist or be empty. Needs python3-cryptography
and python3-zstandard. It shares no code with the program; where the two disagree, one of them or the
page is wrong. It reads the newest version and does not repair: a missing article is an error.
"""
import hashlib
import hmac
import os
import socket
import struct
import sys
import time
import zlib

import zstandard
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

S = 786432
P = S - 16
HEAD_PAYLOAD = S - 48
HEAD_CORE = HEAD_PAYLOAD - 132
PAGE_MAX = 65536
DAYS_BACK = 400


class Bad(Exception):
    """What was read is not what the format says."""


def need(condition, text):
    if not condition:
        raise Bad(text)


# Section 1: numbers


def le32(v):
    return struct.pack("<I", v)


def le64(v):
    return struct.pack("<Q", v)


class Cut:
    """Bytes that are taken from the front."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def left(self):
        return len(self.data) - self.at

    def take(self, n):
        need(self.left() >= n, "cut short")
        self.at += n
        return bytes(self.data[self.at - n : self.at])

    def u8(self):
        return self.take(1)[0]

    def le32(self):
        return struct.unpack("<I", self.take(4))[0]

    def le64(self):
        return struct.unpack("<Q", self.take(8))[0]

    def varint(self):
        value = shift = 0
        while True:
            byte = self.u8()
            value |= (byte & 127) << shift
            need(value < 1 << 64 and not (byte == 0 and shift), "bad varint")
            if byte < 128:
                return value
            shift += 7

    def signed(self):
        v = self.varint()
        return v >> 1 ^ -(v & 1)

    def sized(self):
        return self.take(self.varint())


# Section 2: keys


def kdf(key, label, ctx=b""):
    person = (b"u1:" + label.encode()).ljust(16, b"\0")
    return hashlib.blake2b(ctx, digest_size=32, key=key, person=person).digest()


def cid(ck, content):
    return kdf(ck, "cid", content)


def fingerprint(spk):
    return hashlib.blake2b(spk, digest_size=16).digest()


def read_secret(link_secret, fp):
    return kdf(link_secret.ljust(32, b"\0"), "link", fp)


def stream(key, data):
    return Cipher(algorithms.ChaCha20(key, bytes(16)), mode=None).encryptor().update(bytes(data))


# Section 3: segments


class Volume:
    def __init__(self, vk, ck):
        self.vl, self.vd, self.ck = kdf(vk, "locate"), kdf(vk, "data"), ck

    def body_to_payload(self, body, content, index, attempt):
        if attempt > 0:
            body = stream(kdf(self.vl, "mask", content + le32(index) + le32(attempt)), body)
        key = kdf(self.vd, "seg", content + le32(index))
        try:
            plain = ChaCha20Poly1305(key).decrypt(
                bytes(12), bytes(body), b"usync1" + le32(index) + content
            )
        except InvalidTag:
            raise Bad("segment does not open") from None
        need(hmac.compare_digest(cid(self.ck, plain), content), "segment has another content")
        return plain

    def names(self, content, index, attempt):
        ctx = content + le32(index) + le32(attempt)
        return message_id(kdf(self.vl, "mid", ctx)), headers(kdf(self.vl, "hdr", ctx))


# Section 4: names


def base32(data, count):
    digits = "abcdefghijklmnopqrstuvwxyz234567"
    bits = int.from_bytes(data, "big")
    return "".join(digits[bits >> (len(data) * 8 - 5 * (i + 1)) & 31] for i in range(count))


TOPS = ("com", "net", "org")


def message_id(x):
    domain = "".join(chr(97 + b % 26) for b in x[17:26])
    return f"<{base32(x, 26)}@{domain}.{TOPS[x[26] % 3]}>"


def headers(y):
    d = base32(y, 51)
    return f"{d[:8]} <{d[8:16]}@{d[16:25]}.{TOPS[y[31] % 3]}>", d[25:41], d[41:51]


# Section 5: heads

BY_VERSION, BY_DAY = 0, 1


class Reader:
    """The keys of a share's heads."""

    def __init__(self, r):
        self.loc, self.meta = kdf(r, "locate"), kdf(r, "meta")

    def head_id(self, family, number, slot):
        if family == BY_DAY:
            return message_id(kdf(self.loc, "day", le32(number) + le32(slot)))
        return message_id(kdf(self.loc, "head", le64(number) + le32(slot)))

    def head_headers(self, family, number, slot):
        return headers(kdf(self.loc, "hhdr", bytes([family]) + le64(number) + le32(slot)))

    def mask(self, family, number, slot, body):
        return stream(kdf(self.loc, "hmask", bytes([family]) + le64(number) + le32(slot)), body)

    def open_head(self, family, number, slot, body):
        body = self.mask(family, number, slot, body)
        siv = body[:32]
        try:
            payload = ChaCha20Poly1305(kdf(self.meta, "hkey", siv)).decrypt(
                bytes(12), body[32:], b"usync1 head"
            )
        except InvalidTag:
            raise Bad("head does not open") from None
        need(hmac.compare_digest(kdf(kdf(self.meta, "hsiv"), "hsv2", payload), siv), "head siv")
        return payload


def verify(spk, message, signature):
    try:
        Ed25519PublicKey.from_public_bytes(spk).verify(signature, message)
    except InvalidSignature:
        raise Bad("wrong signature") from None


class Head:
    def __init__(self, payload):
        need(len(payload) == HEAD_PAYLOAD, "head length")
        self.core = payload[:HEAD_CORE]
        c = Cut(self.core)
        need(c.u8() == 1, "head version")
        flags = c.u8()
        need(flags < 8, "head flags")
        self.n, self.created = c.le64(), c.le64()
        self.prev, self.spk, self.ck = c.take(32), c.take(32), c.take(32)
        self.generation, self.title = c.le32(), c.sized().decode()
        names = "files directories symlinks others bytes articles root root_mode"
        for name in names.split():
            setattr(self, name, c.varint())
        self.root_mtime = c.signed()
        self.tree, self.volumes, self.older = (
            pointer(c) if flags & bit else None for bit in (1, 2, 4)
        )
        self.metas, m = {}, Cut(c.sized())
        while m.left():
            number = m.varint()
            self.metas[number] = volume_entry(m)
        secrets = c.sized()
        need(len(secrets) % 36 == 0, "older secrets")
        self.next_folder, self.next_volume = c.varint(), c.varint()
        self.inlined = c.sized()
        need(not any(self.core[c.at :]), "bytes behind the head")
        tail = Cut(payload[HEAD_CORE:])
        self.day, self.alive_signature, self.signature = tail.le32(), tail.take(64), tail.take(64)
        self.hash = kdf(self.ck, "headhash", self.core)

    def check(self, fp):
        need(fingerprint(self.spk) == fp, "another share's head")
        verify(self.spk, b"usync1 head" + self.core, self.signature)
        verify(self.spk, b"usync1 alive" + self.hash + le32(self.day), self.alive_signature)


# Section 6: the manifest


def pointer(c):
    return c.varint(), c.varint(), c.varint(), c.varint(), c.take(32)


def unpack(stored):
    c = Cut(stored)
    coding, length = c.u8(), c.le32()
    rest = c.take(c.left())
    need(coding in (0, 1) and 0 < length <= 262144, "object coding")
    plain = rest if coding == 0 else inflate(rest, length)
    need(len(plain) == length, "object length")
    return plain


def inflate(frame, length):
    plain = zstandard.ZstdDecompressor().decompress(frame, max_output_size=length)
    need(len(plain) == length, "zstd length")
    return plain


def extents(c):
    """Yields (kind, fields ...) until the run is at its end."""
    volume = index = 0
    while c.left():
        tag = c.u8()
        need(1 <= tag <= 5, "extent tag")
        if tag >= 4:
            yield "hole", c.varint() * (P if tag == 4 else 1)
            continue
        volume, index = volume + c.signed(), index + c.signed()
        if tag == 1:
            count = c.varint()
            for i in range(count):
                yield "raw", volume, index + i
            index += count
            continue
        offset, stored = c.varint(), c.varint()
        plain = c.varint() if tag == 3 else stored
        following = None
        if volume and offset + stored > P:
            following = index + 1 + c.signed()
        yield "packed", volume, index, offset, stored, plain, tag == 3, following, c.take(16)
        index = index if following is None else following


def page(plain):
    """(level, [(key, value)])"""
    c = Cut(plain)
    kind, level = c.u8(), c.u8()
    need(kind in (1, 2) and (kind == 1) == (level == 0) and level < 6, "page kind")
    entries, key = [], b""
    for _ in range(c.varint()):
        shared = c.varint()
        following = key[:shared] + c.sized()
        need(shared <= len(key) and following > key, "page order")
        key = following
        entries.append((key, c.sized()))
    need(entries and not c.left(), "page end")
    return level, entries


def volume_entry(c):
    kind, k, m, vk = c.u8(), c.varint(), c.varint(), c.take(32)
    need(kind in (1, 2) and 1 <= k <= 4096 and m <= max(k, 8), "volume entry")
    form = c.u8()
    need(form in (0, 1), "cid list form")
    listed = c.take(32 * (k + m)) if form == 0 else pointer(c)
    attempts, changed = {}, {}
    a = Cut(c.sized())
    while a.left():
        i = a.varint()
        attempts[i] = a.le32()
    a = Cut(c.sized())
    while a.left():
        i = a.varint()
        changed[i] = a.sized().decode("ascii")
    return {"kind": kind, "k": k, "m": m, "vk": vk, "list": listed, "attempts": attempts, "changed": changed}


# Section 8: strings

CHARSET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def polymod(values):
    check = 1
    for v in values:
        top, check = check >> 25, (check & 0x1FFFFFF) << 5 ^ v
        for i, g in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            check ^= g if top >> i & 1 else 0
    return check


def bech32m(text):
    need(text in (text.lower(), text.upper()), "mixed case")
    hrp, _, rest = text.lower().rpartition("1")
    values = [CHARSET.index(ch) for ch in rest]
    expanded = [ord(ch) >> 5 for ch in hrp] + [0] + [ord(ch) & 31 for ch in hrp]
    need(polymod(expanded + values) == 0x2BC830A3, "typing mistake")
    bits = "".join(f"{v:05b}" for v in values[:-6])
    need(len(bits) % 8 < 5 and "1" not in bits[len(bits) // 8 * 8 :], "padding")
    return hrp, bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits) // 8 * 8, 8))


def public_link(text):
    text = text.strip()
    text = text[6:] if text[:6].lower() == "usync:" else text
    hrp, data = bech32m(text)
    need(hrp == "usync" and len(data) == 41 and data[0] == 1, "not a public link")
    return data[1:25], data[25:]


# The network: RFC 3977, and yEnc


class Server:
    def __init__(self, address, login):
        host, _, port = address.rpartition(":")
        self.file = socket.create_connection((host.strip("[]"), int(port)), 30).makefile("rwb")
        need(self.status()[:2] == "20", "no greeting")
        if login:
            answer = self.command("AUTHINFO USER " + login[0])
            if answer[:3] == "381":
                answer = self.command("AUTHINFO PASS " + login[1])
            need(answer[:3] == "281", "login: " + answer)

    def status(self):
        line = self.file.readline(4096)
        need(line.endswith(b"\r\n"), "connection lost")
        return line.decode("latin-1").strip()

    def command(self, text):
        self.file.write(text.encode() + b"\r\n")
        self.file.flush()
        return self.status()

    def body(self, ident):
        """The S bytes that the article carries; None if the server has none."""
        answer = self.command("BODY " + ident)
        if answer[:3] == "430":
            return None
        need(answer[:3] == "222", "BODY: " + answer)
        lines = []
        while True:
            line = self.file.readline(4096)
            need(line.endswith(b"\r\n"), "connection lost")
            if line == b".\r\n":
                return yenc(lines)
            lines.append(line[1:-2] if line.startswith(b"..") else line[:-2])


UNSHIFT = bytes((i - 42) & 255 for i in range(256))


def yenc(lines):
    start = next((i for i, line in enumerate(lines) if line.startswith(b"=ybegin ")), None)
    end = next((i for i, line in enumerate(lines) if line.startswith(b"=yend ")), None)
    need(start is not None and end is not None, "not yEnc")
    parts = b"".join(lines[start + 1 : end]).split(b"=")
    out = parts[0].translate(UNSHIFT) + b"".join(
        bytes([(p[0] - 106) & 255]) + p[1:].translate(UNSHIFT) for p in parts[1:]
    )
    crc = int(dict(w.split(b"=", 1) for w in lines[end].split()[1:])[b"crc32"], 16)
    need(len(out) == S and zlib.crc32(out) == crc, "damaged article")
    return out


# Reading a share (section 11)


class Share:
    def __init__(self, server, link):
        self.server = server
        secret, self.fp = public_link(link)
        self.reader = Reader(read_secret(secret, self.fp))
        self.head = self.newest()
        self.cache, self.entries, self.lists = {}, dict(self.head.metas), {}

    def look(self, family, number):
        for slot in range(3):
            try:
                body = self.server.body(self.reader.head_id(family, number, slot))
                if body is None:
                    continue
                head = Head(self.reader.open_head(family, number, slot, body))
                head.check(self.fp)
            except Bad:
                continue
            if number == (head.day if family == BY_DAY else head.n):
                return head
        return None

    def newest(self):
        today = int(time.time()) // 86400
        best = None
        for day in range(today + 1, today - DAYS_BACK, -1):
            best = self.look(BY_DAY, day)
            if best:
                break
        n, step = (best.n if best else 0), 1
        while step <= 64:
            found = self.look(BY_VERSION, n + step)
            if found:
                best, n, step = found, found.n, 1
            else:
                step *= 2
        need(best is not None, "no share was found for this link")
        return best

    def segment(self, volume, index):
        if (volume, index) not in self.cache:
            e = self.entry(volume)
            need(index < e["k"], "no such segment")
            content = self.cids(volume, e)[32 * index : 32 * index + 32]
            keys, attempt = Volume(e["vk"], self.head.ck), e["attempts"].get(index, 0)
            ident = e["changed"].get(index) or keys.names(content, index, attempt)[0]
            body = self.server.body(ident)
            need(body is not None, f"article {ident} is gone")
            if len(self.cache) >= 64:
                self.cache.pop(next(iter(self.cache)))
            self.cache[volume, index] = keys.body_to_payload(body, content, index, attempt)
        return self.cache[volume, index]

    def cids(self, volume, e):
        if isinstance(e["list"], bytes):
            return e["list"]
        if volume not in self.lists:
            self.lists[volume] = self.object(e["list"])
            need(len(self.lists[volume]) == 32 * (e["k"] + e["m"]), "cid list")
        return self.lists[volume]

    def entry(self, volume):
        if volume not in self.entries:
            key = struct.pack(">I", volume)
            for root in (self.head.volumes, self.head.older):
                for _, value in self.tree(root, key, key + b"\0"):
                    self.entries[volume] = volume_entry(Cut(value))
            need(volume in self.entries, f"volume {volume} is not listed")
        return self.entries[volume]

    def span(self, volume, index, offset, length, following):
        if volume == 0:
            need(offset + length <= len(self.head.inlined), "inline stream")
            return self.head.inlined[offset : offset + length]
        front = self.segment(volume, index)[offset : offset + length]
        rest = length - len(front)
        return front + (self.segment(volume, following)[:rest] if rest else b"")

    def object(self, at):
        volume, segment, offset, length, expected = at
        stored = self.span(volume, segment, offset, length, segment + 1)
        need(cid(self.head.ck, stored) == expected, "object hash")
        return unpack(stored)

    def tree(self, root, first, end):
        """Yields the entries of a key range."""
        if root is None:
            return
        plain = self.object(root)
        need(len(plain) <= PAGE_MAX, "page length")
        level, entries = page(plain)
        for i, (key, value) in enumerate(entries):
            after = entries[i + 1][0] if i + 1 < len(entries) else None
            if level == 0 and first <= key < end:
                yield key, value
            elif level > 0 and key < end and (after is None or after > first):
                yield from self.tree(pointer(Cut(value)), first, end)

    def listing(self, folder):
        for key, value in self.tree(self.head.tree, struct.pack(">Q", folder), struct.pack(">Q", folder + 1)):
            name = key[8:]
            need(0 < len(name) < 256 and name not in (b".", b"..") and b"/" not in name and b"\0" not in name, "name")
            yield name, Cut(value)

    def runs(self, depth, data):
        if depth == 0:
            yield from extents(Cut(data))
            return
        c = Cut(data)
        while c.left():
            yield from self.runs(depth - 1, self.object(pointer(c)))

    def pieces(self, depth, data):
        for kind, *e in self.runs(depth, data):
            if kind == "hole":
                yield bytes(0), e[0]
            elif kind == "raw":
                yield self.segment(*e), 0
            else:
                volume, index, offset, stored, length, zstd, following, item = e
                plain = self.span(volume, index, offset, stored, following)
                plain = inflate(plain, length) if zstd else plain
                need(cid(self.head.ck, plain)[:16] == item, "item id")
                yield plain, 0


class Restore:
    def __init__(self, share, target):
        self.share, self.target, self.folders, self.links, self.late = share, os.fsencode(target), {}, [], []
        self.counts = {"files": 0, "directories": 0, "symlinks": 0, "others": 0, "bytes": 0}

    def run(self):
        head = self.share.head
        os.makedirs(self.target, exist_ok=True)
        need(not os.listdir(self.target), "the target is not empty")
        self.late.append((self.target, head.root_mode, head.root_mtime))
        self.folder(self.target, head.root)
        for folder, name, path in self.links:
            os.link(os.path.join(self.folders[folder], name), path)
        for path, mode, mtime in reversed(self.late):
            os.chmod(path, mode)
            os.utime(path, ns=(mtime, mtime))
        for name, count in self.counts.items():
            need(count == getattr(head, name), f"{name}: {count}, the head says {getattr(head, name)}")

    def folder(self, path, folder):
        need(folder not in self.folders, "a folder twice")
        self.folders[folder] = path
        inner = []
        for name, c in self.share.listing(folder):
            kind, flags = c.u8(), c.u8()
            need(1 <= kind <= 4 and flags == 0, "record type")
            here = os.path.join(path, name)
            if kind == 4:
                self.counts["others"] += 1
                self.links.append((c.varint(), c.sized(), here))
            else:
                mode, mtime = c.varint(), c.signed()
                need(mode <= 0o777, "mode")
                self.entry(kind, here, mode, mtime, c, inner)
            need(not c.left(), "record end")
        for here, child in inner:
            self.folder(here, child)

    def entry(self, kind, here, mode, mtime, c, inner):
        if kind == 1:
            self.counts["directories"] += 1
            os.mkdir(here)
            inner.append((here, c.varint()))
            self.late.append((here, mode, mtime))
        elif kind == 3:
            self.counts["symlinks"] += 1
            os.symlink(c.sized(), here)
            os.utime(here, ns=(mtime, mtime), follow_symlinks=False)
        else:
            self.counts["files"] += 1
            self.file(here, c)
            os.chmod(here, mode)
            os.utime(here, ns=(mtime, mtime))

    def file(self, here, c):
        size, depth, data = c.varint(), c.u8(), c.sized()
        need(depth <= 3, "depth")
        with open(here, "xb") as out:
            for plain, hole in self.share.pieces(depth, data):
                out.write(plain)
                out.seek(hole, os.SEEK_CUR)
            out.truncate()
            need(out.tell() == size, "file size")
        self.counts["bytes"] += size


def main(args):
    if len(args) not in (3, 5):
        print(__doc__.strip(), file=sys.stderr)
        return 2
    link = sys.stdin.readline() if args[0] == "-" else args[0]
    try:
        share = Share(Server(args[1], args[3:]), link)
        Restore(share, args[2]).run()
    except (Bad, OSError) as problem:
        print(f"second_reader: {problem}", file=sys.stderr)
        return 1
    head = share.head
    print(f"restored version {head.n}: {head.files} files, {head.bytes} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
