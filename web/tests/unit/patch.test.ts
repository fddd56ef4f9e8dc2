// The live state: the table of RFC 7396, what stays identical, and what does not follow.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { LiveMessage } from "../../src/api/types";
import { applyMessage, mergePatch, type Live } from "../../src/state/patch";

const RFC_7396: [unknown, unknown, unknown][] = [
    [{ a: "b" }, { a: "c" }, { a: "c" }],
    [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
    [{ a: "b" }, { a: null }, {}],
    [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
    [{ a: ["b"] }, { a: "c" }, { a: "c" }],
    [{ a: "c" }, { a: ["b"] }, { a: ["b"] }],
    [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
    [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
    [
        ["a", "b"],
        ["c", "d"],
        ["c", "d"],
    ],
    [{ a: "b" }, ["c"], ["c"]],
    [{ a: "foo" }, null, null],
    [{ a: "foo" }, "bar", "bar"],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: "b", c: null }, { a: "b" }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
];

test("merge patches do what RFC 7396 says", () => {
    for (const [target, patch, wanted] of RFC_7396) {
        assert.deepEqual(mergePatch(target, patch), wanted, JSON.stringify([target, patch]));
    }
});

test("a member named __proto__ is a member like any other", () => {
    const out = mergePatch({}, JSON.parse('{"__proto__": {"bad": 1}, "a": 2}')) as object;

    assert.equal((out as { bad?: number }).bad, undefined);
    assert.deepEqual(Object.keys(out), ["__proto__", "a"]);
});

test("what a patch does not touch stays the same object", () => {
    const before = { jobs: { 1: { id: 1 }, 2: { id: 2 } }, servers: {} };
    const after = mergePatch(before, { jobs: { 2: { id: 3 } } }) as typeof before;

    assert.equal(after.servers, before.servers);
    assert.equal(after.jobs[1], before.jobs[1]);
    assert.notEqual(after.jobs[2], before.jobs[2]);
    assert.equal(mergePatch(before, {}), before);
});

const state = (time: number) => ({ time }) as unknown as Live["state"];
const change = (seq: number, patch: object) => ({ type: "change", seq, patch }) as LiveMessage;

test("a snapshot begins, changes follow, an empty one is a sign of life", () => {
    let live = applyMessage(undefined, { type: "snapshot", boot: "b", seq: 5, state: state(1) });

    live = applyMessage(live, change(9, { time: 2 }));
    assert.deepEqual(live, { boot: "b", seq: 9, state: { time: 2 } });
    live = applyMessage(live, change(9, {}));
    assert.deepEqual(live, { boot: "b", seq: 9, state: { time: 2 } });
});

test("a change without a snapshot, or from before, is not taken", () => {
    assert.equal(applyMessage(undefined, change(9, {})), undefined);
    assert.equal(applyMessage({ boot: "b", seq: 9, state: state(1) }, change(8, {})), undefined);
});

test("a new daemon's snapshot takes the place of all", () => {
    const live = applyMessage(
        { boot: "a", seq: 900, state: state(7) },
        { type: "snapshot", boot: "b", seq: 1, state: state(8) },
    );

    assert.deepEqual(live, { boot: "b", seq: 1, state: { time: 8 } });
});
