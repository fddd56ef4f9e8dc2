"""The program on one state folder, for tests in Python: commands, its API, its process. Import it.

USENETSYNC in the environment is the program under test.
"""
import http.client
import json
import os
import signal
import socket
import stat
import subprocess
import time

PROGRAM = os.path.realpath(os.environ["USENETSYNC"])
OVER = ("done", "failed", "cancelled")


class Failure(Exception):
    """What was promised did not happen."""


def need(condition, text):
    if not condition:
        raise Failure(text)


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, patience=10):
        super().__init__("usenetsync", timeout=patience)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Box:
    patience = 10  # seconds until an answer

    def __init__(self, state):
        self.state = state

    def command(self, *args):
        return [PROGRAM, "--state", self.state, *args]

    def cli(self, *args, code=0, limit=300):
        """Output of a command; its exit code must be `code` (None: any)."""
        done = subprocess.run(self.command(*args), capture_output=True, timeout=limit, check=False)
        need(code is None or done.returncode == code,
             f"exit code {done.returncode}, not {code}: {args}: {done.stderr.decode(errors='replace')}")
        return done.stdout.decode(errors="replace")

    def rows(self, *args, **options):
        return [json.loads(line) for line in self.cli("--json", *args, **options).splitlines()]

    def pid(self):
        """The daemon's process id, None when none runs."""
        try:
            with open(os.path.join(self.state, "daemon.lock"), encoding="ascii") as file:
                pid = int(file.read())
            with open(f"/proc/{pid}/cmdline", encoding="utf-8", errors="replace") as file:
                words = file.read().split("\0")  # nothing of a zombie; only root sees its exe
            return pid if "daemon" in words and self.state in words else None
        except (OSError, ValueError):
            return None

    def kill(self):
        """As a pulled plug for the daemon. True when there was one."""
        pid = self.pid()
        if pid is None:
            return False
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return False
        return True

    def stop(self):
        """Ends the daemon politely, whoever started it; waits until it is gone."""
        pid = self.pid()
        if pid is None:
            return
        os.kill(pid, signal.SIGTERM)
        end = time.monotonic() + 20
        while self.pid() == pid and time.monotonic() < end:
            time.sleep(0.02)
        self.kill()

    def job(self, number):
        """What the daemon says of a job; None when there is no daemon to say it."""
        connection = UnixConnection(os.path.join(self.state, "daemon.sock"), self.patience)
        try:
            connection.request("GET", f"/api/jobs/{number}")
            return json.loads(connection.getresponse().read())
        except (OSError, ValueError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def wait(self, number, limit=240):
        """The job when it is over; it starts a daemon if none runs."""
        end = time.monotonic() + limit
        while time.monotonic() < end:
            job = self.job(number)
            if job is None:
                self.cli("jobs", code=None)
            elif job["state"] in OVER:
                return job
            time.sleep(0.05)
        raise Failure(f"job {number} is not over after {limit} s: {self.job(number)}")

    def wait_done(self, number, limit=240):
        job = self.wait(number, limit)
        need(job["state"] == "done", f"job {number} ended so: {job}\n{self.cli('logs', str(number))}")
        return job


def facts(root):
    """Of every entry below root: name -> (type, mode, mtime, size or link target)."""
    found = {}
    root = os.fsencode(root)
    for folder, names, files in os.walk(root):
        for name in names + files:
            path = os.path.join(folder, name)
            st = os.lstat(path)
            what = st.st_size if stat.S_ISREG(st.st_mode) else None
            if stat.S_ISLNK(st.st_mode):
                what = os.readlink(path)
            found[os.path.relpath(path, root)] = (st.st_mode, st.st_mtime_ns, what)
    return found


def same_file(a, b):
    with open(a, "rb") as one, open(b, "rb") as other:
        while data := one.read(1 << 20):
            if data != other.read(1 << 20):
                return False
        return not other.read(1)


def same_tree(a, b):
    """Names, types, modes, times and contents are the same, or Failure."""
    left, right = facts(a), facts(b)
    for name in sorted(left.keys() | right.keys()):
        need(left.get(name) == right.get(name),
             f"{name!r} in {a} and {b}: {left.get(name)} and {right.get(name)}")
        if stat.S_ISREG(left[name][0]):
            paths = [os.path.join(os.fsencode(root), name) for root in (a, b)]
            need(same_file(*paths), f"{name!r} has other contents in {b} than in {a}")
