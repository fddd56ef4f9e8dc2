"""What somebody can do who holds a share's link, or its server: articles forged under the read keys, squatted
addresses, old heads in the places of new ones. By docs/format.md (second_reader.py). Import it.
"""
import os
import re
import time
import zlib

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

import second_reader
from second_reader import BY_DAY, BY_VERSION, HEAD_CORE, P, S, Share, Volume, kdf, le32, le64, stream
from spool_loss import Articles

LINE = 128
SHIFT = bytes((i + 42) & 255 for i in range(256))


def yenc(data, name=b"x"):
    """An article's raw body."""
    lines = [b"=ybegin line=%d size=%d name=%s" % (LINE, len(data), name)]
    shifted = data.translate(SHIFT)
    for at in range(0, len(shifted), LINE):
        line = re.sub(rb"[\0\r\n=]", lambda m: bytes((61, (m[0][0] + 64) & 255)), shifted[at : at + LINE])
        lines.append(b"." + line if line.startswith(b".") else line)
    lines.append(b"=yend size=%d crc32=%08x" % (len(data), zlib.crc32(data)))
    return b"\r\n".join(lines) + b"\r\n"


def today():
    return int(time.time()) // 86400


class Forger:
    """Of the newest version of a trial's share; the server's script must be empty."""

    def __init__(self, trial):
        self.server, address = trial.server, f"127.0.0.1:{trial.server.port}"
        self.articles = Articles(trial.link, address)
        self.share = self.articles.share
        self.reader = self.share.reader
        self.kept = set(self.server.kept())

    def ids(self, *kinds):
        """Of what is there, in its order."""
        found = [ident for kind in kinds for places in self.articles.ids[kind].values() for _, ident in places]
        return [ident for ident in found if ident in self.kept]

    def mark(self, action, *kinds, count=None):
        ids = self.ids(*kinds)[:count]
        for ident in ids:
            self.server.mark(ident, action)
        return len(ids)

    def segments(self, kind):
        """(VolumeKeys, cid, index, attempt, id) of every segment of a kind."""
        for number, places in self.articles.ids[kind].items():
            entry = self.share.entry(number)
            keys, cids = Volume(entry["vk"], self.share.head.ck), self.share.cids(number, entry)
            for index, ident in places:
                yield keys, cids[32 * index : 32 * index + 32], index, entry["attempts"].get(index, 0), ident

    def forge_data(self, count):
        """Segments whose tag is right, since readers know the key, with other contents."""
        for keys, cid, index, attempt, ident in list(self.segments("data"))[:count]:
            key = kdf(keys.vd, "seg", cid + le32(index))
            aad = b"usync1" + le32(index) + cid
            body = ChaCha20Poly1305(key).encrypt(bytes(12), os.urandom(P), aad)
            if attempt > 0:
                body = stream(kdf(keys.vl, "mask", cid + le32(index) + le32(attempt)), body)
            self.server.put(ident, yenc(body))

    def forge_parity(self, count):
        for *_, ident in list(self.segments("parity"))[:count]:
            self.server.put(ident, yenc(os.urandom(S)))

    def head_body(self, family, number, slot, payload):
        """A head's article for that place, as whoever has the link can make it."""
        siv = kdf(kdf(self.reader.meta, "hsiv"), "hsv2", payload)
        sealed = ChaCha20Poly1305(kdf(self.reader.meta, "hkey", siv)).encrypt(bytes(12), payload, b"usync1 head")
        return yenc(self.reader.mask(family, number, slot, siv + sealed))

    def payload(self, family, number):
        """The newest head's, as it lies at that address."""
        for slot in range(64):
            body = self.share.server.body(self.reader.head_id(family, number, slot))
            if body is not None:
                return self.reader.open_head(family, number, slot, body)
        return None

    def put_heads(self, family, number, slots, payload):
        for slot in slots:
            self.server.put(self.reader.head_id(family, number, slot), self.head_body(family, number, slot, payload))

    def squat(self, family, number, slots, body):
        for slot in slots:
            self.server.put(self.reader.head_id(family, number, slot), body)

    def forge_next_head(self):
        """Versions n + 1 and today's, with contents of our own and the signature of another head."""
        n = self.share.head.n
        payload = bytearray(self.payload(BY_VERSION, n))
        payload[2:10] = le64(n + 1)
        self.put_heads(BY_VERSION, n + 1, range(3), bytes(payload))
        self.put_heads(BY_DAY, today(), range(3, 6), bytes(payload))
        payload[HEAD_CORE - 1] ^= 1
        self.put_heads(BY_VERSION, n + 2, range(3), bytes(payload))


__all__ = ["BY_DAY", "BY_VERSION", "Forger", "Share", "second_reader", "today", "yenc"]
