// The session of this browser: the cookie is the browser's own business; the key beside it is kept in
// localStorage, which other ports of this machine do not share, and goes along in a header.
import { createStore } from "../state/store";

const KEY = "usenetsync.key";

export type SessionState = "asking" | "in" | "out";

/** Are we logged in? "asking": not known yet. */
export const session = createStore<SessionState>("asking");

export function sessionKey(): string {
    try {
        return localStorage.getItem(KEY) ?? "";
    } catch {
        return "";
    }
}

export function keepSessionKey(key: string): void {
    try {
        localStorage.setItem(KEY, key);
    } catch {
        // a browser that keeps nothing: the session ends with this page's next load
    }
}

/** The session with this key is over. Another page may have begun a new one since: that one stays. */
export function dropSession(key = sessionKey()): void {
    if (key !== sessionKey()) {
        return;
    }
    try {
        localStorage.removeItem(KEY);
    } catch {
        // nothing was kept
    }
    session.set("out");
}
