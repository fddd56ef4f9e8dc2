#!/usr/bin/python3
"""Random mixes of the hostile server's faults, each by its seed: shares go out, change, go out again and come back.

    hostile_mix.py WORK MIXES [SEED]      JOBS (2) at a time; without SEED a random one, which is told

Mix i is that of seed SEED + i, and of that seed alone. Under faults a command may fail, with a sentence; when the faults
are over it must work, and somebody new must get everything, identical. Seeds that failed once stand in ROWS and run first.
"""
import concurrent.futures
import os
import random
import shutil
import sys
import time
import traceback

from hostile_rig import Failure, Hostile, Trial, make_tree, need

LOGIN = ("--user", "joe", "--password", "secret")
ROWS = ()
TRIES = 3
NAMED = (3, 4, 5, 6, 8)  # exit codes of what a server can bring about

# What may go wrong: a rule, with {a-b} for a number; most get a chance. A * in front: no chance of its own.
FAULTS = """
post drop
taking drop after={1-700000}
taken drop
kept drop
greeting drop
stat drop after={0-30}
body drop after={0-700000}
kept lose
kept lose count={1-12}
taken say : 240 received
kept hide ms={50-1500}
kept hide ms=60000
kept sulk ms={50-1000}
taken say : 441 435 Duplicate
* again say : 441 Article already exists
* again say : 435
kept rename
kept fold
stat fold
body fold
taken say : 441 refused E3
taken say : 441 437 TooOld
taken say : 441 436 try again later
post say : 440 Retry later
taking say after={1-700000} : 441 436 try again later
post say : 480 log in
stat say : 480 log in
body say : 480 log in
greeting bye over=2 : 502 Too many connections
greeting bye over=3 : 400 connection limit reached
post bye over=1 : 502 Too many connections
post say count=1 : 502 Byte quota exceeded
post bye : 400 idle timeout
stat bye : 400 idle timeout
body bye : 400 idle timeout
kept then : 400 goodbye
body bye : 500 Max connect time exceeded
stat say : 503 program fault
body say : 503 program fault
post say : 503 program fault
body say : 403 internal fault
greeting stall count=1
mode stall count=1
post stall count=1
taking stall after={1-700000} count=1
kept stall count=1
taken stall count=1
stat stall count=1
body stall after={0-700000} count=1
stat drip n=1 ms=3
kept drip n=1 ms=3
body drip n=20000 ms=5
stat first : 205 what
stat then : 223 0 <x@y.example>
post then : 240 received
kept then : 222 0 <x@y.example>
stat line n=65536
body line n=65536
kept line n=65536
* stat junk
* kept junk
stat say : 999 ?
kept stat-only
kept body-only
body lose
stat lose
stat say : 223 No such article
kept swap
body swap
kept flip
body flip
kept forge
body forge
kept short
kept short n={1-700000}
body short
kept redot
body huge n=3000000
kept huge n=3000000
kept gone
body gone
stat gone
"""

# Bodies that a server has for good in another form than it was given: parity must bear them.
LASTING = ("stat-only", "swap", "flip", "forge", "short", "redot", "huge", "gone")


class Mix:
    def __init__(self, seed, work):
        self.seed, self.dice, self.words, self.older = seed, random.Random(seed), [], []
        folder = os.path.join(work, f"mix{seed}")
        self.source = folder + ".source"
        make_tree(self.source, seed, self.dice.choice((30_000, 800_000, 1_700_000, 2_500_000)))
        login = self.dice.random() < 0.3
        servers = 2 if self.dice.random() < 0.3 else 1
        self.trial = Trial(folder, self.source, *(Hostile(seed + i, *(LOGIN if login else ())) for i in range(servers)))
        if login:
            path = os.path.join(self.trial.sender.state, "secret")
            with open(path, "w", encoding="ascii", opener=lambda p, f: os.open(p, f, 0o600)) as file:
                file.write("secret\n")
            self.trial.options = ("--user", "joe", "--password-file", path)
        self.scripts = ["\n".join(self.rule(row) for row in self.choose(login)) for _ in range(servers)]
        self.strikes = 0

    def choose(self, login):
        rows = [row for row in FAULTS.strip().splitlines() if login or " 480 " not in row]
        lasting = [row for row in rows if row.split()[0] == "kept" and row.split()[1] in LASTING]
        chosen = self.dice.sample([row for row in rows if row not in lasting], self.dice.randrange(2, 8))
        return chosen + self.dice.sample(lasting, self.dice.randrange(2))

    def rule(self, row):
        head, colon, text = row.partition(" : ")
        words = head.replace("* ", "").split()
        for i, word in enumerate(words):
            if "{" in word:
                key, _, span = word.partition("{")
                first, last = span.strip("}").split("-")
                words[i] = key + str(self.dice.randint(int(first), int(last)))
        if not row.startswith("*"):
            most = 6 if words[1] in LASTING and words[0] == "kept" else 30
            words.append(f"chance={self.dice.uniform(1, most):.2f}")
        return " ".join(words) + colon + text

    def faults(self, on):
        for server, script in zip(self.trial.servers, self.scripts):
            server.script(script if on else "")

    def count_strikes(self):
        """Since the faults were switched on."""
        found = sum(count for server in self.trial.servers for _, count in server.strikes())
        self.strikes += found
        return found

    def share(self):
        """Under faults, some times; then without, until a server that was left alone is asked again."""
        for _ in range(TRIES):
            self.faults(True)
            code, words = self.trial.share()
            self.words.append(f"share {code}/{self.count_strikes()}")
            if code == 0:
                return
            self.need_named(code, words)
        self.faults(False)
        end = time.monotonic() + 20
        while (found := self.trial.share())[0] != 0:
            need(found[0] in NAMED and time.monotonic() < end, f"share without faults: {found}")
            time.sleep(0.5)

    def need_named(self, code, words):
        need(code in NAMED and "usenetsync: " in words and "internal mistake" not in words,
             f"exit code {code}: {words[-400:]}")

    def get(self):
        """By somebody new under faults; by somebody new without."""
        self.trial.sender.stop()  # its connections count, too
        self.faults(True)
        code, words = self.trial.get(self.older)
        self.words.append(f"get {code}/{self.count_strikes()}")
        if code != 0:
            self.need_named(code, words)
        self.faults(False)
        if code != 0 or self.dice.random() < 0.3:
            code, words = self.trial.get()
            need(code == 0, f"get without faults ended with {code}: {words[-400:]}")

    def change(self):
        self.older.append(f"{self.source}.{len(self.older)}")
        shutil.copytree(self.source, self.older[-1], symlinks=True)
        names = [os.path.join(folder, name) for folder, _, files in os.walk(self.source) for name in files
                 if not os.path.islink(os.path.join(folder, name))]
        for path in self.dice.sample(names, 3):
            os.remove(path)
        with open(os.path.join(self.source, f"new {self.dice.randrange(1000)}"), "wb") as file:
            file.write(self.dice.randbytes(self.dice.randrange(1_000_000)))

    def run(self):
        self.share()
        if self.dice.random() < 0.4:
            if self.dice.random() < 0.5:
                self.get()
            self.change()
            self.share()
        if self.dice.random() < 0.3:
            self.trial.server.order(f"BURST {self.dice.randrange(1, 4)}")
        self.get()
        figures = self.trial.judge()
        need(figures["again"] <= self.strikes, f"{figures['again']} articles again for {self.strikes} strikes")
        self.words.append(f"posts {figures['posts']}, again {figures['again']}")

    def close(self):
        self.trial.close()
        for tree in (self.source, *self.older):
            shutil.rmtree(tree)


def run(seed, work):
    started, mix, problem = time.monotonic(), None, None
    try:
        mix = Mix(seed, work)
        mix.run()
    except Failure as failure:
        problem = str(failure)
    except Exception:  # of the rig itself
        problem = traceback.format_exc()
    words = ", ".join(mix.words) if mix else ""
    if mix and not (problem and os.environ.get("KEEP")):
        mix.close()
    elif mix:
        mix.trial.stop()
    return seed, problem, words, "\n--- and\n".join(mix.scripts) if mix else "", time.monotonic() - started


def main(args):
    work, count = args[0], int(args[1])
    first = int(args[2]) if len(args) > 2 else random.SystemRandom().randrange(1 << 31)
    print(f"seed {first}", flush=True)
    bad = []
    seeds = [*ROWS, *range(first, first + count)]
    with concurrent.futures.ThreadPoolExecutor(int(os.environ.get("JOBS", "2"))) as pool:
        for seed, problem, words, script, seconds in pool.map(lambda seed: run(seed, work), seeds):
            print(f"{'FAILED' if problem else '    ok'} {seconds:5.1f} s  seed {seed}: {words}", flush=True)
            if problem:
                print(f"{problem}\n--- its script:\n{script}\n---", flush=True)
                bad.append(seed)
    print(f"{len(seeds)} mixes, {len(bad)} failed: {bad}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
