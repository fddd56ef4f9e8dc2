#!/usr/bin/python3
"""Takes articles of a share away from newsd's spool, as a network does that forgets.

    spool_loss.py SPOOL LINK HOST:PORT SEED WHAT...     what to take, at random but by the seed
    spool_loss.py SPOOL LINK HOST:PORT SEED             only list the volumes

WHAT is KIND[.VOLUME]=COUNT: KIND data or parity (of data volumes), meta or metaparity (of meta volumes), each
for every volume or for the one named; head: copies of the newest head; any: all of these in one heap. COUNT is a
number, all, or so many in a hundred (9%); with a `~` in front the articles stay but arrive damaged. LINK may be -
(standard input).

Every article that was taken is a line: KIND VOLUME INDEX MESSAGE-ID; a volume's line is KIND VOLUME K M. The
articles are found by docs/format.md (second_reader.py), so that what is taken is what the page says.
"""
import os
import random
import sys
import time

from second_reader import BY_DAY, BY_VERSION, Cut, Server, Share, Volume, volume_entry


def spool_files(spool):
    """Message-ID to file."""
    found = {}
    for folder, _, names in os.walk(os.path.join(spool, "articles")):
        for name in names:
            path = os.path.join(folder, name)
            with open(path, "rb") as file:
                head = file.read(4096).split(b"\r\n\r\n")[0]
            for line in head.split(b"\r\n"):
                if line.lower().startswith(b"message-id:"):
                    found[line.split(b":", 1)[1].strip().decode()] = path
    return found


def damage(path):
    """Another byte somewhere in the body; the length stays."""
    with open(path, "r+b") as file:
        at = os.path.getsize(path) // 2
        while True:
            file.seek(at)
            byte = file.read(1)[0]
            other = byte ^ 1
            if not {byte, other} & set(b"\0\r\n=.}@JnM"):
                break
            at += 1
        file.seek(at)
        file.write(bytes([other]))


class Articles:
    """Every article of the newest version: ids[kind][volume] is a list of (index, Message-ID)."""

    def __init__(self, link, address):
        self.share = Share(Server(address, []), link)
        head = self.share.head
        self.volumes = []
        self.ids = {"data": {}, "parity": {}, "meta": {}, "metaparity": {}, "head": {}}
        for number, entry in head.metas.items():
            self.add(number, entry)
        for root in (head.older, head.volumes):
            for key, value in self.share.tree(root, b"", b"\xff" * 5):
                self.add(int.from_bytes(key, "big"), volume_entry(Cut(value)))
        places = [(BY_VERSION, head.n), (BY_DAY, int(time.time()) // 86400)]
        self.ids["head"][0] = [
            (slot, self.share.reader.head_id(*place, slot)) for place in places for slot in range(64)
        ]

    def add(self, number, entry):
        names = ("data", "parity") if entry["kind"] == 1 else ("meta", "metaparity")
        cids = self.share.cids(number, entry)
        keys = Volume(entry["vk"], self.share.head.ck)
        self.volumes.append((names[0], number, entry["k"], entry["m"]))
        for kind, first, count in ((names[0], 0, entry["k"]), (names[1], entry["k"], entry["m"])):
            self.ids[kind][number] = [
                (i, entry["changed"].get(i) or self.name(keys, cids, entry, i))
                for i in range(first, first + count)
            ]

    @staticmethod
    def name(keys, cids, entry, i):
        return keys.names(cids[32 * i : 32 * i + 32], i, entry["attempts"].get(i, 0))[0]


def heaps(articles, files, where):
    """What is taken from: lists of (kind, volume, index, Message-ID), in an order that only the layout decides."""
    kind, _, number = where.partition(".")
    heap = []
    for name, volumes in articles.ids.items():
        for volume, places in sorted(volumes.items()):
            there = [(name, volume, *place) for place in places if place[1] in files]
            if kind == "any":
                heap += there
            elif name == kind and number in ("", str(volume)):
                yield there
    if kind == "any":
        yield heap


def how_many(count, there):
    if count == "all":
        return there
    return round(there * float(count[:-1]) / 100) if count.endswith("%") else int(count)


def take(articles, files, what, dice):
    where, _, count = what.partition("=")
    lost = not count.startswith("~")
    for heap in heaps(articles, files, where):
        wanted = how_many(count.strip("~"), len(heap))
        if wanted > len(heap):
            sys.exit(f"{what}: there are only {len(heap)}")
        for kind, volume, index, ident in sorted(dice.sample(heap, wanted)):
            if lost:
                os.remove(files.pop(ident))
            else:
                damage(files.pop(ident))
            print(kind, volume, index, ident)


def main():
    if len(sys.argv) < 5:
        sys.exit(__doc__)
    spool, link, address, seed = sys.argv[1:5]
    articles = Articles(sys.stdin.readline() if link == "-" else link, address)
    if len(sys.argv) == 5:
        for row in articles.volumes:
            print(*row)
        return
    files = spool_files(spool)
    dice = random.Random(seed)
    for what in sys.argv[5:]:
        take(articles, files, what, dice)


if __name__ == "__main__":
    main()
