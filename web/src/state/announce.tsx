// Jobs that end are told wherever one is on the page, and the running one shows in the tab's title.
import type { Job } from "../api/types";
import { percent } from "../lib/format";
import { route } from "../lib/route";
import { jobName } from "../ui/job_parts";
import { Name } from "../ui/name";
import { say } from "../ui/toast";
import { kindWords } from "./jobs";
import { live } from "./live";

type States = ReadonlyMap<number, Job["state"]>;

/** The jobs that were under way and are done or failed now. */
export function justEnded(before: States, jobs: readonly Job[]): Job[] {
    return jobs.filter((job) => {
        const was = before.get(job.id);

        return (job.state === "done" || job.state === "failed") && (was === "running" || was === "queued");
    });
}

const ENDS = { done: "is done", failed: "failed" } as const;

function tell(job: Job): void {
    const [first, second] = route.get();

    if (first === "jobs" && second === String(job.id)) {
        return; // one sees it
    }
    say(
        <>
            <a href={`#/jobs/${job.id}`}>
                {kindWords(job)} <Name name={jobName(job)} />
            </a>{" "}
            {job.state === "done" ? ENDS.done : ENDS.failed}.
        </>,
        job.state === "done" ? "good" : "bad",
    );
}

/** "43 %" of the job that runs, if it is one and its way is known. */
export function titleProgress(jobs: readonly Job[]): string | null {
    const running = jobs.filter((job) => job.state === "running");

    return running.length === 1 ? percent(running[0]?.progress?.permille) : null;
}

/** Follow the live state; the result ends it. */
export function announceJobs(): () => void {
    let before: States = new Map();
    let boot: string | undefined;

    const look = () => {
        const now = live.get();

        if (now === undefined) {
            return;
        }
        const jobs = Object.values(now.state.jobs ?? {});

        if (boot !== undefined) {
            justEnded(before, jobs).forEach(tell);
        }
        boot = now.boot;
        before = new Map(jobs.map((job) => [job.id, job.state]));
    };

    look();
    return live.subscribe(look);
}
