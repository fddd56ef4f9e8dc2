#!/usr/bin/env python3
"""A tree with everything that a file system allows and a backup trips over; and a comparison that
sees all of it. Seeded: one seed is one tree.

    torture.py make DIR [--entries N] [--seed S] [--sparse BYTES]
    torture.py compare DIR COPY
    torture.py left-out DIR        how many entries a share must name as left out

Paths are bytes and longer than PATH_MAX in places, so everything goes by descriptors."""

import argparse
import os
import random
import socket
import stat
import sys

BLOCK = 786416  # plain bytes of a segment
PATH_MAX = 4096  # in a share
DEPTH_MAX = 256
NS = 10**9

NAMES = [
    b'plain', b'with space', b' leading', b'trailing ', b'-rf', b'--', b'-', b'new\nline', b'tab\there',
    b'\x01\x02\x1b[31mred', b'\x7f', b'quo\'te', b'dou"ble', b'back\\slash', b'*', b'?', b'[a-z]', b'$(id)',
    b'`id`', b'a;b', b'a|b', b'#hash', b'!bang', b'~', b'...', b'..hidden', b'.dot', b'CON', b'nul.', b'a:b',
    b'invalid\xff\xfeutf8', b'\xc3', b'\xed\xa0\x80', b'\xf4\x90\x80\x80', b'\xe2\x80\xaegnp.exe',
    'ä'.encode(), 'a\u0308'.encode(), '文件'.encode(), '🙂'.encode(), b'case', b'Case', b'CASE',
    b'n' * 255, b'\xff' * 255, b'%s%n', b'.usenetsync-notes', b'.usenetsyncignore.bak', b'lost+found',
]  # fmt: skip

TIMES = [
    0, -1, -NS, -1_500_000_000 * NS - 7, 1, 999_999_999, 1_700_000_000 * NS + 123_456_789,
    2**31 * NS + 1, 7_258_118_400 * NS,  # 2200
]  # fmt: skip

MODES = [0o644, 0o600, 0o755, 0o777, 0o444, 0o400, 0o000, 0o111, 0o666, 0o640]


class Maker:
    """Makes entries below open descriptors; times and modes of folders come last."""

    def __init__(self, rng, limit):
        self.rng = rng
        self.left = limit
        self.folders = []  # (fd, mode, mtime), inner ones later

    def file(self, at, name, data=b'', mode=None):
        fd = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=at)
        view = memoryview(data)
        while len(view) > 0:
            view = view[os.write(fd, view) :]
        os.fchmod(fd, self.rng.choice(MODES) if mode is None else mode)
        os.close(fd)
        self.time(at, name)
        self.left -= 1

    def sparse(self, at, name, size, pieces):
        fd = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644, dir_fd=at)
        os.ftruncate(fd, size)
        for offset, data in pieces:
            os.pwrite(fd, data, offset)
        os.close(fd)
        self.time(at, name)
        self.left -= 1

    def time(self, at, name):
        t = self.rng.choice(TIMES) if self.rng.random() < 0.3 else self.rng.randrange(2**60)
        os.utime(name, ns=(0, t), dir_fd=at, follow_symlinks=False)

    def folder(self, at, name, mode=None):
        os.mkdir(name, 0o700, dir_fd=at)
        fd = os.open(name, os.O_RDONLY | os.O_DIRECTORY, dir_fd=at)
        mode = self.rng.choice([0o755, 0o700, 0o777, 0o555, 0o500]) if mode is None else mode
        self.folders.append((os.dup(fd), mode, self.rng.choice(TIMES)))
        self.left -= 1
        if len(self.folders) > 200:
            self.finish()
        return fd

    def finish(self):
        """Folders in this list get nothing new, or only through descriptors that are open."""
        for fd, mode, mtime in reversed(self.folders):
            os.fchmod(fd, mode)
            os.utime(fd, ns=(0, mtime))
            os.close(fd)
        self.folders = []

    def symlink(self, at, name, target):
        os.symlink(target, name, dir_fd=at)
        self.time(at, name)
        self.left -= 1

    def link(self, at, name, to, other):
        os.link(name, other, src_dir_fd=at, dst_dir_fd=to, follow_symlinks=False)
        self.left -= 1

    def bytes(self, size):
        kind = self.rng.randrange(3)
        if kind == 0:
            return self.rng.randbytes(size)
        if kind == 1:
            return (b'all work and no play %d\n' % self.rng.randrange(100) * (size // 20 + 1))[:size]
        half = size // 2
        return self.rng.randbytes(half) + bytes(size - half)


def make_names(m, top):
    for name in NAMES:
        m.file(top, name, name * m.rng.randrange(4))
    inner = m.folder(top, b'folders')
    for name in NAMES:
        os.close(m.folder(inner, name))
    os.close(inner)


def make_sizes(m, top):
    for size in (0, 1, 2, 4095, 4096, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK, 3 * BLOCK + 1):
        m.file(top, b'random %d' % size, m.rng.randbytes(size))
        m.file(top, b'text %d' % size, (b'to be or not to be ' * (size // 19 + 1))[:size])
    m.file(top, b'zeros', bytes(BLOCK))
    m.file(top, b'zeros and one', bytes(2 * BLOCK) + b'1')
    m.file(top, b'setuid', b'x', 0o4755)


def make_sparse(m, top, size):
    m.sparse(top, b'hole', 5 * BLOCK + 3, [])
    m.sparse(top, b'hole then bytes', 3 * BLOCK, [(2 * BLOCK + 100, m.rng.randbytes(5000))])
    m.sparse(top, b'bytes then hole', 4 * BLOCK + 1, [(0, m.rng.randbytes(BLOCK + 1))])
    m.sparse(top, b'large', size, [(4096, b'begin'), (size // 2, m.rng.randbytes(9)), (size - 3, b'end')])


def make_links(m, top):
    """The order of names and of folders' numbers differ on purpose."""
    parts = [m.folder(top, name, 0o755) for name in (b'z', b'a', b'm')]
    deep = m.folder(parts[1], b'deep', 0o755)
    deeper = m.folder(deep, b'deeper', 0o700)
    for number, size in enumerate((0, 1, 5000, BLOCK, 2 * BLOCK + 9)):
        name = b'file %d' % number
        places = [top, *parts, deep, deeper]
        m.rng.shuffle(places)
        m.file(places[0], name, m.rng.randbytes(size))
        for i, place in enumerate(places[1 : 2 + m.rng.randrange(4)]):
            m.link(places[0], name, place, b'%d again %d' % (i, number))
        m.link(places[0], name, places[0], b'beside %d' % number)
    for fd in (*parts, deep, deeper):
        os.close(fd)


def make_symlinks(m, top):
    targets = [
        b'nowhere', b'.', b'..', b'/', b'/etc/passwd', b'../../../../../../etc', b'self', b'loop b', b'loop a',
        b'new\nline', b'\xff\xfe', b't' * 4095, b'-x', b'a/../b//c/', b' ',
    ]  # fmt: skip
    for i, target in enumerate(targets):
        m.symlink(top, {6: b'self', 7: b'loop a', 8: b'loop b'}.get(i, b'link %d' % i), target)


def make_specials(m, top):
    os.mkfifo(b'fifo', 0o600, dir_fd=top)
    m.left -= 1
    if os.geteuid() == 0:
        os.mknod(b'null', stat.S_IFCHR | 0o666, os.makedev(1, 3), dir_fd=top)
        m.left -= 1
    here = os.open('.', os.O_RDONLY)
    os.fchdir(top)
    sock = socket.socket(socket.AF_UNIX)
    sock.bind('socket')
    sock.close()
    os.fchdir(here)
    os.close(here)
    m.left -= 1


def make_deep(m, top):
    """Both chains go one step beyond what a share can hold."""
    fd = m.folder(top, b'down', 0o755)
    for depth in range(3, DEPTH_MAX + 1):
        below = m.folder(fd, b'd', 0o755)
        os.close(fd)
        fd = below
        if depth % 50 == 0 or depth == DEPTH_MAX - 1:
            m.file(fd, b'here', b'%d' % depth)
    m.file(fd, b'too deep', b'1')
    os.close(fd)
    fd = m.folder(top, b'along', 0o755)
    used = len(b'deep/along')
    while used + 1 + 200 < PATH_MAX:
        below = m.folder(fd, b'\xe9' * 200, 0o755)
        os.close(fd)
        fd = below
        used += 201
    m.file(fd, b'f' * (PATH_MAX - used - 1), b'just fits')
    m.file(fd, b'g' * (PATH_MAX - used), b'does not')
    os.close(fd)


def make_wide(m, top):
    """What is left of the number of entries: folders of small files."""
    at = top
    open_folders = [os.dup(top)]
    number = 0
    while m.left > 0:
        if m.rng.random() < 0.04:
            at = m.rng.choice(open_folders)
            open_folders.append(m.folder(at, b'folder %d' % number, 0o755))
            if len(open_folders) > 20:
                os.close(open_folders.pop(m.rng.randrange(1, len(open_folders))))
        elif m.rng.random() < 0.03:
            m.symlink(m.rng.choice(open_folders), b'symlink %d' % number, b'file %d' % m.rng.randrange(number + 1))
        else:
            size = int(2 ** (m.rng.random() * 14)) - 1
            m.file(m.rng.choice(open_folders), b'file %d' % number, m.bytes(size))
        number += 1
    for fd in open_folders:
        os.close(fd)


def make(args):
    m = Maker(random.Random(args.seed), args.entries)
    os.umask(0)
    os.makedirs(args.dir, exist_ok=True)
    top = os.open(args.dir, os.O_RDONLY | os.O_DIRECTORY)
    steps = [
        (b'names', make_names), (b'sizes', make_sizes), (b'links', make_links), (b'symlinks', make_symlinks),
        (b'specials', make_specials), (b'deep', make_deep),
        (b'sparse', lambda m, fd: make_sparse(m, fd, args.sparse)), (b'wide', make_wide),
    ]  # fmt: skip
    for name, step in steps:
        fd = m.folder(top, name, 0o755)
        step(m, fd)
        os.close(fd)
    m.finish()
    os.utime(top, ns=(0, 1_600_000_000 * NS + 5))
    os.close(top)


# --- comparing


def walk(fd, path, depth):
    """All that lies below, as (path, depth, folder's descriptor, name, stat); inner ones later."""
    for name in sorted(os.listdir(fd)):
        name = os.fsencode(name)
        st = os.stat(name, dir_fd=fd, follow_symlinks=False)
        inner = path + b'/' + name if path else name
        yield inner, depth + 1, fd, name, st
        if stat.S_ISDIR(st.st_mode):
            below = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=fd)
            yield from walk(below, inner, depth + 1)
            os.close(below)


def shareable(path, depth, st):
    kind = stat.S_IFMT(st.st_mode)
    return kind in (stat.S_IFREG, stat.S_IFDIR, stat.S_IFLNK) and len(path) <= PATH_MAX and depth <= DEPTH_MAX


def next_data(fd, at, size):
    try:
        return os.lseek(fd, at, os.SEEK_DATA)
    except OSError:
        return size


def same_bytes(a, b, size):
    at = 0
    while at < size:
        at = min(next_data(a, at, size), next_data(b, at, size))
        piece = os.pread(a, 1 << 20, at)
        if piece != os.pread(b, 1 << 20, at):
            return False
        at += 1 << 20
    return True


def describe(entry):
    """What must be the same, without the bytes."""
    _, _, fd, name, st = entry
    words = [stat.S_IFMT(st.st_mode), st.st_mode & 0o777, st.st_mtime_ns]
    if stat.S_ISREG(st.st_mode):
        words.append(st.st_size)
    if stat.S_ISLNK(st.st_mode):
        words = [words[0], words[2], os.fsencode(os.readlink(name, dir_fd=fd))]
    return words


def compare_files(x, y):
    a = os.open(x[3], os.O_RDONLY | os.O_NOFOLLOW, dir_fd=x[2])
    b = os.open(y[3], os.O_RDONLY | os.O_NOFOLLOW, dir_fd=y[2])
    same = same_bytes(a, b, x[4].st_size)
    os.close(a)
    os.close(b)
    if not same:
        return 'bytes'
    # A copy may have holes for zeros that were stored; at the ends of holes a block of each file may be stored.
    if y[4].st_blocks * 512 > x[4].st_blocks * 512 + 4 * BLOCK:
        return 'holes: %d and %d blocks' % (x[4].st_blocks, y[4].st_blocks)
    if y[4].st_mode & 0o7000:
        return 'setuid'
    return None


def compare_entries(x, y):
    if x is None or y is None:
        return 'only in the copy' if x is None else 'missing in the copy'
    if x[0] != y[0]:
        return 'missing in the copy' if x[0] < y[0] else 'only in the copy'
    if describe(x) != describe(y):
        return '%s, not %s' % (describe(y), describe(x))
    return compare_files(x, y) if stat.S_ISREG(x[4].st_mode) else None


def compare(args):
    fds = [os.open(d, os.O_RDONLY | os.O_DIRECTORY) for d in (args.dir, args.copy)]
    left = (e for e in walk(fds[0], b'', 0) if shareable(e[0], e[1], e[4]))
    right = walk(fds[1], b'', 0)
    groups = [{}, {}]
    count = 0
    while True:
        pair = next(left, None), next(right, None)
        if pair == (None, None):
            break
        why = compare_entries(*pair)
        if why is not None:
            sys.exit('%.300r: %.300s' % ((pair[0] or pair[1])[0][-250:], why))
        count += 1
        for group, entry in zip(groups, pair):
            if stat.S_ISREG(entry[4].st_mode):
                group.setdefault((entry[4].st_dev, entry[4].st_ino), set()).add(entry[0])
    names = [{frozenset(g) for g in group.values() if len(g) > 1} for group in groups]
    if names[0] != names[1]:
        odd = next(iter(names[0] ^ names[1]))
        sys.exit('hard links differ: %.500r' % sorted(odd))
    print('%d entries, %d files with several names: the same' % (count, len(names[0])))


def left_out(args):
    fd = os.open(args.dir, os.O_RDONLY | os.O_DIRECTORY)
    print(sum(not shareable(e[0], e[1], e[4]) for e in walk(fd, b'', 0)))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n', maxsplit=1)[0])
    verbs = parser.add_subparsers(required=True)
    verb = verbs.add_parser('make')
    verb.add_argument('dir')
    verb.add_argument('--entries', type=int, default=2000)
    verb.add_argument('--seed', type=int, default=1)
    verb.add_argument('--sparse', type=int, default=2 << 30)
    verb.set_defaults(run=make)
    verb = verbs.add_parser('compare')
    verb.add_argument('dir')
    verb.add_argument('copy')
    verb.set_defaults(run=compare)
    verb = verbs.add_parser('left-out')
    verb.add_argument('dir')
    verb.set_defaults(run=left_out)
    args = parser.parse_args()
    args.run(args)


if __name__ == '__main__':
    main()
