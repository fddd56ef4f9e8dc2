// Lines of what happened.
import type { Event } from "../api/types";
import { date } from "../lib/format";
import { Badge, type Tone } from "./basic";
import { Name } from "./name";

const TONES: Record<Event["level"], Tone> = { error: "bad", warn: "warn", info: "plain", debug: "plain" };

export function EventLines({ events, withJob = false }: { events: readonly Event[]; withJob?: boolean }) {
    if (events.length === 0) {
        return <p class="empty muted">Nothing has happened yet.</p>;
    }
    return (
        <ol class={withJob ? "log with-job" : "log"}>
            {events.map((event) => {
                const seconds = Math.floor(event.time_ns / 1e9);

                return (
                    <li key={event.id}>
                        <time dateTime={new Date(seconds * 1000).toISOString()}>
                            {date(seconds)}:{String(seconds % 60).padStart(2, "0")}
                        </time>
                        <span class="row">
                            <Badge tone={TONES[event.level]}>{event.level}</Badge>
                            {withJob && event.job > 0 && <a href={`#/jobs/${event.job}`}>job {event.job}</a>}
                        </span>
                        <span class="said">
                            <Name name={event.text} />
                        </span>
                    </li>
                );
            })}
        </ol>
    );
}
