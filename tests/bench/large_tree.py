#!/usr/bin/python3
"""Make a tree of FILES sparse files, BYTES in all, that take no room: what made_up_bytes.c fills.

    large_tree.py ROOT FILES BYTES [equal]

The sizes differ as those of people's files do (unless they are to be equal): three quarters are small and hold a 13th of the
bytes, one in 64 is large, and those hold half of them. The k-th file has the same size in every tree of the same
FILES and BYTES, and any long stretch of files has the same mix, so that what a file or a GB costs can be compared.
One folder has a fifteenth of all files, the others a hundred each.
"""
import os
import sys

IN_A_FOLDER, FOLDERS_IN_ONE, WIDE_PART = 100, 100, 15
GOLDEN = 0x9E3779B97F4A7C15
# of 64 files so many have sizes up to twice so many times the mean
KINDS = ((1, 30.7), (15, 1.9), (48, 0.1))


def noise(number):
    """Two numbers below 1 from one."""
    x = (number + 1) * GOLDEN & 0xFFFFFFFFFFFFFFFF
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9 & 0xFFFFFFFFFFFFFFFF
    x ^= x >> 27
    return (x & 63), (x >> 16 & 0xFFFFFFFF) / 2**32


def size_of(number, mean):
    kind, part = noise(number)
    for count, times in KINDS:
        if kind < count:
            return int(part * 2 * times * mean) + 1
        kind -= count
    return 1


def fill(folder, numbers, size):
    os.makedirs(folder)
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    for i in numbers:
        file = os.open(f"file {i:08d}.bin", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644, dir_fd=fd)
        os.ftruncate(file, size(i))
        os.close(file)
    os.close(fd)


def main(root, files, total, equal):
    mean = total / files
    size = (lambda _: int(mean)) if equal else lambda i: size_of(i, mean)
    wide = files // WIDE_PART
    for first in range(0, files - wide, IN_A_FOLDER):
        folder = f"{root}/{first // (IN_A_FOLDER * FOLDERS_IN_ONE):03d}/{first // IN_A_FOLDER:06d}"
        fill(folder, range(first, min(first + IN_A_FOLDER, files - wide)), size)
    fill(f"{root}/wide", range(files - wide, files), size)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:] == ["equal"])
