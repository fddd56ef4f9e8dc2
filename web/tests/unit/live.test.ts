// What is made of the live state: phases, speeds, ends of jobs, waiting before the next try.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Job, Phase } from "../../src/api/types";
import { justEnded, titleProgress } from "../../src/state/announce";
import { waitBefore } from "../../src/state/live";
import { speedsOf, withSample } from "../../src/state/speeds";
import { etaWords } from "../../src/ui/job_parts";
import { phaseAmount } from "../../src/ui/phases";
import { slotWords } from "../../src/ui/slots";

const phase = (part: Partial<Phase>): Phase => ({
    name: "post",
    state: "running",
    unit: "articles",
    done: 0,
    total: null,
    permille: null,
    ...part,
});
const job = (part: Partial<Job>): Job => ({
    id: 1,
    kind: "share",
    state: "running",
    priority: 0,
    attempts: 1,
    share: 1,
    created: 0,
    started: 0,
    finished: 0,
    ...part,
});

test("how much of a phase is done: only what is known", () => {
    const rows: [Partial<Phase>, string][] = [
        [{ done: 12, total: 3400 }, "12 of 3,400 articles"],
        [{ done: 12 }, "12 articles"],
        [{ state: "waiting" }, ""],
        [{ unit: "bytes", name: "read", done: 1024, total: 2048 }, "1.0 KiB of 2.0 KiB"],
        [{ unit: "entries", name: "scan", state: "done", done: 7, total: 7 }, "7 entries"],
        [{ unit: "steps", name: "publish", state: "done", done: 3, total: 3 }, "done"],
    ];

    for (const [part, words] of rows) {
        assert.equal(phaseAmount(phase(part)), words);
    }
});

test("time left is never invented", () => {
    const progress = { eta: 65 } as unknown as NonNullable<Job["progress"]>;

    assert.equal(etaWords(job({})), "unknown");
    assert.equal(etaWords(job({ progress })), "1 min 5 s");
    assert.equal(etaWords(job({ progress, state: "paused" })), "paused");
    assert.equal(etaWords(job({ progress, state: "queued" })), "not running");
});

test("speeds: one a second, ten minutes; a clock that is put back begins there", () => {
    let speeds = speedsOf({ end: 100, up: [1, 2], down: [3, 4] });

    assert.deepEqual(speeds.times, [99, 100]);
    speeds = withSample(speeds, 100, 9, 8);
    assert.deepEqual(speeds, { times: [99, 100], up: [1, 9], down: [3, 8] });
    speeds = withSample(speeds, 101, 7, 6);
    assert.deepEqual(speeds.up, [1, 9, 7]);
    assert.deepEqual(withSample(speeds, 50, 4, 3), { times: [50], up: [4], down: [3] });
    assert.deepEqual(withSample(speeds, 100, 4, 3), { times: [99, 100], up: [1, 4], down: [3, 3] });
    speeds = withSample(speeds, 699, 5, 5);
    assert.deepEqual(speeds.times, [100, 101, 699]);
    assert.deepEqual(withSample(speeds, 9999, 5, 5).times, [9999]);
});

test("a job's end is told once, and only of one that was seen under way", () => {
    const before = new Map<number, Job["state"]>([
        [1, "running"],
        [2, "done"],
        [3, "queued"],
        [4, "running"],
    ]);
    const now = [
        job({ id: 1, state: "done" }),
        job({ id: 2, state: "done" }),
        job({ id: 3, state: "failed" }),
        job({ id: 4, state: "paused" }),
        job({ id: 5, state: "done" }),
    ];

    assert.deepEqual(
        justEnded(before, now).map(({ id }) => id),
        [1, 3],
    );
});

test("the title shows one job's progress, not a guess over several", () => {
    const progress = { permille: 431 } as unknown as NonNullable<Job["progress"]>;

    assert.equal(titleProgress([job({ progress }), job({ id: 2, state: "queued" })]), "43 %");
    assert.equal(titleProgress([job({ progress }), job({ id: 2, progress })]), null);
    assert.equal(titleProgress([job({})]), null);
});

test("waiting grows to a limit, and no two pages wait in step", () => {
    assert.equal(waitBefore(0, 1), 500);
    assert.equal(waitBefore(0, 0), 375);
    assert.equal(waitBefore(3, 1), 4000);
    assert.equal(waitBefore(30, 1), 15_000);
});

test("connections in words", () => {
    assert.equal(
        slotWords([{ state: "posting" }, { state: "idle" }, { state: "posting" }]),
        "2 posting; 1 open, idle",
    );
});
