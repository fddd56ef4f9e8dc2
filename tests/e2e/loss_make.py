#!/usr/bin/python3
"""Makes the share of test_loss.sh, the same every time: loss_make.py FOLDER VERSION (1, then 2).

Big and small files that do not shrink, and symlinks with so long targets that the listing needs a volume of its own.
"""
import base64
import os
import random
import sys


def put(top, name, size):
    path = os.path.join(top, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(random.Random(name).randbytes(size))


def main():
    top, version = sys.argv[1], int(sys.argv[2])
    for i in range(1, 25) if version == 1 else range(25, 33):
        put(top, f"big/{i}", 7 * 1024 * 1024 + i * 12345)
    for i in range(1, 301) if version == 1 else range(301, 331):
        put(top, f"small/{i % 7}/{i}", i * 311)
    os.makedirs(os.path.join(top, "links"), exist_ok=True)
    for i in range(1, 701) if version == 1 else range(701, 801):
        target = base64.b64encode(random.Random(i).randbytes(2200)).decode()
        os.symlink(target, os.path.join(top, "links", str(i)))
    if version == 1:
        put(top, "one", 3000000)
        os.mkdir(os.path.join(top, "empty"))
        os.symlink("big/1", os.path.join(top, "link"))
    else:
        os.remove(os.path.join(top, "big/2"))


if __name__ == "__main__":
    main()
