#!/usr/bin/python3
"""Share a process's CPU seconds out over the parts of the posting path.

    path_parts.py GB NAME=FILE=CPU_SECONDS...     FILE: perf script -F comm,ip,sym,dso

Prints CPU seconds a GB, a row a part, a column a run. A sample belongs to the part of the first frame,
from the leaf outwards, that a rule below knows: so the kernel's copy inside a read is reading, and a
page fault inside yEnc is a page fault. The libraries are stripped, but their callers are ours.
"""
import collections
import re
import sys

# In the order of the table. The frame looked at is "symbol library".
RULES = [
    ("read", r"disk_file_read|disk_|pread|ksys_read\b|shmem_file_read|filemap_read"),
    ("hash (BLAKE2b ids)", r"seal_cid|seal_kdf|blake2"),
    ("seal (ChaCha20-Poly1305)", r"sealer_|seal_"),
    ("parity", r"par2_|gf16"),
    ("zstd, the probe with it", r" libzstd|shrinks"),
    ("yEnc and CRC-32", r"yenc_| libisal"),
    ("TLS", r" libssl|SSL_|^BIO_"),
    ("socket", r"tcp_|sendmsg|recvmsg|inet_|net_rx_action|__napi_poll|net_out_|sock_|ip_"),
    ("NNTP and providers", r"news_|nntp_|net_|poster_"),
    ("page faults", r"exc_page_fault"),
    ("catalogue (SQLite)", r" libsqlite3|store_|query_"),
    ("packing and flow", r"packer_|send_|source_|block_|flush_|confirm_|head_|tree_|meta_"),
    ("loops, workers, waiting", r"epoll|futex|sched_yield|eventfd|loop_|worker_main|workers_| libuv"),
]
REST = "the rest"
COMPILED = [(part, re.compile(pattern)) for part, pattern in RULES]
FRAME = re.compile(r"\s*\S+ (.*) \((.*)\)$")


def part_of(thread, frames):
    for symbol, library in frames:
        text = "%s %s" % (symbol, library.rpartition("/")[2])
        for part, pattern in COMPILED:
            if pattern.search(text):
                return part
    # OpenSSL's AES has frames that cannot be followed; only TLS runs ciphers on that thread
    if thread == "net" and any("libcrypto" in library for _, library in frames):
        return "TLS"
    return REST


def count(path):
    parts = collections.Counter()
    with open(path, encoding="utf-8", errors="replace") as file:
        samples = file.read().split("\n\n")
    for sample in samples:
        lines = sample.strip().split("\n")
        frames = [match.groups() for match in map(FRAME.match, lines[1:]) if match]
        if frames:
            parts[part_of(lines[0].split()[0], frames)] += 1
    return parts


def main():
    gigabytes = float(sys.argv[1])
    runs = []
    for argument in sys.argv[2:]:
        name, path, seconds = argument.split("=")
        runs.append((name, count(path), float(seconds) / gigabytes))
    print("| CPU seconds a GB |" + "".join(" %s |" % name for name, _, _ in runs))
    print("|---|" + "---|" * len(runs))
    for part in [part for part, _ in RULES] + [REST]:
        cells = [parts[part] / max(sum(parts.values()), 1) * seconds for _, parts, seconds in runs]
        if any(cells):
            print("| %s |" % part + "".join(" %.3f |" % cell for cell in cells))
    print("| sum |" + "".join(" %.3f |" % seconds for _, _, seconds in runs))
    print("\n%s samples" % " and ".join(str(sum(parts.values())) for _, parts, _ in runs))


if __name__ == "__main__":
    main()
