// The connections to a news server: a square each.
import type { Connection } from "../api/types";
import { counted, duration } from "../lib/format";

const WORDS: Record<Connection["state"], [look: string, words: string]> = {
    closed: ["", "closed"],
    connecting: ["open", "connecting"],
    login: ["open", "logging in"],
    idle: ["open", "open, idle"],
    posting: ["busy", "posting"],
    fetching: ["busy", "fetching"],
    asking: ["busy", "asking"],
    waiting: ["wait", "waiting before the next try"],
};

/** "3 posting, 2 open, idle, 5 closed". */
export function slotWords(list: readonly Connection[]): string {
    const counts = new Map<string, number>();

    for (const { state } of list) {
        counts.set(WORDS[state][1], (counts.get(WORDS[state][1]) ?? 0) + 1);
    }
    return [...counts].map(([words, many]) => `${many} ${words}`).join("; ");
}

export function Slots({ connections: list, name }: { connections: readonly Connection[]; name: string }) {
    if (list.length === 0) {
        return null;
    }
    return (
        <div
            class="slots"
            role="img"
            aria-label={`${counted(list.length, "connection")} to ${name}: ${slotWords(list)}`}
        >
            {list.map((connection) => (
                <span
                    class={WORDS[connection.state][0]}
                    title={`${WORDS[connection.state][1]}${connection.since === undefined ? "" : `, for ${duration(connection.since)}`}`}
                />
            ))}
        </div>
    );
}
