#!/usr/bin/python3
"""Give the catalogue of a daemon that does not run a long history: jobs, events, shares that are small.

    page_history.py CATALOGUE JOBS
"""
import json
import sqlite3
import sys
import time

SHARES, EVENTS = 200, 100000
DONE, FAILED = 4, 5
COLUMNS = "kind, state, priority, attempts, share, created, started, finished, args, progress, result"


def main(path, count):
    catalogue = sqlite3.connect(path)
    now = int(time.time())
    model = dict(zip(COLUMNS.split(", "), catalogue.execute(f"SELECT {COLUMNS} FROM jobs LIMIT 1").fetchone()))
    failed = json.dumps({"error": {"code": "ERR_NO_ROUTE", "kind": "retry", "text": "no way there", "hint": ""}}).encode()
    jobs = []
    for i in range(count):
        job = model | {"kind": 1 + i % 5, "state": DONE if i % 7 else FAILED, "share": 2 + i % SHARES}
        job |= dict.fromkeys(("created", "started", "finished"), now - count + i)
        jobs.append(tuple((job | ({} if i % 7 else {"result": failed})).values()))
    marks = ", ".join("?" * len(model))
    catalogue.executemany(f"INSERT INTO jobs ({COLUMNS}) VALUES ({marks})", jobs)
    catalogue.executemany(
        "INSERT INTO events (job, time_ns, level, text) VALUES (?, ?, ?, ?)",
        ((1 + i % count, (now - EVENTS + i) * 10**9, 2 - (i % 5 == 0), f"left out: a/file {i}: it changed".encode())
         for i in range(EVENTS)))
    for share in range(2, 2 + SHARES):
        catalogue.execute(
            "INSERT INTO shares (id, title, write_seed, link_secret, created, version, published, head_hash, entries)"
            " SELECT ?, ?, write_seed, link_secret, created, version, published, head_hash, 5 FROM shares WHERE id = 1",
            (share, f"share {share}"))
        catalogue.execute("INSERT INTO scans (share) VALUES (?)", (share,))
        catalogue.execute("INSERT INTO share_paths VALUES (?, 0, ?, x'')", (share, f"/nowhere/{share}".encode()))
    catalogue.commit()
    catalogue.close()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
