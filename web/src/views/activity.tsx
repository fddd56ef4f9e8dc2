// What happened: events with a filter, the history of jobs, and what helps when something is wrong.
import { useState } from "preact/hooks";
import { get, post } from "../api/client";
import type { Event, Job } from "../api/types";
import { bytes, count, date, duration, rate } from "../lib/format";
import { route } from "../lib/route";
import { useStore } from "../state/store";
import { Button, Card, Empty, Field, Head } from "../ui/basic";
import { ask } from "../ui/dialog";
import { EventLines } from "../ui/events";
import { useLive, useLoad, useQuiet, useRevision } from "../ui/hooks";
import { JobTitle, StateBadge } from "../ui/job_parts";
import { ResultWords } from "../ui/result";
import { doAndSay } from "../ui/toast";
import { Waiting } from "../ui/waiting";
import { isOver, retryJob } from "../state/jobs";

const PAGE = 100;

type Level = Event["level"];

const LEVELS: readonly [Level, string][] = [
    ["info", "Everything that matters"],
    ["warn", "Warnings and errors"],
    ["error", "Errors only"],
    ["debug", "All details"],
];

/** Pages that are put one behind another; another filter begins anew. */
function useMore<T>(
    load: (after: string | undefined) => Promise<{ items: T[]; next: string | null }>,
    keys: readonly unknown[],
) {
    const first = useLoad(() => load(undefined), keys);
    const [more, setMore] = useState<{ of: unknown; items: T[]; next: string | null }>();
    const mine = more !== undefined && more.of === first.data ? more : undefined;
    const next = mine === undefined ? first.data?.next : mine.next;

    return {
        ...first,
        items: first.data === undefined ? undefined : [...first.data.items, ...(mine?.items ?? [])],
        next,
        fetchMore: async () => {
            if (next != null) {
                const page = await load(next);

                setMore({ of: first.data, items: [...(mine?.items ?? []), ...page.items], next: page.next });
            }
        },
    };
}

function Older({ pages }: { pages: { next: string | null | undefined; fetchMore: () => Promise<void> } }) {
    return pages.next == null ? null : (
        <div class="foot-more">
            <Button small onClick={() => void doAndSay(pages.fetchMore)}>
                Older ones
            </Button>
        </div>
    );
}

interface FilterProps {
    level: Level;
    onLevel: (level: Level) => void;
    find: string;
    onFind: (find: string) => void;
    onNewest: () => void;
}

function EventFilter({ level, onLevel, find, onFind, onNewest }: FilterProps) {
    return (
        <div class="filter">
            <Select
                label="Show"
                value={level}
                options={LEVELS}
                onValue={(value) => onLevel(value as Level)}
            />
            <Field label="With the words">
                {(ids) => (
                    <input
                        {...ids}
                        class="input"
                        type="search"
                        value={find}
                        onInput={(event) => onFind(event.currentTarget.value)}
                    />
                )}
            </Field>
            <Button icon="retry" onClick={onNewest}>
                Newest
            </Button>
        </div>
    );
}

function Events() {
    const [level, setLevel] = useState<Level>("info");
    const [find, setFind] = useState("");
    const [turn, setTurn] = useState(0);
    const quiet = useQuiet(find, 250);
    const revision = useRevision((state) => state.jobs_revision);
    const events = useMore<Event>(
        (after) =>
            get("/api/events", {
                query: {
                    level,
                    limit: PAGE,
                    ...(quiet === "" ? {} : { find: quiet }),
                    ...(after === undefined ? {} : { after }),
                },
            }),
        [level, quiet, revision, turn],
    );
    const { items } = events;

    return (
        <Card flush>
            <EventFilter
                level={level}
                onLevel={setLevel}
                find={find}
                onFind={setFind}
                onNewest={() => setTurn(turn + 1)}
            />
            <Waiting loaded={events} />
            {items?.length === 0 && (
                <Empty
                    icon="activity"
                    title={quiet === "" ? "Nothing has happened yet" : "Nothing says that"}
                >
                    <p>
                        {quiet === ""
                            ? "What jobs do, what servers refuse and which files were left out is written here, newest first."
                            : "Try fewer letters, or show all details."}
                    </p>
                </Empty>
            )}
            {items !== undefined && items.length > 0 && <EventLines events={items} withJob />}
            <Older pages={events} />
        </Card>
    );
}

const STATES: readonly [string, string][] = [
    ["", "In every state"],
    ["done", "Done"],
    ["failed", "Failed"],
    ["cancelled", "Cancelled"],
    ["queued,running,paused", "Not over yet"],
];

const KINDS: readonly [string, string][] = [
    ["", "All kinds"],
    ["share", "Shares"],
    ["get", "Gets"],
    ["check", "Checks"],
    ["adopt", "Take-overs"],
    ["export", "Exports"],
    ["heal", "Repairs"],
];

function HistoryRow({ job }: { job: Job }) {
    const { totals } = job;

    return (
        <tr>
            <td>
                <JobTitle job={job} />
                <div class="small muted">{isOver(job) && <ResultWords job={job} />}</div>
            </td>
            <td>
                <StateBadge job={job} />
                {job.state === "failed" && (
                    <div class="retry-here">
                        <Button
                            small
                            icon="retry"
                            label={`Retry job ${job.id}`}
                            onClick={() => void retryJob(job.id)}
                        >
                            Retry
                        </Button>
                    </div>
                )}
            </td>
            <td class="number nowrap">{date(isOver(job) ? job.finished : job.created)}</td>
            <td class="right nowrap spare">{totals === undefined ? "unknown" : duration(totals.seconds)}</td>
            <td class="right nowrap spare">{totals === undefined ? "unknown" : bytes(totals.bytes)}</td>
            <td class="right nowrap spare">{rate(totals?.rate)}</td>
            <td class="right spare">{totals === undefined ? "unknown" : count(totals.retries)}</td>
        </tr>
    );
}

function forgetAll(): void {
    ask({
        title: "Clear the history?",
        body: (
            <p>
                The entries and logs of all jobs that are over go. Shares, files and articles stay as they
                are.
            </p>
        ),
        action: "Clear the history",
        danger: true,
        run: () => post("/api/queue/forget"),
    });
}

function Select({
    label,
    value,
    options,
    onValue,
}: {
    label: string;
    value: string;
    options: readonly [string, string][];
    onValue: (value: string) => void;
}) {
    return (
        <Field label={label}>
            {(ids) => (
                <select
                    {...ids}
                    class="input"
                    value={value}
                    onChange={(event) => onValue(event.currentTarget.value)}
                >
                    {options.map(([key, words]) => (
                        <option value={key}>{words}</option>
                    ))}
                </select>
            )}
        </Field>
    );
}

/** Jobs in pages: the next one begins before the last row's number. */
function useJobs(state: string, kind: string) {
    const revision = useRevision((value) => value.jobs_revision);

    return useMore<Job>(
        async (after) => {
            const { items } = await get("/api/jobs", {
                query: {
                    limit: PAGE,
                    ...(state === "" ? {} : { state }),
                    ...(kind === "" ? {} : { kind }),
                    ...(after === undefined ? {} : { before: Number(after) }),
                },
            });
            const last = items[items.length - 1];

            return { items, next: items.length < PAGE || last === undefined ? null : String(last.id) };
        },
        [state, kind, revision],
    );
}

function HistoryTable({ jobs }: { jobs: readonly Job[] }) {
    return (
        <div class="table-box" tabIndex={0} role="region" aria-label="Jobs">
            <table>
                <thead>
                    <tr>
                        <th>Job</th>
                        <th>State</th>
                        <th>When</th>
                        <th class="right spare">Ran for</th>
                        <th class="right spare">On the wire</th>
                        <th class="right spare">Speed</th>
                        <th class="right spare">Retries</th>
                    </tr>
                </thead>
                <tbody>
                    {jobs.map((job) => (
                        <HistoryRow job={job} key={job.id} />
                    ))}
                </tbody>
            </table>
        </div>
    );
}

function HistoryActions() {
    const failed = useLive((state) => state.counts.failed) ?? 0;

    return (
        <div class="row">
            {failed > 0 && (
                <Button
                    icon="retry"
                    onClick={() =>
                        void doAndSay(() => post("/api/queue/retry"), "All failed jobs are queued again.")
                    }
                >
                    Retry all failed
                </Button>
            )}
            <Button kind="quiet" icon="trash" onClick={forgetAll}>
                Clear
            </Button>
        </div>
    );
}

function History() {
    const [state, setState] = useState("");
    const [kind, setKind] = useState("");
    const jobs = useJobs(state, kind);

    return (
        <Card flush>
            <div class="filter">
                <Select label="State" value={state} options={STATES} onValue={setState} />
                <Select label="Kind" value={kind} options={KINDS} onValue={setKind} />
                <HistoryActions />
            </div>
            <Waiting loaded={jobs} />
            {jobs.items?.length === 0 && (
                <Empty icon="clock" title="No jobs here">
                    <p>
                        Each share, get and check is a job. What became of it, how long it took and how fast
                        it was stays here.
                    </p>
                </Empty>
            )}
            {jobs.items !== undefined && jobs.items.length > 0 && <HistoryTable jobs={jobs.items} />}
            <Older pages={jobs} />
        </Card>
    );
}

/** Save an object as a file of the browser's. */
function saveFile(name: string, value: unknown): void {
    const url = URL.createObjectURL(new Blob([JSON.stringify(value, null, 2)], { type: "application/json" }));
    const anchor = document.createElement("a");

    anchor.href = url;
    anchor.download = name;
    anchor.click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

const saveSupport = () =>
    doAndSay(async () => {
        const bundle = await get("/api/support");
        const day = new Date(bundle.made * 1000).toISOString().slice(0, 10);

        saveFile(`usenetsync-support-${day}.json`, bundle);
    }, "The support bundle is in your downloads.");

function Support() {
    return (
        <Card title="Support bundle">
            <div class="stack">
                <p>
                    One file with what helps to find a fault: versions, settings, counters, the log. It holds
                    no passwords, links, keys, file names or paths. Look into it before you send it: it is
                    plain text.
                </p>
                <div class="row">
                    <Button icon="get" onClick={() => void saveSupport()}>
                        Save the support bundle
                    </Button>
                </div>
            </div>
        </Card>
    );
}

const TABS = [
    ["", "Events", Events],
    ["history", "History", History],
    ["support", "Support", Support],
] as const;

export function Activity() {
    const tab = useStore(route)[1] ?? "";
    const shown = TABS.find(([key]) => key === tab) ?? TABS[0];
    const View = shown[2];

    return (
        <>
            <Head title="Activity">What happened, newest first.</Head>
            <nav class="tabs" aria-label="Parts of the activity">
                {TABS.map(([key, words]) => (
                    <a
                        href={`#/activity${key === "" ? "" : `/${key}`}`}
                        aria-current={key === shown[0] ? "page" : undefined}
                    >
                        {words}
                    </a>
                ))}
            </nav>
            <View />
        </>
    );
}
