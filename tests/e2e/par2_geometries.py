#!/usr/bin/env python3
"""Random small PAR2 sets, made by our program and by Debian's par2, each judged by the other.

    par2_geometries.py PROGRAM WORK COUNT [SEED]

For each geometry: both make .par2 files of the same data; their packets must be the same, byte for
byte. Then a random number of slices, from none to all that the recovery slices can bring back, is
destroyed; the one repairs what the other protected, and the files must be as before. With one more
slice destroyed the answer is "not possible" (exit code 2) and no file changes.
"""
import os
import random
import shutil
import subprocess
import sys

MAGIC = b"PAR2\0PKT"
KEEP = (b"PAR 2.0\0Main\0\0\0\0", b"PAR 2.0\0FileDesc", b"PAR 2.0\0IFSC\0\0\0\0", b"PAR 2.0\0RecvSlic")


class Wrong(Exception):
    pass


def packets(folder):
    """All packets in the .par2 files of a folder: (type, hash) -> bytes."""
    found = {}
    for name in os.listdir(folder):
        if not name.endswith(".par2"):
            continue
        with open(os.path.join(folder, name), "rb") as file:
            data = file.read()
        at = 0
        while at < len(data):
            if data[at:at + 8] != MAGIC:
                raise Wrong(f"{name}: no packet at {at}")
            length = int.from_bytes(data[at + 8:at + 16], "little")
            packet = data[at:at + length]
            if packet[48:64] in KEEP:
                found[(packet[48:64], packet[16:32])] = packet
            at += length
    return found


def tree(folder):
    """The files of a folder without .par2 files and what a repair set aside."""
    found = {}
    for path, _, names in os.walk(folder):
        for name in names:
            full = os.path.join(path, name)
            if not name.endswith(".par2") and not name.rsplit(".", 1)[-1].isdigit():
                with open(full, "rb") as file:
                    found[os.path.relpath(full, folder)] = file.read()
    return found


def run(want, *command, cwd):
    done = subprocess.run(command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120)
    if done.returncode != want:
        tail = done.stdout.decode("utf-8", "replace")[-600:]
        raise Wrong(f"exit code {done.returncode}, not {want}: {' '.join(command)}\n{tail}")


class Geometry:
    def __init__(self, rng):
        self.rng = rng
        self.slice = 4 * rng.choice([1, 2, 5, 16, 33, 128, 250, 1000, 1024, 4096, 16384, rng.randint(1, 20000)])
        budget = min(1_000_000, self.slice * rng.choice([3, 20, 60, 200]))
        self.files = {}
        for i in range(rng.choice([1, 1, 2, 3, 5, 9])):
            size = min(budget, rng.choice([1, self.slice, self.slice * 2, rng.randint(1, max(1, budget // 2))]))
            name = f"{rng.choice(['', '', 'sub/', 'sub/deep er/'])}f{i}{rng.choice(['', '.bin', ' x', chr(228)])}"
            size = max(8, size)
            if size % self.slice in (1, 2):  # two such short slices are too often the same
                size += 2
            self.files[name + "_"] = rng.randbytes(size)
        self.slices = [(name, k) for name, data in self.files.items() for k in range(-(-len(data) // self.slice))]
        self.recovery = rng.choice([1, 2, 3, rng.randint(1, 12), rng.randint(1, 60)])
        self.first = rng.choice([0, 0, 0, 1, 7, rng.randint(0, 30000)])
        self.options = [f"-s{self.slice}", f"-c{self.recovery}", f"-f{self.first}"]
        scheme = rng.randrange(4)
        if scheme == 0:
            self.options += ["-u"]
        elif scheme == 1:
            self.options += [f"-n{rng.randint(1, min(6, self.recovery.bit_length()))}"]
        self.memory = rng.choice([[], [], ["-m1"], ["-m16"]])

    def __str__(self):
        sizes = {name: len(data) for name, data in self.files.items()}
        return f"{' '.join(self.options)} {self.memory} {sizes}"

    def lay(self, folder):
        os.makedirs(folder)
        for name, data in self.files.items():
            path = os.path.join(folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(data)

    def destroy(self, folder, count):
        """Make exactly `count` slices unusable; files of which nothing is left may go altogether."""
        lost = self.rng.sample(self.slices, count)
        for name, data in self.files.items():
            mine = [k for other, k in lost if other == name]
            path = os.path.join(folder, name)
            whole = len(mine) == -(-len(data) // self.slice)
            if whole and self.rng.random() < 0.5:
                os.remove(path)
                continue
            bad = bytearray(data)
            for k in mine:
                at = self.rng.randrange(k * self.slice, min(len(data), (k + 1) * self.slice))
                bad[at] ^= self.rng.randint(1, 255)
            if mine:
                with open(path, "wb") as file:
                    file.write(bad)


def create(program, geometry, folder):
    run(0, *program, "c", "-q", *geometry.options, *geometry.memory, "set.par2", *geometry.files, cwd=folder)


def judge(program, geometry, folder):
    """`program` repairs in a folder where the other one made the .par2 files."""
    rng = geometry.rng
    most = min(geometry.recovery, len(geometry.slices))
    run(0, *program, "v", "-q", "set.par2", cwd=folder)
    count = rng.choice([0, most, rng.randint(0, most)])
    geometry.destroy(folder, count)
    if count > 0:
        run(1, *program, "v", "-q", "set.par2", cwd=folder)
    run(0, *program, "r", "-q", *geometry.memory, "set.par2", cwd=folder)
    if tree(folder) != geometry.files:
        raise Wrong("the repaired files are not what they were")
    if len(geometry.slices) > geometry.recovery:
        geometry.destroy(folder, geometry.recovery + 1)
        before = tree(folder)
        run(2, *program, "r", "-q", "set.par2", cwd=folder)
        if tree(folder) != before:
            raise Wrong("a repair that is not possible changed files")


def one(ours, work, geometry):
    theirs = ("par2",)
    folders = [os.path.join(work, "ours"), os.path.join(work, "theirs")]
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
        geometry.lay(folder)
    create(ours, geometry, folders[0])
    create(theirs, geometry, folders[1])
    names = [sorted(n for n in os.listdir(f) if n.endswith(".par2")) for f in folders]
    if names[0] != names[1]:
        raise Wrong(f"other names: {names}")
    mine, other = packets(folders[0]), packets(folders[1])
    if mine != other:
        raise Wrong(f"other packets: {len(mine)} and {len(other)}, {len(set(mine) & set(other))} the same")
    judge(theirs, geometry, folders[0])
    judge(ours, geometry, folders[1])


def main():
    program, work, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    seed = int(sys.argv[4]) if len(sys.argv) > 4 else random.randrange(1 << 32)
    print(f"-- {count} geometries, seed {seed}", flush=True)
    slices = recovery = 0
    for i in range(count):
        geometry = Geometry(random.Random(f"{seed}/{i}"))
        slices += len(geometry.slices)
        recovery += geometry.recovery
        try:
            one((program, "par2"), work, geometry)
        except (Wrong, OSError, subprocess.TimeoutExpired) as error:
            sys.exit(f"FAILED: geometry {i} of seed {seed}: {error}\n{geometry}")
    print(f"-- all the same: {slices} slices, {recovery} recovery slices")


if __name__ == "__main__":
    main()
