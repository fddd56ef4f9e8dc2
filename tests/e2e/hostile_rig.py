"""The hostile news server (tests/hostile) and one trial on it: share, restore elsewhere, judge. Import it.

USENETSYNC and HOSTILE_NEWSD in the environment are the two programs.
"""
import os
import random
import shutil
import signal
import socket
import stat
import subprocess

from daemon_rig import Box, Failure, facts, need, same_file, same_tree

SERVER = os.path.realpath(os.environ["HOSTILE_NEWSD"])
NS = 10**9

# Waits (docs/waits.md) that make a stalled server cost seconds, not minutes; still long beside what a
# busy machine takes for an answer.
WAITS = """[page]
listen = off
[waits]
connect = 5
handshake = 5
greeting = 2
reply = 2
progress = 2
slowest_rate = 4000000
reconnect_first = 0.05
reconnect_longest = 0.3
probe = 0.5
retry = 0.05
confirm = 0.15 0.3 0.6
read_back = 0.15 0.3 0.6
"""


class Hostile:
    """A hostile server and the line on which it takes orders."""

    def __init__(self, seed=1, *options):
        self.process = subprocess.Popen([SERVER, "--seed", str(seed), *options], stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)
        line = self.process.stdout.readline().split()
        need(line[:1] == ["listening"], f"hostile_newsd said {line}")
        self.port = int(line[1])
        self.file = socket.create_connection(("127.0.0.1", int(line[2])), 30).makefile("rwb")
        self.answer(b"200")

    def answer(self, code):
        line = self.file.readline()
        need(line.startswith(code), f"hostile_newsd said {line}")
        return line.decode("latin-1").strip()

    def order(self, line, code=b"200"):
        self.file.write(line.encode() + b"\r\n")
        self.file.flush()
        return self.answer(code)

    def block(self, line, data):
        self.order(line, b"340")
        self.file.write(data + b".\r\n")
        self.file.flush()
        self.answer(b"240")

    def rows(self, line):
        self.order(line, b"215")
        found = []
        while (row := self.file.readline().strip()) != b".":
            found.append(row.decode("latin-1").split())
        return found

    def script(self, text):
        self.block("SCRIPT", "".join(line.strip() + "\r\n" for line in text.splitlines()).encode())

    def strikes(self):
        """[("post drop", times), ...] in the order of the script."""
        return [(f"{row[0]} {row[1]}", int(row[2])) for row in self.rows("STRIKES")]

    def figures(self):
        return {key: int(value) for key, value in
                (word.split("=") for word in self.order("FIGURES").split()[1:])}

    def kept(self):
        """Ids of what it has, in the order it came."""
        return [row[0] for row in self.rows("LIST") if row[1] == "kept"]

    def mark(self, ident, action):
        self.order(f"MARK {ident} {action}")

    def put(self, ident, body):
        """An article of this id from now on; body is raw, lines with CR LF."""
        self.block(f"PUT {ident}", body)

    def stop(self):
        self.file.close()
        self.process.send_signal(signal.SIGTERM)
        _, words = self.process.communicate(timeout=20)
        need(self.process.returncode == 0, f"hostile_newsd ended with {self.process.returncode}: {words}")


def make_tree(root, seed=7, big=1_700_000):
    """30 files, about 6 MiB that do not shrink, and what else a tree may hold."""
    dice = random.Random(seed)
    os.makedirs(os.path.join(root, "empty"))
    for i in range(30):
        folder = os.path.join(root, f"d{i % 4}", "inner" if i % 3 == 0 else "")
        os.makedirs(folder, exist_ok=True)
        path = os.path.join(folder, f"file {i}")
        with open(path, "wb") as file:
            file.write(dice.randbytes(big if i < 3 else dice.randrange(70_000)))
        os.chmod(path, dice.choice((0o644, 0o600, 0o755, 0o444)))
        os.utime(path, ns=(0, dice.randrange(2 * 10**9 * NS)))
    os.symlink("d0/file 4", os.path.join(root, "link"))
    for folder, _, _ in os.walk(root):
        os.utime(folder, ns=(0, dice.randrange(2 * 10**9 * NS)))


class Trial:
    """A server, or several, one sender, any number of readers, in a folder of their own."""

    def __init__(self, work, source, server, *others):
        self.work, self.source, self.server, self.servers = work, source, server, (server, *others)
        self.port, self.options, self.limit = server.port, (), 120
        self.boxes, self.targets, self.link, self.readers = [], [], None, 0
        os.makedirs(work)
        self.sender = self.box("sender")

    def box(self, name):
        state = os.path.join(self.work, name)
        os.makedirs(state, mode=0o700)
        with open(os.path.join(state, "daemon.ini"), "w", encoding="ascii") as file:
            file.write(WAITS)
        box = Box(state)
        self.boxes.append(box)
        return box

    def add_server(self, box):
        for i, server in enumerate(self.servers):
            port = server.port if i else self.port
            box.cli("server", "add", f"bad{i}", "--host", "127.0.0.1", "--port", str(port), "--connections", "4",
                    *self.options)

    def run(self, box, *args):
        """(exit code, output, words): of a command."""
        done = subprocess.run(box.command(*args), capture_output=True, timeout=self.limit, check=False)
        return done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")

    def share(self):
        """The exit code and the words; sets the link where there is one. 100 % is said of a success only."""
        if not self.sender.pid():
            self.add_server(self.sender)
        code, out, words = self.run(self.sender, "share", self.source, "--title", "T")
        last = out.splitlines()[-1] if out.splitlines() else ""
        need((code == 0) == last.startswith("usync1"), f"share ended with {code} and said {last!r}")
        self.link = last if code == 0 else self.link
        self.judge_progress(self.sender, code)
        return code, words

    def judge_progress(self, box, code):
        job = box.rows("jobs", "--all")[0]  # the newest
        need((job["state"] == "done") == (code == 0), f"exit code {code} of a job that is {job['state']}")
        phase = (job.get("progress") or {}).get("phase")
        need((phase == "done") == (code == 0), f"exit code {code} in the phase {phase}")

    def get(self, older=(), box=None):
        """(exit code, words) of a restore by somebody new, or by who has this box; what lies in the target is judged:
        the source, or, where the newest head could be hidden, a tree that was shared before."""
        self.readers += 1
        if box is None:
            box = self.box(f"reader{self.readers}")
            self.add_server(box)
        target = os.path.join(self.work, f"target{self.readers}")
        self.targets.append(os.path.basename(target))
        code, _, words = self.run(box, "get", self.link, target)
        if code == 0:
            self.judge_whole(target, older)
        else:
            self.judge_part(target)
        box.stop()
        shutil.rmtree(target, ignore_errors=True)
        return code, words

    def judge_whole(self, target, older):
        try:
            same_tree(self.source, target)
        except Failure:
            if not any(facts(tree) == facts(target) for tree in older):
                raise

    def judge_part(self, target):
        """Of what could not be restored whole, all that is there under its name is right."""
        if not os.path.isdir(target):
            return
        there, right = facts(target), facts(self.source)
        for name, fact in there.items():
            if os.path.basename(name).startswith(b".usenetsync-"):
                continue
            need(name in right, f"{name!r} came from nowhere")
            if stat.S_ISREG(fact[0]):
                paths = [os.path.join(os.fsencode(root), name) for root in (self.source, target)]
                need(same_file(*paths), f"{name!r} is not what was shared")

    def judge(self):
        """What holds whatever happened."""
        bodies = {}
        for server in self.servers:
            for ident, _, posts, count, body in server.rows("LIST"):
                need(count != "2", f"{ident} had two bodies")
                if posts != "0":
                    need(bodies.setdefault(ident, body) == body, f"{ident} had two bodies, on two servers")
        figures = {key: sum(server.figures()[key] for server in self.servers) for key in ("posts", "again")}
        known = {os.path.basename(box.state) for box in self.boxes} | set(self.targets)
        need(set(os.listdir(self.work)) <= known, f"written outside: {set(os.listdir(self.work)) - known}")
        return figures

    def stop(self):
        for box in self.boxes:
            box.stop()
        for server in self.servers:
            server.stop()

    def close(self):
        self.stop()
        shutil.rmtree(self.work, ignore_errors=True)


__all__ = ["Failure", "Hostile", "Trial", "make_tree", "need"]
