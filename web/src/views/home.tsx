// What is going on: jobs, speed, providers, space, and what a person should look at.
import type { ComponentChildren } from "preact";
import { post } from "../api/client";
import type { Attention, Job, LiveServer } from "../api/types";
import { bytes, counted, rate } from "../lib/format";
import { moveJob } from "../state/jobs";
import { useServers } from "../state/server";
import { useSpeeds } from "../state/speeds";
import { Badge, Button, Card, Empty, Figures, Head, LinkButton, Loading, Note } from "../ui/basic";
import { SpeedChart } from "../ui/chart";
import { ask } from "../ui/dialog";
import { useLive } from "../ui/hooks";
import { FilesInWork, JobActions, JobFigures, JobTitle, StateBadge, jobName } from "../ui/job_parts";
import { Menu } from "../ui/menu";
import { Name } from "../ui/name";
import { nameText } from "../lib/names";
import { Phases } from "../ui/phases";
import { ResultWords } from "../ui/result";
import { Slots } from "../ui/slots";
import { doAndSay } from "../ui/toast";
import { sentence } from "../api/errors";
import { FirstVisit } from "./first_visit";

const PLACES: Partial<Record<Attention["code"], [string, string]>> = {
    no_server: ["#/providers", "Add a provider"],
    server_failing: ["#/providers", "Look at it"],
    catalogue_damaged: ["#/activity", "Look at the log"],
    disk_low: ["#/settings", "Settings"],
    paused: ["#/settings", "Limits and timetable"],
};

function attentionPlace(item: Attention): [string, string] | undefined {
    if (item.job !== undefined) {
        return [`#/jobs/${item.job}`, "Look at the job"];
    }
    return item.share !== undefined ? [`#/shares/${item.share}`, "Look at the share"] : PLACES[item.code];
}

const TONES = { error: "bad", warn: "warn", info: "plain" } as const;

function AttentionList({ items }: { items: [string, Attention][] }) {
    return (
        <ul class="stack tight" aria-label="What needs attention">
            {items.map(([key, item]) => {
                const place = attentionPlace(item);

                return (
                    <li key={key}>
                        <Note tone={TONES[item.level]}>
                            <div class="row between attention">
                                <span>
                                    <Name name={sentence(item.text)} />
                                </span>
                                {place !== undefined && (
                                    <LinkButton small to={place[0]}>
                                        {place[1]}
                                    </LinkButton>
                                )}
                            </div>
                        </Note>
                    </li>
                );
            })}
        </ul>
    );
}

function ActiveJob({ job }: { job: Job }) {
    return (
        <article class="stack" aria-label={nameText(jobName(job))}>
            <div class="row between">
                <div class="row grow">
                    <span>
                        <JobTitle job={job} />
                    </span>
                    <StateBadge job={job} />
                </div>
                <JobActions job={job} small />
            </div>
            <Phases job={job} />
            <JobFigures job={job} />
            <FilesInWork job={job} />
        </article>
    );
}

const MOVES = [
    ["top", "top", "to the front"],
    ["up", "up", "one up"],
    ["down", "down", "one down"],
] as const;

function WaitingJob({ job, first }: { job: Job; first: boolean }) {
    const name = nameText(jobName(job));

    return (
        <li class="row between">
            <span class="grow">
                <JobTitle job={job} />{" "}
                {job.priority !== 0 && <Badge>{job.priority > 0 ? "high priority" : "low priority"}</Badge>}
            </span>
            <div class="row">
                {MOVES.filter(([to]) => !first || to === "down").map(([to, icon, words]) => (
                    <Button
                        small
                        kind="quiet"
                        icon={icon}
                        label={`Move ${name} ${words}`}
                        onClick={() => void moveJob(job.id, to)}
                    />
                ))}
                <JobActions job={job} small />
            </div>
        </li>
    );
}

function EndedJob({ job }: { job: Job }) {
    return (
        <li class="stack tight">
            <div class="row between">
                <span class="row">
                    <span>
                        <JobTitle job={job} />
                    </span>
                    <StateBadge job={job} />
                </span>
                <JobActions job={job} small />
            </div>
            <span class="small muted">
                <ResultWords job={job} />
            </span>
        </li>
    );
}

const pauseAll = (minutes?: number) =>
    void doAndSay(
        () => post("/api/queue/pause", { body: minutes === undefined ? {} : { minutes } }),
        "Everything is paused.",
    );

function cancelAll(count: number): void {
    ask({
        title: `Cancel ${counted(count, "job")}?`,
        body: (
            <p>
                All jobs that run, wait or are paused end for good. What was posted stays on the news server,
                unreadable without a link. Restored files that are complete stay.
            </p>
        ),
        action: `Cancel ${counted(count, "job")}`,
        danger: true,
        run: () => post("/api/queue/cancel"),
    });
}

function QueueActions({ jobs }: { jobs: Job[] }) {
    const moving = jobs.some((job) => job.state === "running" || job.state === "queued");
    const paused = jobs.some((job) => job.state === "paused");
    const open = jobs.filter((job) => ["running", "queued", "paused"].includes(job.state)).length;

    if (open < 2) {
        return null;
    }
    return (
        <>
            {moving && (
                <Menu
                    small
                    icon="pause"
                    words="Pause all"
                    label="Pause all jobs"
                    items={[
                        { words: "Until I resume them", run: () => pauseAll() },
                        { words: "For 15 minutes", run: () => pauseAll(15) },
                        { words: "For 1 hour", run: () => pauseAll(60) },
                        { words: "For 8 hours", run: () => pauseAll(480) },
                    ]}
                />
            )}
            {paused && (
                <Button
                    small
                    icon="play"
                    onClick={() => void doAndSay(() => post("/api/queue/resume"), "All paused jobs go on.")}
                >
                    Resume all
                </Button>
            )}
            <Button small kind="quiet" icon="stop" onClick={() => cancelAll(open)}>
                Cancel all
            </Button>
        </>
    );
}

function ProviderLines({ servers }: { servers: [string, LiveServer][] }) {
    return (
        <ul class="stack">
            {servers.map(([name, server]) => (
                <li class="stack tight" key={name}>
                    <div class="row between">
                        <a href="#/providers">
                            <Name name={name} />
                        </a>
                        <span class="small muted number">
                            {server.paused
                                ? "paused"
                                : `${server.counters.connections_busy} busy, ${server.counters.connections_open} open of ${server.counters.connections_allowed}`}
                        </span>
                    </div>
                    <Slots connections={server.live ?? []} name={name} />
                </li>
            ))}
        </ul>
    );
}

function Speed() {
    const speeds = useSpeeds();
    const rates = useLive((state) => state.rates);
    const limits = useLive((state) => state.limits);
    const last = speeds.times.length > 0;
    const limitWords = (value: number | null | undefined) =>
        value == null ? "no limit" : value === 0 ? "paused by the timetable" : `limit ${rate(value)}`;

    return (
        <Card
            title="Speed"
            actions={
                <span class="legend-keys">
                    <span>
                        <i class="up" />
                        sent
                    </span>
                    <span>
                        <i class="down" />
                        fetched
                    </span>
                </span>
            }
        >
            <div class="stack">
                {last && <SpeedChart speeds={speeds} />}
                <Figures
                    items={[
                        [`Sending · ${limitWords(limits?.upload_rate)}`, rate(rates?.up)],
                        [`Fetching · ${limitWords(limits?.download_rate)}`, rate(rates?.down)],
                    ]}
                />
                {limits?.timetable === true && (
                    <span class="small muted">
                        The timetable holds now. <a href="#/settings">Change it</a>
                    </span>
                )}
            </div>
        </Card>
    );
}

const byPlace = (a: Job, b: Job) => (a.position ?? Infinity) - (b.position ?? Infinity) || a.id - b.id;

function JobsNow({ jobs }: { jobs: Job[] }) {
    const active = jobs.filter((job) => job.state === "running").sort((a, b) => a.id - b.id);
    const paused = jobs.filter((job) => job.state === "paused").sort((a, b) => a.id - b.id);
    const waiting = jobs.filter((job) => job.state === "queued").sort(byPlace);
    const ended = jobs
        .filter((job) => ["done", "failed", "cancelled"].includes(job.state))
        .sort((a, b) => b.finished - a.finished);

    return (
        <>
            {active.length + paused.length > 0 && (
                <Card title="Under way" actions={<QueueActions jobs={jobs} />}>
                    <div class="stack wide split">
                        {[...active, ...paused].map((job) => (
                            <ActiveJob job={job} key={job.id} />
                        ))}
                    </div>
                </Card>
            )}
            {waiting.length > 0 && (
                <Card
                    title="Waiting, next first"
                    actions={active.length + paused.length === 0 ? <QueueActions jobs={jobs} /> : undefined}
                    flush
                >
                    <ul class="rows">
                        {waiting.map((job, i) => (
                            <WaitingJob job={job} first={i === 0} key={job.id} />
                        ))}
                    </ul>
                </Card>
            )}
            {ended.length > 0 && (
                <Card title="Just ended" flush actions={<a href="#/activity/history">History</a>}>
                    <ul class="rows">
                        {ended.map((job) => (
                            <EndedJob job={job} key={job.id} />
                        ))}
                    </ul>
                </Card>
            )}
        </>
    );
}

function Quiet() {
    return (
        <Card>
            <Empty
                icon="send"
                title="Nothing is running"
                actions={
                    <>
                        <LinkButton kind="primary" icon="send" to="#/share">
                            Share a folder
                        </LinkButton>
                        <LinkButton icon="get" to="#/get">
                            Get a share
                        </LinkButton>
                    </>
                }
            >
                <p>
                    Share a folder to put it on Usenet, encrypted, and get one link for it. Or paste a link
                    that somebody gave you to get theirs. What runs is shown here, live.
                </p>
            </Empty>
        </Card>
    );
}

export function Home() {
    const jobs = useLive((state) => state.jobs);
    const servers = useLive((state) => state.servers);
    const attention = useLive((state) => state.attention);
    const disk = useLive((state) => state.disk_free);
    const known = useServers();

    if (
        jobs === undefined ||
        servers === undefined ||
        (known.data === undefined && known.error === undefined)
    ) {
        return <Framed>{<Loading what="Asking the daemon" />}</Framed>;
    }
    if (known.data?.length === 0) {
        return <FirstVisit />;
    }
    const list = Object.values(jobs);
    const open = list.some((job) => ["running", "paused", "queued"].includes(job.state));
    const items = Object.entries(attention ?? {});

    return (
        <Framed>
            {items.length > 0 && <AttentionList items={items} />}
            {!open && <Quiet />}
            <JobsNow jobs={list} />
            <div class="cards">
                <Speed />
                <Card title="Providers" actions={<a href="#/providers">All of them</a>}>
                    <div class="stack wide">
                        <ProviderLines servers={Object.entries(servers)} />
                        <Figures
                            items={[
                                [
                                    "Free space where the state is kept",
                                    disk == null ? "unknown" : bytes(disk),
                                ],
                            ]}
                        />
                    </div>
                </Card>
            </div>
        </Framed>
    );
}

function Framed({ children }: { children: ComponentChildren }) {
    return (
        <>
            <Head
                title="Home"
                actions={
                    <>
                        <LinkButton kind="primary" icon="send" to="#/share">
                            Share a folder
                        </LinkButton>
                        <LinkButton icon="get" to="#/get">
                            Get a share
                        </LinkButton>
                    </>
                }
            />
            {children}
        </>
    );
}
