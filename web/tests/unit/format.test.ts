// Numbers for people.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as format from "../../src/lib/format";

function rows<T>(call: (value: T) => unknown, table: [T, unknown][]): void {
    for (const [value, wanted] of table) {
        assert.equal(call(value), wanted, String(value));
    }
}

test("bytes", () => {
    rows(format.bytes, [
        [0, "0 B"],
        [1023, "1023 B"],
        [1024, "1.0 KiB"],
        [1048524, "1023.9 KiB"],
        [1048576, "1.0 MiB"],
        [786432, "768.0 KiB"],
        [20 * 1024 ** 4, "20.0 TiB"],
    ]);
});

test("counts", () => {
    rows(format.count, [
        [0, "0"],
        [999, "999"],
        [1000, "1,000"],
        [1234567, "1,234,567"],
    ]);
    assert.equal(format.counted(1, "file"), "1 file");
    assert.equal(format.counted(2000, "file"), "2,000 files");
    assert.equal(format.counted(2, "entry", "entries"), "2 entries");
});

test("durations, and the one that is not known", () => {
    rows(format.duration, [
        [0, "0 s"],
        [59.4, "59 s"],
        [60, "1 min"],
        [185, "3 min 5 s"],
        [7800, "2 h 10 min"],
        [273600, "3 d 4 h"],
        [null, "unknown"],
        [undefined, "unknown"],
        [-1, "unknown"],
        [Infinity, "unknown"],
    ]);
});

test("per cent are never rounded up", () => {
    rows(format.percent, [
        [0, "0 %"],
        [999, "99 %"],
        [1000, "100 %"],
        [null, null],
    ]);
});

test("how long ago", () => {
    rows(
        (at: number) => format.ago(at, 1_000_000),
        [
            [0, "never"],
            [999_990, "just now"],
            [999_000, "17 minutes ago"],
            [996_400, "1 hour ago"],
            [900_000, "1 day ago"],
        ],
    );
});

test("rates as people type them", () => {
    rows(format.parseRate, [
        ["", 0],
        ["5", 5 * 1024 ** 2],
        ["1,5", 1.5 * 1024 ** 2],
        ["500 KiB/s", 500 * 1024],
        ["500k", 500 * 1024],
        ["2 GB", 2 * 1024 ** 3],
        ["4096 B", 4096],
        ["fast", undefined],
        ["-1", undefined],
    ]);
});
