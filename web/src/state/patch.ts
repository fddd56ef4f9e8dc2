// The live state and its numbered changes (docs/openapi.yaml, /api/live).
import type { LiveMessage, LiveState } from "../api/types";

export interface Live {
    boot: string;
    seq: number;
    state: LiveState;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
    typeof value === "object" && value !== null && !Array.isArray(value);

/** A JSON merge patch (RFC 7396). What it does not touch stays the same object, so that whoever
 *  compares by identity sees what changed. */
export function mergePatch(target: unknown, patch: unknown): unknown {
    if (!isObject(patch)) {
        return patch;
    }
    const names = Object.keys(patch);

    if (names.length === 0 && isObject(target)) {
        return target;
    }
    // Keys come from outside: "__proto__" must become a member like any other.
    const out = new Map(isObject(target) ? Object.entries(target) : []);

    for (const name of names) {
        if (patch[name] === null) {
            out.delete(name);
        } else {
            out.set(name, mergePatch(out.get(name), patch[name]));
        }
    }
    return Object.fromEntries(out);
}

/** The state after a message. undefined: it does not follow what we have; begin anew. */
export function applyMessage(live: Live | undefined, message: LiveMessage): Live | undefined {
    if (message.type === "snapshot") {
        return { boot: message.boot, seq: message.seq, state: message.state };
    }
    if (live === undefined || message.seq < live.seq) {
        return undefined;
    }
    const state = mergePatch(live.state, message.patch) as LiveState;

    return { boot: live.boot, seq: message.seq, state };
}
