#!/usr/bin/python3
"""What large_watch.py wrote down, as a table and as curves: does anything grow?

    large_curves.py ROWS FOLDER [PERCENT=ROWS...]     writes FOLDER/large-cost.svg, large-memory.svg, large-whole.svg

Costs are of the sending alone: CPU of the daemon between two looks, over what was done between them. Looks that are
closer together than a POINTS-th of the whole are taken as one. With PERCENT: what was seen when so much of the share had been sent.
"""
import json
import sys

from curves import Chart, fit, write

POINTS, PARTS = 60, 8


def rows_of(path):
    with open(path, encoding="ascii") as file:
        return [json.loads(line) for line in file]


def runs_of(rows):
    """Rows of one daemon each, those in which it sends."""
    runs = []
    for row in rows:
        if row["phase"] != "send":
            continue
        if not runs or runs[-1][-1]["pid"] != row["pid"]:
            runs.append([])
        runs[-1].append(row)
    return runs


def spans_of(runs, gigabytes):
    """Pairs of rows between which so much was sent."""
    for run in runs:
        first = run[0]
        for row in run[1:]:
            if row["bytes_read"] - first["bytes_read"] >= gigabytes * 1e9:
                yield first, row
                first = row


def costs(first, last):
    """CPU ms a file and CPU s a GB, wall s a GB."""
    read = (last["bytes_read"] - first["bytes_read"]) / 1e9
    files = last["files_done"] - first["files_done"]
    cpu = last["cpu"] - first["cpu"]
    return (cpu * 1000 / files if files > 0 else None), cpu / read, (last["at"] - first["at"]) / read


def sent_before(runs):
    """Bytes and seconds that were there when each run began, by its daemon."""
    found, bytes_sent, seconds = {}, 0, 0
    for run in runs:
        found[run[0]["pid"]] = (bytes_sent - run[0]["bytes_read"], seconds - run[0]["at"])
        bytes_sent += run[-1]["bytes_read"] - run[0]["bytes_read"]
        seconds += run[-1]["at"] - run[0]["at"]
    return found


def table(runs, before, gigabytes):
    spans = list(spans_of(runs, gigabytes / (PARTS + 1)))
    print("| sent so far, GB | files so far | CPU s a GB | CPU ms a file | wall s a GB | memory now, MiB | catalogue MB | API: median, worst ms |")
    print("|---|---|---|---|---|---|---|---|")
    for first, last in spans:
        per_file, per_gb, wall = costs(first, last)
        between = [row for run in runs for row in run if row["pid"] == last["pid"] and first["at"] < row["at"] <= last["at"]]
        median = sorted(row["api_median"] for row in between)[len(between) // 2]
        print(f"| {(last['bytes_read'] + before[last['pid']][0]) / 1e9:.0f} | {last['files_done']} | {per_gb:.3f} | {per_file or 0:.2f}"
              f" | {wall:.2f} | {last['VmRSS']:.0f} | {last['catalogue'] / 1e6:.0f}"
              f" | {median:.1f}, {max(row['api_worst'] for row in between):.0f} |")
    return spans


def whole(first, late, folder):
    """The share from its beginning to its end: a row of `late` for each part of it that was looked at."""
    total = first[0]["bytes_total"] / 1e12
    print("\n| sent before, TB | CPU s a GB | CPU ms a file | wall s a GB | memory, MiB | catalogue MB | API: median, worst ms |\n|---|---|---|---|---|---|---|")
    seen = []
    for percent, run in [(0, first), *late]:
        per_file, per_gb, wall = costs(run[0], run[-1])
        median = sorted(row["api_median"] for row in run)[len(run) // 2]
        seen.append((total * percent / 100, per_gb, per_file, run[-1]["VmHWM"], run[-1]["catalogue"] / 1e6))
        print(f"| {seen[-1][0]:.1f} | {per_gb:.3f} | {per_file:.2f} | {wall:.2f} | {seen[-1][3]:.0f} | {seen[-1][4]:.0f}"
              f" | {median:.1f}, {max(row['api_worst'] for row in run[1:]):.0f} |")
    charts = []
    for i, (title, unit) in enumerate((("CPU seconds of the daemon for each GB", "CPU s a GB"), ("CPU milliseconds for each file", "CPU ms a file"),
                                       ("Peak memory of the daemon", "MiB"), ("The catalogue", "MB")), 1):
        charts.append(Chart(f"{title}, over all of the share", "TB sent before", unit))
        charts[-1].add("", [(row[0], row[i]) for row in seen])
    write(f"{folder}/large-whole.svg", charts)


def main(path, folder, late):
    rows = rows_of(path)
    runs = runs_of(rows)
    before = sent_before(runs)

    def sent(row):
        return (row["bytes_read"] + before[row["pid"]][0]) / 1e9

    gigabytes = sum(run[-1]["bytes_read"] - run[0]["bytes_read"] for run in runs) / 1e9
    table(runs, before, gigabytes)
    fine = list(spans_of(runs, gigabytes / POINTS))
    trend = fit([(sent(last), costs(first, last)[1]) for first, last in fine])
    print(f"\nCPU a GB goes with the {trend[0]:.3f} th power of what was sent before; peak memory {max(row['VmHWM'] for row in rows):.0f} MiB"
          f" ({max([row['VmHWM'] for row in rows if row['phase'] == 'scan'] or [0]):.0f} while scanning)")
    x = "GB sent"
    cost = Chart("CPU seconds of the daemon for each GB", x, "CPU s a GB")
    cost.add(f"{gigabytes / POINTS:.0f} GB each", [(sent(last), costs(first, last)[1]) for first, last in fine])
    per_file = Chart("CPU milliseconds of the daemon for each file (6.7 MB in the mean)", x, "CPU ms a file")
    per_file.add(f"{gigabytes / POINTS:.0f} GB each", [(sent(last), costs(first, last)[0]) for first, last in fine])
    memory = Chart("Memory of the daemon", x, "MiB")
    memory.add("resident", [(sent(row), row["VmRSS"]) for run in runs for row in run])
    catalogue = Chart("The catalogue", x, "MB")
    catalogue.add("its file", [(sent(row), row["catalogue"] / 1e6) for run in runs for row in run])
    catalogue.add("its log", [(sent(row), row["wal"] / 1e6) for run in runs for row in run])
    for run in runs[1:]:
        for chart in (cost, per_file, memory, catalogue):
            chart.mark(sent(run[0]), "kill -9")
    write(f"{folder}/large-cost.svg", [cost, per_file])
    write(f"{folder}/large-memory.svg", [memory, catalogue])
    if late:
        whole(runs[0], [(int(percent), runs_of(rows_of(name))[-1]) for percent, name in (word.split("=", 1) for word in late)], folder)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
