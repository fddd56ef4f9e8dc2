#!/usr/bin/python3
"""Change files all the time while they are shared, and judge what was published.

    mutate.py WORK NEWSD_PORT ROUNDS [SEED]      USENETSYNC is the program

Every line of a file tells the file's id, its own number and its generation. A rewrite goes from
front to end in pieces, so that at any instant a file is some lines of generation g + 1, then lines
of g, with the border between two pages. Whatever a restore brings must be such an instant: lines of
g before lines of g + 1 were read at two. A round shares while files change (what is left out must
be named in the job's log), then once more when they rest: that must come back identical.
"""
import multiprocessing
import os
import random
import shutil
import sys
import time

from daemon_rig import Box, Failure, need, same_tree

LINE, PAGE, PIECE = 64, 4096, 64 << 10
FILES, LARGE, STEADY, KEEPS = 240, 12, 30, 4  # of so many, the last are large; every KEEPSth keeps its name
MUTATORS = 2


def lines(ident, first, count, generation):
    front, back = f"{ident:08d} ", f" {generation:08d} "
    return "".join((f"{front}{n:012d}{back}".ljust(LINE - 1, ".") + "\n") for n in range(first, first + count)).encode()


def size_of(rng, ident):
    return rng.randrange(10_000, 50_000) if ident >= FILES - LARGE else rng.randrange(1, 400)


class File:
    """One file that changes, and what is known of it."""

    def __init__(self, root, ident, rng):
        self.folder = os.path.join(root, f"d{ident % 7}")
        self.ident, self.rng, self.generation = ident, rng, 0
        self.name, self.count = f"file{ident}", size_of(rng, ident)
        self.make()

    def path(self):
        return os.path.join(self.folder, self.name)

    def make(self):
        self.write("wb")

    def write(self, mode):
        """The next generation, piece after piece from the front."""
        self.generation += 1
        data = lines(self.ident, 0, self.count, self.generation)
        with open(self.path(), mode, buffering=0) as file:
            for at in range(0, len(data), PIECE):
                file.write(data[at : at + PIECE])

    def rewrite(self):
        self.write("r+b")

    def write_anew(self):
        self.count = size_of(self.rng, self.ident)
        self.write("wb")

    def rewrite_keeping_time(self):
        st = os.stat(self.path())
        self.write("r+b")
        os.utime(self.path(), ns=(st.st_atime_ns, st.st_mtime_ns))

    def append(self):
        more = self.rng.randrange(1, 300)
        with open(self.path(), "ab", buffering=0) as file:
            file.write(lines(self.ident, self.count, more, self.generation))
        self.count += more

    def truncate(self):
        self.count = self.rng.randrange(1, self.count + 1)
        os.truncate(self.path(), self.count * LINE)

    def rename(self):
        old = self.path()
        self.name = f"file{self.ident}" + ("" if "-" in self.name else "-moved")
        os.rename(old, self.path())

    def replace(self):
        """As editors do: a new file under the old name."""
        path = self.path()
        self.name = f".new{self.ident}"
        self.make()
        os.rename(self.path(), path)
        self.name = os.path.basename(path)

    def delete(self):
        os.unlink(self.path())
        time.sleep(self.rng.uniform(0, 0.02))
        self.make()

    def be_a_folder(self):
        path = self.path()
        os.unlink(path)
        os.mkdir(path)
        inner = os.path.join(path, "inner")
        with open(inner, "wb") as file:
            file.write(lines(self.ident, 0, 3, self.generation))
        time.sleep(self.rng.uniform(0, 0.02))
        os.unlink(inner)
        os.rmdir(path)
        self.make()

    def change(self):
        ways = [self.rewrite, self.write_anew, self.rewrite_keeping_time, self.append, self.truncate]
        if self.ident % KEEPS:
            ways += [self.rename, self.replace, self.delete, self.be_a_folder]
        self.rng.choice(ways)()


def mutate(files, stop, seed):
    rng = random.Random(seed)
    for file in files:
        file.rng = rng
    while not stop.is_set():
        rng.choice(files).change()
        time.sleep(rng.uniform(0, 0.004))


def judge(path):
    """The file's lines are one instant's, or Failure."""
    with open(path, "rb") as file:
        data = file.read()
    need(len(data) % LINE == 0 or len(data) % PAGE == 0, f"{path}: {len(data)} bytes")
    ident = older = None
    for number in range(len(data) // LINE):
        line = data[number * LINE : number * LINE + LINE]
        words = line.split()
        need(len(words) == 4 and line.endswith(b".\n"), f"{path}: line {number} is {line!r}")
        generation = int(words[2])
        need(ident in (None, words[0]) and int(words[1]) == number, f"{path}: line {number} is {line!r}")
        if ident is not None and generation != older:
            need(generation == older - 1 and number * LINE % PAGE == 0 and border is None,
                 f"{path}: generation {older} before {generation} at line {number}, border {border}")
            border = number
        if ident is None:
            ident, border = words[0], None
        older = generation


class Mutation:
    def __init__(self, work, port, seed):
        self.work, self.rng = work, random.Random(seed)
        self.box, self.root = Box(os.path.join(work, "state")), os.path.join(work, "tree")
        self.box.cli("server", "add", "news", "--host", "127.0.0.1", "--port", str(port), "--connections", "2")
        self.left_out = self.judged = 0
        for folder in [f"d{i}" for i in range(7)] + ["steady"]:
            os.makedirs(os.path.join(self.root, folder))
        for i in range(STEADY):
            with open(os.path.join(self.root, "steady", f"steady{i}"), "wb") as file:
                file.write(lines(i, 0, self.rng.randrange(30_000), 1))

    def share(self):
        """(link, version, names that the log says are left out)"""
        last = self.box.rows("share", self.root)[-1]
        log = [row["text"] for row in self.box.rows("logs", str(last["job"]))]
        named = [text for text in log if "left out" in text]
        need(last["result"]["skipped"] <= len(named),
             f"{last['result']['skipped']} skipped, the log names {len(named)}: {named}")
        return last["link"], last["result"], named

    def restored(self, link):
        target = os.path.join(self.work, "target")
        shutil.rmtree(target, ignore_errors=True)
        self.box.cli("get", link, target)
        return target

    def judge_moving(self, link, named):
        target = self.restored(link)
        for folder, _, names in os.walk(target):
            for name in names:
                judge(os.path.join(folder, name))
                self.judged += 1
        same_tree(os.path.join(self.root, "steady"), os.path.join(target, "steady"))
        for ident in range(0, FILES, KEEPS):
            path = os.path.join(target, f"d{ident % 7}", f"file{ident}")
            need(os.path.exists(path) or any(f"d{ident % 7}/file{ident}:" in text for text in named),
                 f"file{ident} was there all the time, but is neither restored nor named")
        self.left_out += len(named)

    def round(self):
        for folder in range(7):
            shutil.rmtree(os.path.join(self.root, f"d{folder}"))
            os.makedirs(os.path.join(self.root, f"d{folder}"))
        files = [File(self.root, ident, self.rng) for ident in range(FILES)]
        self.rng.shuffle(files)
        stop = multiprocessing.Event()
        workers = [multiprocessing.Process(target=mutate, args=(files[i::MUTATORS], stop, self.rng.random()))
                   for i in range(MUTATORS)]
        try:
            for worker in workers:
                worker.start()
            time.sleep(self.rng.uniform(0, 0.3))
            link, _, named = self.share()
        finally:
            stop.set()
            for worker in workers:
                worker.join(30)
        self.judge_moving(link, named)
        link, result, named = self.share()
        need(result["skipped"] == 0 and not named, f"left out although nothing moves: {named}")
        same_tree(self.root, self.restored(link))

    def run(self, rounds):
        for number in range(rounds):
            self.round()
            print(f"round {number + 1}: so far {self.judged} files judged, {self.left_out} left out and named",
                  flush=True)
        self.box.stop()


def main(args):
    seed = int(args[3]) if len(args) > 3 else random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}", flush=True)
    try:
        Mutation(args[0], int(args[1]), seed).run(int(args[2]))
    except Failure as problem:
        print(f"mutate.py: {problem} (seed {seed})", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
