// What is done to jobs, in words, and how each state is called.
import { post } from "../api/client";
import type { Job, Phase } from "../api/types";
import type { Tone } from "../ui/basic";
import { doAndSay } from "../ui/toast";

const KINDS: Record<Job["kind"], string> = {
    share: "Share",
    get: "Get",
    adopt: "Take over",
    check: "Check",
    export: "Export",
    heal: "Repair",
};

/** "Share", "Get", "Look only", "Compare" ... */
export function kindWords(job: Job): string {
    if (job.kind === "get" && job.dry_run === true) {
        return "Dry run";
    }
    return job.kind === "get" && job.verify === true ? "Compare" : KINDS[job.kind];
}

const STATES: Record<Job["state"], { words: string; tone: Tone }> = {
    queued: { words: "waiting", tone: "plain" },
    running: { words: "running", tone: "accent" },
    paused: { words: "paused", tone: "warn" },
    done: { words: "done", tone: "good" },
    failed: { words: "failed", tone: "bad" },
    cancelled: { words: "cancelled", tone: "plain" },
};

export const stateWords = (job: Job): { words: string; tone: Tone } => STATES[job.state];

export const isOver = (job: Job): boolean =>
    job.state === "done" || job.state === "failed" || job.state === "cancelled";

const PHASES: Record<Phase["name"], string> = {
    scan: "Scan",
    read: "Read",
    post: "Post",
    confirm: "Confirm",
    publish: "Publish",
    locate: "Locate",
    list: "List",
    fetch: "Fetch",
    write: "Write",
    check: "Check",
    compare: "Compare",
};

export const phaseWords = (phase: Phase): string => PHASES[phase.name];

/** Did it leave something out that a retry could bring? */
export function leftOut(job: Job): boolean {
    const { result } = job;

    return job.state === "done" && ((result?.lost_files ?? 0) > 0 || (result?.skipped ?? 0) > 0);
}

const path = (job: number) => ({ path: { job } });

export const pauseJob = (job: number, minutes?: number) =>
    doAndSay(
        () => post("/api/jobs/{job}/pause", { ...path(job), body: minutes === undefined ? {} : { minutes } }),
        minutes === undefined ? "Paused." : `Paused for ${minutes} minutes.`,
    );

export const resumeJob = (job: number) =>
    doAndSay(() => post("/api/jobs/{job}/resume", path(job)), "It goes on.");

export const retryJob = (job: number) =>
    doAndSay(() => post("/api/jobs/{job}/retry", path(job)), "It is queued again.");

export const moveJob = (job: number, to: "up" | "down" | "top" | "bottom") =>
    doAndSay(() => post("/api/jobs/{job}/move", { ...path(job), body: { to } }));
