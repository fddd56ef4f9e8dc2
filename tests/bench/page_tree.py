#!/usr/bin/python3
"""Make a tree of FILES small files, no two alike, WIDE of them in one folder, the others by the hundred.

    page_tree.py ROOT FILES WIDE
"""
import os
import random
import sys

IN_A_FOLDER, FOLDERS_IN_ONE = 100, 100
NOISE, LEN_MAX = 1 << 16, 200


def fill(folder, name, numbers, noise):
    """Of each file the contents begin with its number: nothing is there twice."""
    os.makedirs(folder)
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    for i in numbers:
        at = i * 37 % (NOISE - LEN_MAX)
        file = os.open(name % i, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644, dir_fd=fd)
        os.write(file, b"%d " % i + noise[at:at + 20 + i % (LEN_MAX - 20)])
        os.close(file)
    os.close(fd)


def main(root, files, wide):
    noise = random.Random(files).randbytes(NOISE)
    fill(f"{root}/wide", "photo %06d of a wide folder.jpg", range(wide), noise)
    for first in range(0, files - wide, IN_A_FOLDER):
        folder = f"{first // (IN_A_FOLDER * FOLDERS_IN_ONE):03d}/{first // IN_A_FOLDER:06d}"
        fill(f"{root}/{folder}", "a small file %07d.dat", range(first, min(first + IN_A_FOLDER, files - wide)), noise)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
