#!/usr/bin/python3
"""What growth_run.py wrote down, as tables and as curves with what fits them best: y = a * amount ^ b.

    growth_curves.py ROWS FOLDER       writes FOLDER/growth-files.svg and FOLDER/growth-bytes.svg
"""
import json
import sys

from curves import Chart, fit, short, write

# What is told of each kind: name, key, what it is divided by to be shown, and the chart it is drawn in
SHOWN = {
    "files": (("scan, wall s", "scan", 1, "Wall seconds"), ("all, wall s", "wall", 1, "Wall seconds"),
              ("scan, CPU s", "scan_cpu", 1, "CPU seconds"), ("all, CPU s", "cpu", 1, "CPU seconds"),
              ("peak memory, MiB", "rss", 1, "MiB"), ("catalogue, MB", "catalogue", 1e6, "MB")),
    "bytes": (("wall s", "wall", 1, "Seconds"), ("CPU s", "cpu", 1, "Seconds"),
              ("peak memory, MiB", "rss", 1, "MiB"), ("catalogue, MB", "catalogue", 1e6, "MB")),
}
TITLES = {"files": "Small files scanned and shared", "bytes": "Bytes scanned and sent"}


def line_of(points, ends):
    """The fitted curve between two amounts."""
    exponent, factor = fit(points)
    return [(x, factor * x ** exponent) for x in ends]


def one(kind, rows, folder):
    rows = sorted((row for row in rows if row["kind"] == kind), key=lambda row: row["amount"])
    shown = SHOWN[kind]
    print(f"| {kind} | " + " | ".join(name for name, *_ in shown) + " | articles |\n" + "|---" * (len(shown) + 2) + "|")
    for row in rows:
        print(f"| {short(row['amount'])} | " + " | ".join(f"{row[key] / unit:.2f}" for _, key, unit, _ in shown) + f" | {row['articles']} |")
    powers, charts = [], {}
    for name, key, unit, axis in shown:
        points = [(row["amount"], row[key] / unit) for row in rows]
        powers.append(f"{fit(points)[0]:.2f}")
        chart = charts.setdefault(axis, Chart(f"{TITLES[kind]}: {axis}", kind, "", logs=True))
        chart.add(f"{name} (power {powers[-1]})", points)
        chart.add("", line_of(points, (rows[0]["amount"], rows[-1]["amount"])), dashed=True)
    print("| grows with the power | " + " | ".join(powers) + " | |\n")
    write(f"{folder}/growth-{kind}.svg", list(charts.values()))


def main(path, folder):
    with open(path, encoding="ascii") as file:
        rows = [json.loads(line) for line in file]
    for kind in TITLES:
        one(kind, rows, folder)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
