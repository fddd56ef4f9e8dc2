// What a job came to, in a sentence.
import { sentence } from "../api/errors";
import type { Health, Job, JobResult } from "../api/types";
import { bytes, counted } from "../lib/format";
import { Name } from "./name";

type Part = [value: number | undefined, one: string, many?: string];

/** "3 files kept, 1 file replaced": what is not nothing. */
function listed(parts: readonly Part[]): string {
    return parts
        .filter(([value]) => value !== undefined && value > 0)
        .map(([value = 0, one, many]) => counted(value, one, many))
        .join(", ");
}

/** How many files; a check has a list there. */
const filesOf = ({ files }: JobResult): number => (typeof files === "number" ? files : 0);

function shareWords(job: Job): string {
    const result = job.result ?? {};

    if (result.unchanged === true) {
        return `Nothing is new since version ${result.version ?? ""}; nothing was posted.`;
    }
    const left = listed([[result.skipped, "file left out", "files left out"]]);

    return (
        `Version ${result.version ?? "?"} is published: ${counted(filesOf(result), "file")}, ` +
        `${bytes(result.bytes ?? 0)}; ${bytes(result.bytes_posted ?? 0)} posted.` +
        (left === "" ? "" : ` ${left}: the log names them.`)
    );
}

function getWords(job: Job): string {
    const result = job.result ?? {};
    const rest = listed([
        [result.kept_files, "file kept as it was", "files kept as they were"],
        [result.replaced_files, "file replaced", "files replaced"],
        [result.renamed_files, "file under another name", "files under other names"],
        [result.verified_files, "file there already and right", "files there already and right"],
        [result.blocked_entries, "entry could not be placed", "entries could not be placed"],
        [result.lost_files, "file lost", "files lost"],
    ]);
    const more = rest === "" ? "" : ` ${sentence(rest)}`;

    if (job.verify === true) {
        const wrong = listed([
            [result.differing_files, "differs", "differ"],
            [result.missing_files, "is missing", "are missing"],
            [result.blocked_entries, "could not be compared", "could not be compared"],
        ]);

        return (
            `${counted(result.verified_files ?? 0, "file is", "files are")} exactly as in version ${result.version ?? "?"}. ` +
            (wrong === ""
                ? "Nothing differs and nothing is missing."
                : `${sentence(wrong)} The log says which.`)
        );
    }
    if (job.dry_run === true) {
        return (
            `${counted(filesOf(result), "file")}, ${bytes(result.bytes ?? 0)} would be restored; ` +
            `${bytes(result.needed_bytes ?? 0)} in ${counted(result.needed_articles ?? 0, "article")} would be fetched.${more}`
        );
    }
    return `${counted(filesOf(result), "file")}, ${bytes(result.bytes ?? 0)}; ${bytes(result.bytes_fetched ?? 0)} fetched.${more}`;
}

const VERDICTS: Record<Health["state"], string> = {
    good: "Every article is there.",
    weak: "Not whole, but nothing is lost: all of it can still be restored.",
    damaged: "Some files cannot be restored any more: the log names them.",
    lost: "The listing is gone: the link finds nothing any more.",
    unknown: "Not all of it is known: the server gave no answer for some articles.",
};

function checkWords(job: Job): string {
    const health = job.result?.health;

    if (health === undefined) {
        return "The check is done.";
    }
    const gone = listed([
        [health.articles_missing ?? undefined, "missing", "missing"],
        [health.articles_damaged ?? undefined, "damaged", "damaged"],
    ]);

    return (
        VERDICTS[health.state] +
        (gone === "" ? "" : ` Of ${counted(health.articles ?? 0, "article")}: ${gone}.`) +
        (job.result?.healing == null ? "" : ` Job ${job.result.healing.job} posts again what is missing.`)
    );
}

function healWords({ result = {} }: Job): string {
    const copies = result.head_posted ?? 0;
    const posted = result.bytes_posted ?? 0;

    return (
        (posted > 0
            ? `What was missing is posted again (${bytes(posted)}); version ${result.version ?? "?"} tells readers where. `
            : "") +
        (copies > 0
            ? `${counted(copies, "copy of the head", "copies of the head")} posted.`
            : "The head is there.")
    );
}

export function ResultWords({ job }: { job: Job }) {
    const failure = job.result?.error;

    if (job.state === "failed" || failure !== undefined) {
        const detail = job.result?.detail;

        return (
            <>
                <Name name={sentence(failure?.text ?? "it failed; the log says why")} />
                {detail !== undefined && detail !== "" && (
                    <>
                        {" "}
                        It was said: <Name name={detail} />
                    </>
                )}
            </>
        );
    }
    if (job.state === "cancelled") {
        return <>Cancelled.</>;
    }
    const words = { share: shareWords, get: getWords, check: checkWords, heal: healWords }[
        job.kind as string
    ];

    return <>{words === undefined ? `Done: ${bytes(job.result?.bytes ?? 0)}.` : words(job)}</>;
}
