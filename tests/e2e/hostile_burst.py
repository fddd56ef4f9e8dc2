#!/usr/bin/python3
"""A burst of lost articles, as a server has that forgets a spool: in the middle of posting, and when all was well.

    hostile_burst.py WORK COUNT      COUNT (5000) articles in a row; takes about 3 GB of disk a 1,000

While the share goes out COUNT articles in a row are accepted and lost: they are found missing and sent again, and somebody
new restores everything. Then bursts of 1, 10 and 100 in the same place (no more than a 50th of COUNT) are borne by parity;
one of COUNT is more than that: it is told, and what comes back is right.
"""
import os
import random
import sys
import time

from hostile_rig import Failure, Hostile, Trial, need

BLOCK = 786_416
FILE = 64 * BLOCK


def make_tree(root, articles):
    dice = random.Random(5)
    for i in range(-(-articles * BLOCK // FILE)):
        folder = os.path.join(root, f"d{i % 7}")
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, f"file {i}"), "wb") as file:
            file.write(dice.randbytes(FILE))


def timed(what, call, *args):
    started = time.monotonic()
    code, words = call(*args)
    print(f"   {what}: exit code {code}, {time.monotonic() - started:.0f} s", flush=True)
    return code, words


def burst(server, first, count):
    """Lose so many in a row, from the first-th on that it was given."""
    for ident in server.kept()[first : first + count]:
        server.mark(ident, "lose")


def run(work, count):
    source = os.path.join(work, "source")
    make_tree(source, count + count // 5 + 50)
    trial = Trial(os.path.join(work, "burst"), source, Hostile(1))
    trial.limit = 3600
    trial.server.script(f"kept lose skip=20 count={count}")
    code, words = timed(f"share, {count} in a row lost", trial.share)
    need(code == 0 and trial.server.strikes() == [("kept lose", count)], f"{code}, {trial.server.strikes()}: {words}")
    figures = trial.judge()
    need(figures["again"] == 0, f"{figures['again']} articles were posted twice")
    trial.server.script("")
    code, words = timed("get", trial.get)
    need(code == 0, words)
    for lost in (n for n in (1, 10, 100) if n <= count // 50):
        burst(trial.server, count + 200, lost)
        code, words = timed(f"get, {lost} more in a row lost", trial.get)
        need(code == 0, words)
    burst(trial.server, count + 20, count)
    code, words = timed(f"get, {count} in a row lost", trial.get)
    need(code == 6 and "are gone" in words, f"{code}: {words[-400:]}")
    print(f"posts {figures['posts']}, again {figures['again']}")
    trial.close()


def main(args):
    try:
        run(args[0], int(args[1]))
    except Failure as problem:
        print(f"hostile_burst.py: {problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
