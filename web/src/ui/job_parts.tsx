// Parts that show a job: its name, its figures, the files in work, and what can be done with it.
import { useState } from "preact/hooks";
import { post } from "../api/client";
import type { Job } from "../api/types";
import { bytes, counted, date, duration, percent, rate } from "../lib/format";
import { baseName, nameOf, nameText } from "../lib/names";
import { go } from "../lib/route";
import { isOver, kindWords, leftOut, pauseJob, resumeJob, retryJob, stateWords } from "../state/jobs";
import { Badge, Bar, Button, Figures } from "./basic";
import { ask } from "./dialog";
import { Menu } from "./menu";
import { Name } from "./name";
import { doAndSay } from "./toast";

/** What the job is about: the share's title, or the folder that gets it. */
export function jobName(job: Job) {
    if (job.title !== undefined && job.title !== "") {
        return job.title;
    }
    return job.target === undefined ? `Job ${job.id}` : baseName(nameOf(job, "target"));
}

export function JobTitle({ job, linked = true }: { job: Job; linked?: boolean }) {
    const name = <Name name={jobName(job)} />;

    return (
        <>
            <span class="muted">{kindWords(job)}</span>{" "}
            {linked ? (
                <a class="main" href={`#/jobs/${job.id}`}>
                    {name}
                </a>
            ) : (
                name
            )}
        </>
    );
}

export function StateBadge({ job }: { job: Job }) {
    const { words, tone } = stateWords(job);

    return <Badge tone={tone}>{words}</Badge>;
}

/** When it ends: only what is known. */
export function etaWords(job: Job): string {
    if (job.state === "paused") {
        return job.paused_until == null ? "paused" : `goes on at ${date(job.paused_until).slice(11)}`;
    }
    return job.state === "running" ? duration(job.progress?.eta) : "not running";
}

export function JobFigures({ job }: { job: Job }) {
    const { progress } = job;
    const whole = percent(progress?.permille);

    return (
        <Figures
            items={[
                ["Speed now", rate(job.state === "running" ? progress?.rate : null)],
                ["On average", rate(progress?.average)],
                ["Time left", etaWords(job)],
                ["This phase", whole ?? "unknown"],
                ["Retries", counted(progress?.retries ?? 0, "retry", "retries").replace(/ .*/, "")],
                ...((progress?.skipped ?? 0) > 0
                    ? ([["Left out", counted(progress?.skipped ?? 0, "file")]] as const)
                    : []),
            ]}
        />
    );
}

/** The files in work right now, each with its bar. */
export function FilesInWork({ job }: { job: Job }) {
    const files = job.files ?? [];

    if (files.length === 0) {
        return null;
    }
    return (
        <ul class="files-now">
            {files.map((file) => {
                const path = nameOf(file, "path");

                return (
                    <li key={nameText(path)}>
                        <Name name={path} line />
                        <Bar
                            label={`File ${nameText(path)}`}
                            permille={file.bytes_total > 0 ? (file.bytes / file.bytes_total) * 1000 : null}
                        />
                        <span class="much number">
                            {bytes(file.bytes)} of {bytes(file.bytes_total)}
                        </span>
                    </li>
                );
            })}
        </ul>
    );
}

function cancelJob(job: Job): void {
    const sent = job.kind === "share";

    ask({
        title: (
            <>
                Cancel “<Name name={jobName(job)} />
                ”?
            </>
        ),
        body: (
            <p>
                {sent
                    ? "The job ends for good. What was posted already stays on the news server, unreadable without a link; sharing the same folder again uses it."
                    : "The job ends for good. Files that are complete stay where they are."}
            </p>
        ),
        action: "Cancel the job",
        danger: true,
        run: () => post("/api/jobs/{job}/cancel", { path: { job: job.id } }),
    });
}

function forgetJob(job: Job, after?: () => void): void {
    ask({
        title: "Take this job out of the history?",
        body: <p>Its entry and its log go. The share, files and articles it made stay as they are.</p>,
        action: "Take it out",
        danger: true,
        run: async () => {
            await post("/api/jobs/{job}/forget", { path: { job: job.id } });
            after?.();
        },
    });
}

const PAUSES: readonly [string, number | undefined][] = [
    ["Until I resume it", undefined],
    ["For 15 minutes", 15],
    ["For 1 hour", 60],
    ["For 8 hours", 480],
];

const PRIORITIES: readonly [string, number][] = [
    ["High priority", 10],
    ["Normal priority", 0],
    ["Low priority", -10],
];

const setPriority = (job: number, priority: number) =>
    doAndSay(
        () => post("/api/jobs/{job}/priority", { path: { job }, body: { priority } }),
        "Priority changed.",
    );

interface ActionProps {
    job: Job;
    small: boolean;
    name: string;
    busy: boolean;
    act: (action: Promise<boolean>) => void;
}

/** What can be done with a job that is not over. */
function OpenActions({ job, small, name, busy, act }: ActionProps) {
    const pauses = PAUSES.map(([words, minutes]) => ({ words, run: () => act(pauseJob(job.id, minutes)) }));
    const priorities = PRIORITIES.map(([words, priority]) => ({
        words: job.priority === priority ? `${words} (now)` : words,
        run: () => act(setPriority(job.id, priority)),
    }));

    return (
        <>
            {job.state === "paused" ? (
                <Button
                    small={small}
                    icon="play"
                    disabled={busy}
                    label={`Resume ${name}`}
                    onClick={() => act(resumeJob(job.id))}
                >
                    Resume
                </Button>
            ) : (
                <Menu
                    small={small}
                    label={`Pause ${name}`}
                    icon="pause"
                    words="Pause"
                    disabled={busy}
                    items={pauses}
                />
            )}
            <Menu small={small} label={`Priority of ${name}`} icon="more" items={priorities} />
            <Button
                small={small}
                kind="quiet"
                icon="stop"
                label={`Cancel ${name}`}
                onClick={() => cancelJob(job)}
            />
        </>
    );
}

/** And with one that is. */
function OverActions({ job, small, name, busy, act }: ActionProps) {
    return (
        <>
            {(job.state !== "done" || leftOut(job)) && (
                <Button
                    small={small}
                    icon="retry"
                    disabled={busy}
                    label={`Retry ${name}`}
                    onClick={() => act(retryJob(job.id))}
                >
                    Retry
                </Button>
            )}
            <Button
                small={small}
                kind="quiet"
                icon="trash"
                label={`Take ${name} out of the history`}
                onClick={() => forgetJob(job, small ? undefined : () => go("#/activity"))}
            />
        </>
    );
}

export function JobActions({ job, small = false }: { job: Job; small?: boolean }) {
    const [busy, setBusy] = useState(false);
    const name = nameText(jobName(job));
    const act = (action: Promise<boolean>) => {
        setBusy(true);
        void action.finally(() => setBusy(false));
    };
    const props = { job, small, name, busy, act };

    return <div class="row">{isOver(job) ? <OverActions {...props} /> : <OpenActions {...props} />}</div>;
}
