#!/usr/bin/python3
"""What telling of a job's progress takes of a process's CPU.

    page_cost.py SECONDS CPU_SECONDS NAME=FILE...     FILE: perf script -F comm,ip,sym,dso of the run

A sample counts when any of its frames belongs to the path from a flow's counters to the page and the
command line. SECONDS is how long the process was watched, CPU_SECONDS what it used in that time.
"""
import re
import sys

# In this order; what is looked at is "symbol library". In a run that is watched nobody else asks anything.
PARTS = [
    ("counting: from the flow to the job", r"^(progress_|on_changed |job_phases_update|job_rate_add)"),
    ("writing down: rows and events", r"^(job_note|job_save|job_flush_events|note_run|store_job_|store_event_)"),
    ("telling: the live state and its changes", r"^(control_live|web_news|web_patch|web_live)"),
    ("answering: HTTP and WebSocket", r"^(verb_|web_|control_)| libwebsockets"),
]
FRAME = re.compile(r"\s*\S+ (.*) \((.*)\)$")


def part_of(frames):
    texts = [f"{symbol} {library.rpartition('/')[2]}" for symbol, library in frames]
    for part, pattern in PARTS:
        if any(re.search(pattern, text) for text in texts):
            return part
    return None


def main():
    seconds, cpu = float(sys.argv[1]), float(sys.argv[2])
    print("| part of the daemon's work | samples | % of its CPU | % of one core |\n|---|---|---|---|")
    with open(sys.argv[3], encoding="utf-8", errors="replace") as file:
        samples = [[match.groups() for match in map(FRAME.match, sample.split("\n")[1:]) if match]
                   for sample in file.read().strip().split("\n\n")]
    counts = dict.fromkeys([part for part, _ in PARTS], 0)
    for frames in samples:
        part = part_of(frames)
        if part is not None:
            counts[part] += 1
    counts["all of the progress path"] = sum(counts.values())
    for part, count in counts.items():
        share = count / max(len(samples), 1)
        print(f"| {part} | {count} | {share * 100:.2f} | {share * cpu / seconds * 100:.2f} |")
    print(f"\n{len(samples)} samples, {cpu:.2f} CPU s in {seconds:.1f} s")


if __name__ == "__main__":
    main()
