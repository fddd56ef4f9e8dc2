// Requests that are refused, break off, or belong to a session that is not any more.
import assert from "node:assert/strict";
import { test } from "node:test";
import { get } from "../../src/api/client";
import { ApiError } from "../../src/api/errors";
import { keepSessionKey, session, sessionKey } from "../../src/api/session";

const kept = new Map<string, string>();

Object.assign(globalThis, {
    localStorage: {
        getItem: (key: string) => kept.get(key) ?? null,
        setItem: (key: string, value: string) => void kept.set(key, value),
        removeItem: (key: string) => void kept.delete(key),
    },
});

/** The next request is answered so. */
function answer(status: number, body: string, before: () => void = () => undefined): void {
    globalThis.fetch = () => {
        before();
        return Promise.resolve(new Response(body, { status }));
    };
}

const REFUSED = JSON.stringify({
    error: { code: "ERR_SESSION", kind: "denied", text: "no session", hint: "" },
});

test("a refused session ends; one that began meanwhile, in another page, stays", async () => {
    keepSessionKey("old");
    session.set("in");
    answer(401, REFUSED, () => keepSessionKey("new"));
    await assert.rejects(get("/api/jobs"), { code: "ERR_SESSION" });
    assert.equal(sessionKey(), "new");
    assert.equal(session.get(), "in");
    answer(401, REFUSED);
    await assert.rejects(get("/api/jobs"), { code: "ERR_SESSION" });
    assert.equal(sessionKey(), "");
    assert.equal(session.get(), "out");
});

test("an answer that breaks off is the daemon's end, not a mistake of the page", async () => {
    answer(200, '{"items": [{"id": 1');
    await assert.rejects(
        get("/api/jobs"),
        (thrown: unknown) => thrown instanceof ApiError && thrown.code === "NO_DAEMON",
    );
    globalThis.fetch = () => Promise.reject(new TypeError("failed"));
    await assert.rejects(get("/api/jobs"), { code: "NO_DAEMON" });
});
