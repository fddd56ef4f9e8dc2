#!/usr/bin/python3
"""The daemon dies at every named place of the code (src/base/crash_point.h), is started again and goes on.

    crash_points.py WORK PROJECT      USENETSYNC is a debug build, HOSTILE_NEWSD the server

One share dies at each place on its way, in their order, then its change, then a restore: each time at the place that comes
next, so that whatever lies on disk by then has been left there by a crash. At the end everything is identical, no article
had two bodies, and none was posted twice but the one that was on its way when the daemon died. A place that the
source names and no row here, or the other way round, is a failure; so is one that was not come by.
"""
import os
import re
import subprocess
import sys
import time

from daemon_rig import OVER
from hostile_rig import Failure, Hostile, Trial, make_tree, need

WANT = "USENETSYNC_CRASH_POINT"
LIMIT = 60

SHARE = ("share made", "listing of a folder put", "scan ended", "volume made", "article accepted, not recorded",
         "article accepted, not recorded@5", "flush written, not committed", "flush committed",
         "volume confirmed, not recorded", "lost articles planned again",
         "tree sent", "head durable", "head copy posted", "head copy read back",
         "head copy read back@6", "head out, not recorded", "healing recorded, volumes not live",
         "volumes live, version not", "version published",
         "job over, not recorded")
AGAIN = ("scan ended", "article accepted, not recorded@2", "flush committed", "tree sent", "head durable",
         "head copy posted@2", "head out, not recorded", "volumes live, version not", "version published")
GET = ("file begun", "restore marked", "file begun@3", "file written@4", "file durable, not named@5", "file named@6",
       "file durable, not named@2", "file named@3", "restore complete, still marked", "restore no longer marked",
       "job over, not recorded")
HEAL = ("losses noted", "new attempts kept", "article accepted, not recorded", "head durable", "head out, not recorded",
        "healing recorded, volumes not live")
SETTING = ("own file written, not named",)


def names_in(project):
    """Every crash point of the source."""
    found = []
    for folder, _, files in os.walk(os.path.join(project, "src")):
        for name in files:
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                found += re.findall(r'\bcrash_point\("([^"]*)"\)', file.read())
    need(len(found) == len(set(found)), f"named twice: {sorted(n for n in found if found.count(n) > 1)}")
    return set(found)


def judge_rows(project):
    rows = {name.partition("@")[0] for name in (*SHARE, *AGAIN, *HEAL, *GET, *SETTING)}
    need(rows == names_in(project), f"in the source or in the rows, but not in both: {rows ^ names_in(project)}")


class Chain:
    """One job, and what the daemon does by itself after it, that dies at each of `points`."""

    def __init__(self, box, points, *args, ends=OVER):
        self.box, self.points, self.args, self.number, self.ends = box, points, args, None, ends

    def call(self, point):
        """The command, or what makes the daemon go on; the daemon that it starts dies at `point`."""
        args = self.args if self.number is None else ("jobs",)
        environ = {key: value for key, value in os.environ.items() if key != WANT}
        if point:
            environ[WANT] = point
        done = subprocess.run(self.box.command(*args), capture_output=True, timeout=LIMIT, check=False, env=environ)
        if self.number is None and done.returncode == 0:
            self.number = int(done.stdout.split()[0])
        if self.number is not None:
            job = self.box.job(self.number)
            if job is not None and job["state"] == "failed":  # a helper died, and the daemon lives to tell
                subprocess.run(self.box.command("resume", str(self.number)), capture_output=True, timeout=LIMIT,
                               check=False, env=environ)

    def die_at(self, point):
        """Start a daemon that dies at `point`, and see it die: itself, or the helper that writes for it."""
        self.box.stop()
        self.call(point)
        end = time.monotonic() + LIMIT
        while self.box.pid() is not None:
            job = self.box.job(self.number) if self.number is not None else None
            state = job["state"] if job is not None else ""
            if state == "failed" and "the process that writes" in str(job["result"]):
                break
            need(state not in self.ends, f"{point!r} was not come by: the job is {job}")
            need(time.monotonic() < end, f"{point!r} was not come by within {LIMIT} s: the job is {job}")
            time.sleep(0.01)

    def run(self):
        for point in self.points:
            self.die_at(point)
        self.box.stop()
        self.call(None)
        job = self.box.wait_done(self.number, LIMIT)
        print(f"   {self.args[0]}: died {len(self.points)} times, then {job['state']}", flush=True)


def set_password(box, port):
    """A file of our own that is replaced: the command that dies says so, and works when it is given again."""
    secret = os.path.join(box.state, "secret")
    with open(secret, "w", encoding="ascii", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
        file.write("secret\n")
    add = ("server", "add", "bad0", "--host", "127.0.0.1", "--port", str(port), "--connections", "4", "--user", "joe",
           "--password-file", secret)
    box.stop()
    done = subprocess.run(box.command(*add), capture_output=True, timeout=LIMIT, check=False,
                          env={**os.environ, WANT: SETTING[0]})
    need(done.returncode != 0 and box.pid() is None, f"{SETTING[0]!r} was not come by: {done}")
    box.cli(*add)
    need(len(box.rows("server", "list")) == 1, "there is not just one server")


def heal(trial):
    """A published volume loses articles; a check finds out, and the daemon posts them again by itself."""
    kept = trial.server.kept()
    for ident in kept[2:6]:
        trial.server.mark(ident, "lose")
    Chain(trial.sender, HEAL, "check", "T", "--heal", "--no-wait", ends=()).run()
    end = time.monotonic() + LIMIT
    while trial.sender.rows("shares")[0]["version"] < 3:
        need(time.monotonic() < end, f"nothing was posted again: {trial.sender.rows('jobs', '--all')}")
        time.sleep(0.05)


def run(work, project):
    judge_rows(project)
    source = os.path.join(work, "source")
    make_tree(source)
    trial = Trial(os.path.join(work, "trial"), source, Hostile(1, "--user", "joe", "--password", "secret"))
    trial.server.script("kept lose skip=3 count=2")
    sender, reader, target = trial.sender, trial.box("reader"), os.path.join(trial.work, "target")
    trial.targets.append("target")
    set_password(sender, trial.port)
    Chain(sender, SHARE, "share", source, "--title", "T", "--no-wait").run()
    with open(os.path.join(source, "d1", "changed"), "wb") as file:
        file.write(os.urandom(1_500_000))
    Chain(sender, AGAIN, "share", source, "--no-wait").run()
    trial.link = sender.cli("link", "T").strip()
    heal(trial)
    set_password(reader, trial.port)
    Chain(reader, GET, "get", trial.link, target, "--no-wait").run()
    trial.judge_whole(target, ())
    figures = trial.judge()
    print(f"   posts {figures['posts']}, again {figures['again']}")
    need(figures["again"] <= len(SHARE) + len(AGAIN) + len(HEAL), f"{figures['again']} articles were posted twice")
    trial.close()


def main(args):
    try:
        run(*args)
    except Failure as problem:
        print(f"crash_points.py: {problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
