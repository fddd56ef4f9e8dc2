"""A daemon whose system calls go wrong (tests/calls), and what a power cut leaves of its files. Import it.

FAULTY_CALLS_SO in the environment is the library, USENETSYNC the program.
"""
import mmap
import os
import signal
import stat
import struct
import subprocess
import time

from daemon_rig import PROGRAM, Box, Failure, need

LIBRARY = os.path.realpath(os.environ["FAULTY_CALLS_SO"])
PAGE, ROOTS, LOG_CAP = 4096, 1024, 192 << 20  # tests/calls/board.h
FIELDS = ("ready", "lock", "calls", "mask", "fail_at", "fail_for", "fail_errno", "struck", "stop_at", "stopped", "clock",
          "logging", "log_end", "log_cap")
READ, WRITE, SYNC, NAME, OPEN = 1, 2, 4, 8, 16
ROW = struct.Struct("<IIQQQQII")
L_WRITE, L_RESIZE, L_MAKE, L_RENAME, L_REMOVE, L_MARK, L_SYNC, L_SYNC_ALL = range(1, 9)
SECTOR = 4096  # written or not as a whole


class Board:
    def __init__(self, path, roots):
        self.path = path
        with open(path, "wb") as file:
            file.truncate(PAGE + LOG_CAP)
        with open(path, "r+b") as file:
            self.map = mmap.mmap(file.fileno(), PAGE + LOG_CAP)
        text = b"".join(os.fsencode(os.path.realpath(root)) + b"\0" for root in roots) + b"\0"
        self.map[ROOTS : ROOTS + len(text)] = text
        self.set(log_cap=LOG_CAP, ready=1)

    def get(self, name):
        return struct.unpack_from("<q", self.map, 8 * FIELDS.index(name))[0]

    def set(self, **values):
        for name, value in values.items():
            struct.pack_into("<q", self.map, 8 * FIELDS.index(name), value)

    def fail(self, mask, at, error, times=1):
        """From the at-th call on of those in the mask, `times` fail with this errno (0: are done in part)."""
        self.set(fail_at=0)
        self.set(calls=0, struck=0, mask=mask, fail_for=times, fail_errno=error)
        self.set(fail_at=at)

    def quiet(self):
        """Nothing fails any more. How many have, since fail()."""
        self.set(fail_at=0, mask=0)
        return self.get("struck")

    def rows(self):
        at, end = PAGE, PAGE + self.get("log_end")
        while at < end:
            row = Row(self.map, at)
            yield row
            at += row.size

    def close(self):
        self.map.close()
        for path in (self.path, self.path + ".err"):
            if os.path.exists(path):
                os.remove(path)


class Row:
    def __init__(self, room, at):
        self.kind, self.size, self.inode, self.a, self.b, self.other, text, data = ROW.unpack_from(room, at)
        at += ROW.size
        self.text, self.data = room[at : at + text], room[at + text : at + text + data]

    def paths(self):
        """Names it is about."""
        return self.text.split(b"\0") if self.kind in (L_MAKE, L_RENAME, L_REMOVE, L_MARK) else []


class CallsBox(Box):
    """A state folder whose daemon is started here, with the library in it."""
    patience = 0.5

    def __init__(self, state, board):
        super().__init__(state)
        self.board, self.process = board, None

    def start(self):
        environ = {**os.environ, "LD_PRELOAD": LIBRARY, "FAULTY_CALLS": self.board.path}
        with open(self.board.path + ".err", "ab") as err:
            self.process = subprocess.Popen(self.command("daemon", "--foreground"), stdout=subprocess.DEVNULL, stderr=err,
                                            env=environ)

    def is_up(self):
        """Does it answer? False when it has ended, the power is gone, or it does not for half a minute."""
        end = time.monotonic() + 30
        while time.monotonic() < end and self.process.poll() is None and not self.board.get("stopped"):
            if os.path.exists(os.path.join(self.state, "daemon.sock")) and self.job(0) is not None:
                return True
            time.sleep(0.005)
        return False

    def must_start(self):
        self.start()
        need(self.is_up(), f"the daemon did not start: {self.words()}")

    def words(self):
        with open(self.board.path + ".err", "rb") as file:
            return file.read()[-600:].decode(errors="replace")

    def children(self):
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
                    if int(file.read().rpartition(")")[2].split()[1]) == self.process.pid:
                        found.append(int(pid))
            except (OSError, IndexError):
                pass
        return found

    def end(self, how=signal.SIGKILL):
        """The daemon and its helpers are gone when this returns."""
        if self.process is None:
            return
        helpers = self.children()
        if self.process.poll() is None:
            self.process.send_signal(how)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise Failure("the daemon does not end when it is asked to") from None
        for pid in helpers:
            while os.path.exists(f"/proc/{pid}") and not is_zombie(pid):
                time.sleep(0.002)
        self.process = None

    def stop(self):
        if self.process is not None:
            self.end(signal.SIGTERM)
        else:
            super().stop()


def is_zombie(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


# --- what a power cut leaves ---

class PowerCut:
    """Take back what no fsync made durable: bytes of files in pieces of a sector, each by chance; names from a point on
    that is chance, too, since a journal keeps their order. fsync of a file makes its bytes durable and all changes of
    names up to the last that concerns it, fsync of a folder those up to the last in it."""

    def __init__(self, board, dice):
        self.dice, self.rows = dice, list(board.rows())
        self.moved = {}  # inode that is gone -> the path where its contents are put back
        self.chance = dice.choice((0.0, 0.0, 0.3, 0.9))  # that a sector that was not synced is there

    def run(self, roots):
        names = [i for i, row in enumerate(self.rows) if row.kind in (L_MAKE, L_RENAME, L_REMOVE, L_MARK)]
        sure = self.durable_names(names)
        loose = [i for i in names if i >= sure]
        kept = 0 if self.chance == 0 else self.dice.randrange(len(loose) + 1)
        for i in reversed(loose[kept:]):
            self.take_back(self.rows[i])
        taken = self.take_back_bytes(self.where(roots))
        return len(loose) - kept, taken

    def durable_names(self, names):
        """Rows before this one hold."""
        sure, last = 0, {}  # by inode or folder: one behind the last row that concerns it
        changes = set(names)
        for i, row in enumerate(self.rows):
            if i in changes:
                for path in row.paths():
                    last[os.path.dirname(path)] = last[path] = i + 1
                last[row.inode] = i + 1
            elif row.kind == L_SYNC_ALL:
                sure = i
            elif row.kind == L_SYNC:
                sure = max(sure, last.get(row.inode, 0), last.get(row.text, 0))
        return sure

    def take_back(self, row):
        paths = row.paths()
        if row.kind == L_MAKE:
            remove(paths[0])
        elif row.kind == L_RENAME:
            if inode_of(paths[1]) == row.inode:
                os.rename(paths[1], paths[0])
                if row.a:
                    self.put_back(paths[1], row, row.other)
        elif row.kind == L_REMOVE and row.a and not os.path.lexists(paths[0]):
            self.put_back(paths[0], row, row.inode)
        elif row.kind == L_MARK and inode_of(paths[0]) == row.inode and not stat.S_ISLNK(row.a):
            os.chmod(paths[0], stat.S_IMODE(row.a))
            os.utime(paths[0], ns=(row.b, row.b))

    def put_back(self, path, row, inode):
        if stat.S_ISDIR(row.a):
            os.mkdir(path)
        elif stat.S_ISLNK(row.a):
            os.symlink(row.data, path)
        else:
            with open(path, "wb") as file:
                file.write(row.data)
            self.moved[inode] = path
        if not stat.S_ISLNK(row.a):
            os.chmod(path, stat.S_IMODE(row.a))
            os.utime(path, ns=(row.b, row.b))

    def where(self, roots):
        found = {}
        for root in roots:
            for folder, _, files in os.walk(os.fsencode(root)):
                for name in files:
                    path = os.path.join(folder, name)
                    found[inode_of(path)] = path
        found.update(self.moved)
        return found

    def take_back_bytes(self, paths):
        """How many writes are not there, at least in part."""
        synced, loose = {}, {}
        for i, row in enumerate(self.rows):
            if row.kind == L_SYNC:
                synced[row.inode] = i
            elif row.kind == L_SYNC_ALL:
                synced = {other.inode: i for other in self.rows[:i] if other.kind in (L_WRITE, L_RESIZE)}
        for i, row in enumerate(self.rows):
            if row.kind in (L_WRITE, L_RESIZE) and i > synced.get(row.inode, -1) and row.inode in paths:
                loose.setdefault(row.inode, []).append(row)
        for inode, rows in loose.items():
            self.rewrite(paths[inode], rows)
        return sum(len(rows) for rows in loose.values())

    def rewrite(self, path, rows):
        st = os.lstat(path)
        if not stat.S_ISREG(st.st_mode):
            return
        os.chmod(path, 0o600)
        with open(path, "r+b") as file:
            for row in reversed(rows):  # as it was when it was last synced
                file.seek(row.a)
                file.write(row.text)
                file.truncate(row.b)
            for row in rows:
                self.write_some(file, row)
        os.chmod(path, stat.S_IMODE(st.st_mode))
        os.utime(path, ns=(st.st_atime_ns, st.st_mtime_ns))

    def write_some(self, file, row):
        """Those sectors of a write that had reached the disk."""
        if row.kind == L_RESIZE:
            if self.dice.random() < self.chance:
                file.truncate(row.a)
            return
        at = 0
        while at < len(row.data):
            piece = min(SECTOR - (row.a + at) % SECTOR, len(row.data) - at)
            if self.dice.random() < self.chance:
                file.seek(row.a + at)
                file.write(row.data[at : at + piece])
            at += piece


def inode_of(path):
    try:
        return os.lstat(path).st_ino
    except OSError:
        return 0


def remove(path):
    try:
        if os.path.isdir(path) and not os.path.islink(path):
            os.rmdir(path)
        else:
            os.remove(path)
    except OSError:
        pass


__all__ = ["Board", "CallsBox", "PowerCut", "PROGRAM", "READ", "WRITE", "SYNC", "NAME", "OPEN"]
