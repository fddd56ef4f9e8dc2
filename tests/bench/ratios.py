#!/usr/bin/python3
"""Rows of Markdown from a file of runs (bench_lib.sh: name, wall, CPU, MiB between tabs).

    ratios.py RUNS table [--rate "AMOUNT UNIT"] LABEL=EXPRESSION...
    ratios.py RUNS compare LABEL=OURS:PEER...

An expression is names of runs with ` + ` or ` - ` between them, and perhaps ` / N` behind; the n-th runs of all of them
belong together. Peak memory of a sum is that of its largest part. A row of `table` is the medians, the
range of wall behind; of `compare` the median of the pairs' ratios OURS / PEER, and their range.
"""
import re
import statistics
import sys

MISSING = "ratios: there is no run of \"%s\""


def read(path):
    runs = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            name, *figures = line.rstrip("\n").split("\t")
            runs.setdefault(name, []).append([float(figure) for figure in figures])
    return runs


def series(runs, expression):
    """Of each pair (wall, CPU, MiB)."""
    expression, _, divisor = expression.partition(" / ")
    words = re.split(r" ([+-]) ", expression)
    signed = list(zip(["+"] + words[1::2], words[0::2]))
    for _, name in signed:
        if name not in runs:
            sys.exit(MISSING % name)
    result = []
    for turn in range(min(len(runs[name]) for _, name in signed)):
        at = [(1 if sign == "+" else -1, runs[name][turn]) for sign, name in signed]
        result.append([sum(sign * run[i] for sign, run in at) / float(divisor or 1) for i in (0, 1)]
                      + [max(run[2] for _, run in at)])
    return result


def spread(values, form):
    low, high = form % min(values), form % max(values)
    return "" if low == high else " (%s .. %s)" % (low, high)


def table(runs, arguments):
    amount, unit = None, ""
    if arguments[0] == "--rate":
        amount, unit = arguments[1].split(" ", 1)
        arguments = arguments[2:]
        print("| | wall s | %s | CPU s | peak MiB |\n|---|---|---|---|---|" % unit)
    else:
        print("| | wall s | CPU s | peak MiB |\n|---|---|---|---|")
    for argument in arguments:
        label, expression = argument.split("=", 1)
        wall, cpu, rss = zip(*series(runs, expression))
        rate = "" if amount is None else " %.0f |" % (float(amount) / max(statistics.median(wall), 1e-3))
        print("| %s | %.2f%s |%s %.2f | %.0f |" % (label, statistics.median(wall), spread(wall, "%.2f"), rate,
                                                  statistics.median(cpu), statistics.median(rss)))


def compare(runs, arguments):
    for argument in arguments:
        label, expressions = argument.split("=", 1)
        ours, peer = (series(runs, expression) for expression in expressions.split(":"))
        cells = []
        for i in range(3):
            ratios = [a[i] / max(b[i], 1e-3) for a, b in zip(ours, peer)]
            cells.append("%.2f%s" % (statistics.median(ratios), spread(ratios, "%.2f")))
        print("| %s | %s |" % (label, " | ".join(cells)))


if __name__ == "__main__":
    {"table": table, "compare": compare}[sys.argv[2]](read(sys.argv[1]), sys.argv[3:])
