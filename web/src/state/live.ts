// The connection that tells what is going on: a snapshot, then changes. When it is lost it comes back
// by itself, later and later, and goes on from the last number it saw.
import { dropSession, sessionKey } from "../api/session";
import type { LiveMessage } from "../api/types";
import { applyMessage, type Live } from "./patch";
import { createStore } from "./store";

const SILENCE_MS = 40_000; // the daemon speaks every 15 s: after this the connection is dead
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;
const CLOSED_SESSION = 4001;

export interface Link {
    /** "lost": was connected or tried, and is not now */
    state: "connecting" | "on" | "lost";
    /** when the next try begins, in ms of performance.now(); meaningful when lost */
    nextTry: number;
    /** how often it was tried since it was lost */
    tries: number;
}

export const live = createStore<Live | undefined>(undefined);
export const link = createStore<Link>({ state: "connecting", nextTry: 0, tries: 0 });

let socket: WebSocket | undefined;
let silence: ReturnType<typeof setTimeout> | undefined;
let retry: ReturnType<typeof setTimeout> | undefined;
let tries = 0;

/** How long to wait before try number `count` (from 0), with `chance` in 0..1 so that many pages do not
 *  come back in step. */
export function waitBefore(count: number, chance: number): number {
    const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** count);

    return Math.round(longest * (0.75 + chance / 4));
}

function address(): string {
    const known = live.get();
    const query = known === undefined ? "" : `?since=${known.seq}&boot=${encodeURIComponent(known.boot)}`;

    return `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/api/live${query}`;
}

function watchSilence(): void {
    clearTimeout(silence);
    silence = setTimeout(() => lost(undefined), SILENCE_MS);
}

function onMessage(from: WebSocket, text: string): void {
    let next: Live | undefined;

    if (from !== socket) {
        return;
    }
    watchSilence();
    try {
        next = applyMessage(live.get(), JSON.parse(text) as LiveMessage);
    } catch {
        next = undefined;
    }
    if (next === undefined) {
        live.set(undefined); // what we have fits nothing: a whole snapshot, please
        lost(undefined);
        return;
    }
    tries = 0;
    live.set(next);
    link.set({ state: "on", nextTry: 0, tries: 0 });
}

function lost(code: number | undefined): void {
    const old = socket;

    socket = undefined;
    clearTimeout(silence);
    clearTimeout(retry);
    old?.close();
    if (code === CLOSED_SESSION) {
        live.set(undefined);
        dropSession();
        return;
    }
    const wait = waitBefore(tries, Math.random());

    tries++;
    link.set({ state: "lost", nextTry: performance.now() + wait, tries });
    retry = setTimeout(connect, wait);
}

/** Is the session still good? A refused WebSocket does not say why it was refused. */
async function askSession(): Promise<void> {
    const key = sessionKey();

    try {
        const answer = await fetch("/api/session", {
            headers: { "X-UsenetSync-Key": key },
            cache: "no-store",
        });

        if (answer.status === 401 && key === sessionKey()) {
            disconnect();
            dropSession();
        }
    } catch {
        // the daemon is away; the next try will tell
    }
}

/** Connect now, or try at once instead of later. */
export function connect(): void {
    clearTimeout(retry);
    socket?.close();
    const mine = new WebSocket(address(), ["usenetsync.live.1", `key.${sessionKey()}`]);
    let opened = false;

    socket = mine;
    watchSilence();
    mine.onopen = () => {
        opened = true;
    };
    mine.onmessage = (event) => onMessage(mine, String(event.data));
    mine.onclose = (event) => {
        if (mine === socket) {
            lost(event.code);
            if (!opened) {
                void askSession();
            }
        }
    };
}

export function disconnect(): void {
    const old = socket;

    socket = undefined;
    clearTimeout(silence);
    clearTimeout(retry);
    old?.close();
}
