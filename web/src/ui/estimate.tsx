// What sharing would come to, counted while one looks.
import { useEffect, useState } from "preact/hooks";
import { postRows } from "../api/client";
import { asApiError, type ApiError } from "../api/errors";
import type { Body, Estimate } from "../api/types";
import { bytes, count, counted, duration, rate } from "../lib/format";
import { ErrorNote, Figures } from "./basic";

export type EstimateAsked = Body<"/api/estimate">;

export interface EstimateState {
    last: Estimate | undefined;
    error: ApiError | undefined;
}

/** Count what `text`, an EstimateAsked in JSON, names; "null": nothing. Another text ends the count. */
export function useEstimate(text: string): EstimateState {
    const [state, setState] = useState<EstimateState>({ last: undefined, error: undefined });

    useEffect(() => {
        const asked = JSON.parse(text) as EstimateAsked | null;
        const abort = new AbortController();

        setState({ last: undefined, error: undefined });
        if (asked !== null) {
            postRows("/api/estimate", { body: asked, signal: abort.signal }, (row) =>
                setState({ last: row, error: undefined }),
            ).catch((thrown: unknown) => {
                if (!abort.signal.aborted) {
                    setState({ last: undefined, error: asApiError(thrown) });
                }
            });
        }
        return () => abort.abort();
    }, [text]);
    return state;
}

export function EstimateView({ state }: { state: EstimateState }) {
    const { last, error } = state;

    if (error !== undefined) {
        return <ErrorNote error={error} />;
    }
    if (last === undefined) {
        return <p class="muted">Choose something, and what it comes to is counted here.</p>;
    }
    const out = last.ignored + last.skipped;

    return (
        <div class="stack">
            <Figures
                items={[
                    ["Files", count(last.files)],
                    ["Folders", count(last.directories)],
                    ["Size", bytes(last.bytes)],
                    [
                        "Articles, with recovery data",
                        last.articles == null ? "unknown" : count(last.articles),
                    ],
                    ["To post, at most", last.bytes_to_post == null ? "unknown" : bytes(last.bytes_to_post)],
                    ["Time", last.seconds == null ? "unknown" : `about ${duration(last.seconds)}`],
                ]}
            />
            <p class="small muted" role="status">
                {last.done ? "Counted. " : "Counting … "}
                {last.rate == null
                    ? "How long it takes is unknown: posting was not measured here yet. "
                    : `The time is for ${rate(last.rate)}, as measured last. `}
                {out > 0 &&
                    `${counted(out, "name stays", "names stay")} out: ${count(last.ignored)} by rules, ${count(last.skipped)} that cannot be shared. `}
                {last.share != null &&
                    "These paths are a share of yours already: only what changed goes out, under the same link."}
            </p>
        </div>
    );
}
