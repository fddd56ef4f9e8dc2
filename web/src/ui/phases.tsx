// How far a job is: one bar for each of its phases.
import type { Job, Phase } from "../api/types";
import { bytes, count } from "../lib/format";
import { isOver, phaseWords } from "../state/jobs";
import { Bar } from "./basic";

/** "1,200 of 3,000 articles", "12.3 MiB of 40.0 GiB", "1,200 entries". */
export function phaseAmount(phase: Phase): string {
    const show = (value: number) => (phase.unit === "bytes" ? bytes(value) : count(value));
    const unit = phase.unit === "bytes" ? "" : ` ${phase.unit}`;

    if (phase.state === "waiting" && phase.done === 0) {
        return "";
    }
    if (phase.unit === "steps" && (phase.state === "done" || phase.done === 0)) {
        return phase.state === "done" ? "done" : "";
    }
    if (phase.total == null || phase.state === "done") {
        return `${show(phase.done)}${unit}`;
    }
    return `${show(phase.done)} of ${show(phase.total)}${unit}`;
}

function lookOf(job: Job, phase: Phase): "" | "done" | "stopped" | "failed" {
    if (phase.state === "done") {
        return "done";
    }
    if (job.state === "failed") {
        return "failed";
    }
    return job.state === "running" ? "" : "stopped";
}

export function Phases({ job }: { job: Job }) {
    return (
        <ul class="phases">
            {(job.phases ?? []).map((phase) => {
                const words = phaseWords(phase);
                const running = phase.state === "running" && !isOver(job);

                return (
                    <li class={running ? "now" : ""} key={phase.name}>
                        <span class="what">{words}</span>
                        <Bar
                            label={words}
                            permille={
                                phase.state === "done"
                                    ? 1000
                                    : phase.state === "waiting"
                                      ? 0
                                      : (phase.permille ?? null)
                            }
                            look={lookOf(job, phase)}
                            moving={running && job.state === "running"}
                        />
                        <span class="much">{phaseAmount(phase)}</span>
                    </li>
                );
            })}
        </ul>
    );
}
