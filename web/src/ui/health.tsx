// How well a share is: what the last check found.
import type { Health } from "../api/types";
import { ago, count, counted, date } from "../lib/format";
import { nameText } from "../lib/names";
import { Badge, Facts, type Tone } from "./basic";
import { useNow } from "./hooks";

const STATES: Record<Health["state"], { words: string; tone: Tone; text: string }> = {
    unknown: {
        words: "not checked",
        tone: "plain",
        text: "Nobody has asked the server since it was published.",
    },
    good: { words: "good", tone: "good", text: "Every article is there." },
    weak: {
        words: "weak",
        tone: "warn",
        text: "Articles are missing, but everything can still be rebuilt from the recovery data. Publish it again soon.",
    },
    damaged: {
        words: "damaged",
        tone: "bad",
        text: "Some files cannot be restored from the server any more. Publish it again while you have the files.",
    },
    lost: {
        words: "lost",
        tone: "bad",
        text: "The head or the listing is gone: the link finds nothing. Publish it again.",
    },
};

export function HealthBadge({ health }: { health: Health | undefined }) {
    const { words, tone } = STATES[health?.state ?? "unknown"];

    return <Badge tone={tone}>{words}</Badge>;
}

/** With several servers: what each of them lacks. */
function serverFacts(health: Health): [string, string][] {
    const servers = health.servers ?? [];

    return servers.length < 2
        ? []
        : servers.map(({ name, asked, missing, damaged }) => [
              `Missing at ${nameText(name)}`,
              `${count(missing + damaged)} of ${count(asked)}`,
          ]);
}

export function HealthView({ health }: { health: Health }) {
    const now = useNow();
    const { text } = STATES[health.state];
    const { worst } = health;

    return (
        <div class="stack">
            <p>
                <HealthBadge health={health} /> {text}
            </p>
            {health.checked != null && (
                <Facts
                    items={[
                        [
                            "Last checked",
                            `${ago(health.checked, now)}${health.deep === true ? ", reading every article" : ""}`,
                        ],
                        [
                            "Articles missing",
                            `${count(health.articles_missing ?? 0)} of ${count(health.articles ?? 0)}`,
                        ],
                        ...((health.articles_damaged ?? 0) > 0
                            ? ([["Articles damaged", count(health.articles_damaged ?? 0)]] as const)
                            : []),
                        [
                            "Worst volume",
                            worst == null
                                ? "nothing is missing anywhere"
                                : `${counted(worst.missing, "article")} missing; it stands up to ${count(worst.spare)}`,
                        ],
                        [
                            "Copies of the head",
                            health.head_copies == null ? "unknown" : count(health.head_copies),
                        ],
                        ...serverFacts(health),
                    ]}
                />
            )}
            {health.next_check !== undefined && (
                <p class="small muted">
                    {health.next_check > now
                        ? `Next check: ${date(health.next_check)}. `
                        : "A check is about to begin. "}
                    What is missing too often is posted again by itself.
                </p>
            )}
        </div>
    );
}
