// One job: how far it is, the files in work, what it came to, its log.
import { useEffect, useState } from "preact/hooks";
import { get } from "../api/client";
import type { Event, Job } from "../api/types";
import { bytes, count, date, duration, rate } from "../lib/format";
import { nameOf } from "../lib/names";
import { isOver, kindWords } from "../state/jobs";
import { Button, Card, ErrorNote, Facts, Head, LinkButton, Loading, Note } from "../ui/basic";
import { adviceFor } from "../api/errors";
import { EventLines } from "../ui/events";
import { useLive, useLoad } from "../ui/hooks";
import { FilesInWork, JobActions, JobFigures, StateBadge, jobName } from "../ui/job_parts";
import { Name } from "../ui/name";
import { Phases } from "../ui/phases";
import { ResultWords } from "../ui/result";
import { ShareLink } from "../ui/share_link";
import { doAndSay } from "../ui/toast";

const LOG = 200;

/** The newest lines of its log; asked again while it moves, not more often than every two seconds. */
function Log({ job }: { job: Job }) {
    const [turn, setTurn] = useState(0);
    const [more, setMore] = useState<{ items: Event[]; next: string | null }>();
    const running = !isOver(job);
    const { data, error, reload } = useLoad(
        () => get("/api/events", { query: { job: job.id, level: "debug", limit: LOG } }),
        [job.id, job.state, turn],
    );

    useEffect(() => {
        if (!running) {
            return;
        }
        const timer = setInterval(() => setTurn((value) => value + 1), 2000);

        return () => clearInterval(timer);
    }, [running]);
    if (data === undefined) {
        return error === undefined ? <Loading /> : <ErrorNote error={error} onRetry={reload} />;
    }
    const last = more?.items[more.items.length - 1]?.id ?? data.items[data.items.length - 1]?.id ?? 0;
    const next = more === undefined ? data.next : more.next;
    const older = more?.items.filter((event) => !data.items.some(({ id }) => id === event.id)) ?? [];
    const fetchMore = async () => {
        const page = await get("/api/events", {
            query: { job: job.id, level: "debug", limit: LOG, ...(next === null ? {} : { after: next }) },
        });

        setMore({ items: [...(more?.items ?? data.items), ...page.items], next: page.next });
    };

    return (
        <>
            <EventLines events={[...data.items, ...older]} />
            {next !== null && (
                <div class="foot-more">
                    <Button
                        small
                        onClick={() => void doAndSay(fetchMore)}
                        label={`Older lines than number ${last}`}
                    >
                        Older lines
                    </Button>
                </div>
            )}
        </>
    );
}

function Failure({ job }: { job: Job }) {
    const code = job.result?.error?.code;
    const advice = code === undefined ? undefined : adviceFor(code);

    return (
        <Note tone="bad" alert>
            <strong>
                <ResultWords job={job} />
            </strong>
            {advice !== undefined && <span>{advice.text}</span>}
            {code !== undefined && <span class="small muted">Error code: {code}</span>}
            {advice?.to !== undefined && (
                <div class="row">
                    <LinkButton small to={advice.to}>
                        {advice.label}
                    </LinkButton>
                </div>
            )}
        </Note>
    );
}

/** Is what a job came to well, or is there something to look at? */
function toneOf({ result = {} }: Job): "good" | "warn" | "bad" {
    const state = result.health?.state ?? "good";
    const wrong =
        (result.lost_files ?? 0) +
        (result.skipped ?? 0) +
        (result.differing_files ?? 0) +
        (result.missing_files ?? 0) +
        (result.blocked_entries ?? 0);

    if (state === "damaged" || state === "lost") {
        return "bad";
    }
    return wrong > 0 || state !== "good" ? "warn" : "good";
}

function Outcome({ job }: { job: Job }) {
    if (job.state === "failed") {
        return <Failure job={job} />;
    }
    if (job.state === "cancelled") {
        return (
            <Note>
                <span>Cancelled. What was done until then stays.</span>
            </Note>
        );
    }
    return (
        <Note tone={toneOf(job)}>
            <strong role="status">
                <ResultWords job={job} />
            </strong>
            {job.kind === "get" && job.dry_run === true && (
                <div class="row">
                    <LinkButton small to="#/get">
                        Back to the form, to restore it
                    </LinkButton>
                </div>
            )}
        </Note>
    );
}

function About({ job }: { job: Job }) {
    const { totals } = job;

    return (
        <Card title="About it">
            <Facts
                items={[
                    ["Job", `${job.id}, ${kindWords(job).toLowerCase()}`],
                    ...(job.target === undefined
                        ? []
                        : ([["Target", <Name name={nameOf(job, "target")} />]] as const)),
                    ...(job.share > 0
                        ? ([
                              [
                                  "Share",
                                  <a href={`#/shares/${job.share}`}>
                                      {job.title === undefined ? (
                                          `number ${job.share}`
                                      ) : (
                                          <Name name={job.title} />
                                      )}
                                  </a>,
                              ],
                          ] as const)
                        : []),
                    ["Begun", date(job.started)],
                    ["Ended", isOver(job) ? date(job.finished) : "not yet"],
                    ...(totals === undefined
                        ? []
                        : ([
                              ["It ran for", duration(totals.seconds)],
                              [
                                  "On the wire",
                                  `${bytes(totals.bytes)}${totals.rate == null ? "" : `, ${rate(totals.rate)} on average`}`,
                              ],
                              ["Retries", count(totals.retries)],
                          ] as const)),
                    ["Attempts", count(job.attempts)],
                ]}
            />
        </Card>
    );
}

/** The job as it is live; of one that ended long ago, as the history has it. */
function useJob(id: number) {
    const moving = useLive((state) => state.jobs[String(id)]);
    const kept = useLoad(
        () => get("/api/jobs/{job}", { path: { job: id } }),
        [id, moving === undefined, moving?.state],
    );

    return { job: moving ?? kept.data, error: kept.error, reload: kept.reload };
}

export function JobPage({ id }: { id: number }) {
    const { job, error, reload } = useJob(id);

    if (job === undefined) {
        return (
            <>
                <Head title={`Job ${id}`} />
                {error === undefined ? <Loading /> : <ErrorNote error={error} onRetry={reload} />}
            </>
        );
    }
    const over = isOver(job);
    const published = job.kind === "share" && job.state === "done";

    return (
        <>
            <Head
                title={
                    <>
                        {kindWords(job)}: <Name name={jobName(job)} />
                    </>
                }
                actions={
                    <>
                        <StateBadge job={job} />
                        <JobActions job={job} />
                    </>
                }
            />
            {over && <Outcome job={job} />}
            {published && (
                <Card title="The link">
                    <ShareLink share={job.share} version={job.result?.version ?? 0} />
                </Card>
            )}
            <Card title={over ? "How far it came" : "Progress"}>
                <div class="stack wide">
                    <Phases job={job} />
                    {!over && <JobFigures job={job} />}
                </div>
            </Card>
            {(job.files ?? []).length > 0 && (
                <Card title="Files now in work">
                    <FilesInWork job={job} />
                </Card>
            )}
            <About job={job} />
            <Card title="Log" flush>
                <Log job={job} />
            </Card>
        </>
    );
}
