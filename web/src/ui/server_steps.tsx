// The test of a news server, step by step, in plain words.
import { useEffect, useRef, useState } from "preact/hooks";
import { postRows } from "../api/client";
import { asApiError, sentence, type ApiError } from "../api/errors";
import type { Body, ServerStep } from "../api/types";
import { ErrorNote, Note } from "./basic";
import { Icon, type IconName } from "./icon";
import { Name } from "./name";

export type TrySettings = Body<"/api/servers/try">;

export interface ServerTest {
    steps: readonly ServerStep[];
    running: boolean;
    error: ApiError | undefined;
    /** all steps are through: how it ended */
    verdict: "good" | "warn" | "bad" | undefined;
    start: () => void;
}

type What = { kept: string } | { settings: TrySettings };

function verdictOf(steps: readonly ServerStep[]): "good" | "warn" | "bad" {
    const has = (verdict: ServerStep["verdict"]) => steps.some((step) => step.verdict === verdict);

    return has("bad") ? "bad" : has("warn") ? "warn" : "good";
}

/** Run the test; leaving ends it. `onEnd` is told how it ended. */
export async function runServerTest(
    what: What,
    signal: AbortSignal,
    onStep: (step: ServerStep) => void,
): Promise<"good" | "warn" | "bad"> {
    const steps: ServerStep[] = [];
    const onRow = (step: ServerStep) => {
        steps.push(step);
        onStep(step);
    };

    if ("kept" in what) {
        await postRows("/api/servers/{name}/test", { path: { name: what.kept }, signal }, onRow);
    } else {
        await postRows("/api/servers/try", { body: what.settings, signal }, onRow);
    }
    return verdictOf(steps);
}

/** A test that begins by itself. */
export function useServerTest(what: What): ServerTest {
    const [turn, setTurn] = useState(0);
    const [steps, setSteps] = useState<readonly ServerStep[]>([]);
    const [verdict, setVerdict] = useState<ServerTest["verdict"]>();
    const [error, setError] = useState<ApiError>();
    const asked = useRef(what);

    useEffect(() => {
        const abort = new AbortController();

        setSteps([]);
        setVerdict(undefined);
        setError(undefined);
        runServerTest(asked.current, abort.signal, (step) => setSteps((old) => [...old, step])).then(
            setVerdict,
            (thrown: unknown) => {
                if (!abort.signal.aborted) {
                    setError(asApiError(thrown));
                }
            },
        );
        return () => abort.abort();
    }, [turn]);
    return {
        steps,
        error,
        verdict,
        running: verdict === undefined && error === undefined,
        start: () => setTurn((value) => value + 1),
    };
}

const LOOKS: Record<ServerStep["verdict"], [IconName, string, string]> = {
    good: ["good", "good", "good"],
    warn: ["warn", "warn", "take note"],
    bad: ["bad", "bad", "failed"],
    skipped: ["next", "muted", "left out"],
};

/** The names that the daemon gives its steps, in words for who never heard of NNTP. */
const STEPS: Record<string, string> = {
    DNS: "Looking up the server's name",
    connect: "Reaching the server",
    TLS: "Encryption",
    greeting: "Is it a news server?",
    login: "Logging in",
    newsgroup: "The newsgroup",
    post: "Posting an article",
    "Message-ID": "Does the article keep its name?",
    STAT: "Asking for the article",
    BODY: "Reading it back",
    head: "What it adds to an article",
    "round trip": "How fast it answers",
};

const ENDS = {
    good: "Everything works.",
    warn: "It works; look at what is marked.",
    bad: "It does not work yet. The step that failed says why.",
} as const;

export function StepList({ steps }: { steps: readonly ServerStep[] }) {
    return (
        <ol class="steps">
            {steps.map((step) => {
                const [icon, look, words] = LOOKS[step.verdict];

                return (
                    <li>
                        <span class={look}>
                            <Icon name={icon} />
                        </span>
                        <span>
                            <strong>{STEPS[step.step] ?? sentence(step.step).replace(/\.$/, "")}</strong>
                            <span class="hidden-text"> {words}: </span>
                            <br />
                            <span class="muted">
                                <Name name={sentence(step.text)} />
                            </span>
                        </span>
                    </li>
                );
            })}
        </ol>
    );
}

export function ServerSteps({ test }: { test: ServerTest }) {
    return (
        <div class="stack">
            <StepList steps={test.steps} />
            {test.running && (
                <p class="muted" role="status">
                    Trying … a real article is posted and read back.
                </p>
            )}
            {test.error !== undefined && <ErrorNote error={test.error} />}
            {test.verdict !== undefined && (
                <Note tone={test.verdict} alert={test.verdict === "bad"}>
                    <strong role="status">{ENDS[test.verdict]}</strong>
                </Note>
            )}
        </div>
    );
}
