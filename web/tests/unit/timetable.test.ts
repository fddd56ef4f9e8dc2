// The timetable in words, and when a row holds.
import assert from "node:assert/strict";
import { test } from "node:test";
import { dayWords, holds } from "../../src/lib/timetable";

test("days in words", () => {
    const rows: [number[], string][] = [
        [[1, 2, 3, 4, 5, 6, 7], "every day"],
        [[5, 4, 3, 2, 1], "Mon to Fri"],
        [[6, 7], "Sat, Sun"],
        [[1, 3, 5], "Mon, Wed, Fri"],
        [[2], "Tue"],
        [[6, 7, 1], "Mon, Sat, Sun"],
    ];

    for (const [days, words] of rows) {
        assert.equal(dayWords(days), words);
    }
});

test("a row holds from its first minute up to its last, over midnight too", () => {
    const day = { days: [1], from: "08:00", to: "18:30" };
    const night = { days: [7], from: "22:00", to: "06:00" };
    const whole = { days: [3], from: "00:00", to: "00:00" };
    const rows: [typeof day, number, number, boolean][] = [
        [day, 1, 8 * 60, true],
        [day, 1, 8 * 60 - 1, false],
        [day, 1, 18 * 60 + 30, false],
        [day, 2, 9 * 60, false],
        [night, 7, 22 * 60, true],
        [night, 1, 5 * 60 + 59, true],
        [night, 1, 6 * 60, false],
        [night, 7, 5 * 60, false],
        [whole, 3, 0, true],
        [whole, 3, 1439, true],
        [whole, 4, 0, false],
    ];

    for (const [row, at, minute, wanted] of rows) {
        assert.equal(holds(row, at, minute), wanted, `${row.from}-${row.to} at ${at} ${minute}`);
    }
});
