// Requests to the daemon, typed by docs/openapi.yaml. Every failure is an ApiError.
import { ApiError, errorOfBody } from "./errors";
import { dropSession, sessionKey } from "./session";
import type { Answer, Body, PathsOf, Query, Row } from "./types";

type PathWords = Record<string, string | number>;

interface Options {
    /** for the {words} in the path */
    path?: PathWords;
    signal?: AbortSignal;
}

/** "/api/jobs/{job}" with job 7 is "/api/jobs/7". */
export function fillPath(shape: string, words: PathWords = {}): string {
    return shape.replace(/\{(\w+)\}/g, (_, word: string) => encodeURIComponent(String(words[word] ?? "")));
}

/** "?a=1&b=2" of what is not undefined. */
export function queryText(query: object = {}): string {
    const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null);
    const text = new URLSearchParams(given.map(([key, value]) => [key, String(value)])).toString();

    return text === "" ? "" : `?${text}`;
}

async function send(url: string, init: RequestInit): Promise<Response> {
    let response: Response;

    try {
        response = await fetch(url, { ...init, credentials: "same-origin", cache: "no-store" });
    } catch (thrown) {
        if (init.signal?.aborted === true) {
            throw new ApiError("ERR_CANCELLED", "cancelled", "cancelled", 0);
        }
        throw new ApiError("NO_DAEMON", "retry", "the daemon does not answer", 0);
    }
    if (!response.ok) {
        const failure = errorOfBody(await response.json().catch(() => null), response.status);

        if (response.status === 401) {
            dropSession();
        }
        throw failure;
    }
    return response;
}

function headers(accept: string, withBody: boolean): Record<string, string> {
    return {
        Accept: accept,
        "X-UsenetSync-Key": sessionKey(),
        ...(withBody ? { "Content-Type": "application/json" } : {}),
    };
}

const signalOf = ({ signal }: Options): { signal?: AbortSignal } => (signal === undefined ? {} : { signal });

export async function get<P extends PathsOf<"get">>(
    path: P,
    options: Options & { query?: Query<P> } = {},
): Promise<Answer<P, "get">> {
    const url = fillPath(path, options.path) + queryText(options.query);
    const response = await send(url, {
        headers: headers("application/json", false),
        ...signalOf(options),
    });

    return (await response.json()) as Answer<P, "get">;
}

export async function post<P extends PathsOf<"post">>(
    path: P,
    options: Options & { body?: Body<P> } = {},
): Promise<Answer<P, "post">> {
    const response = await send(fillPath(path, options.path), {
        method: "POST",
        headers: headers("application/json", true),
        body: JSON.stringify(options.body ?? {}),
        ...signalOf(options),
    });

    return (await response.json()) as Answer<P, "post">;
}

/** Post, and hand over each row as it comes. An error among the rows is thrown. */
export async function postRows<P extends PathsOf<"post">>(
    path: P,
    options: Options & { body?: Body<P> },
    onRow: (row: Row<P, "post">) => void,
): Promise<void> {
    const response = await send(fillPath(path, options.path), {
        method: "POST",
        headers: headers("application/x-ndjson", true),
        body: JSON.stringify(options.body ?? {}),
        ...signalOf(options),
    });

    await eachLine(response, options.signal, (line) => {
        const row = JSON.parse(line) as Row<P, "post"> & { error?: unknown };

        if (row.error !== undefined) {
            throw errorOfBody(row, response.status);
        }
        onRow(row);
    });
}

async function eachLine(
    response: Response,
    signal: AbortSignal | undefined,
    onLine: (line: string) => void,
): Promise<void> {
    const reader = response.body?.getReader();
    const decoder = new TextDecoder();
    let rest = "";

    for (;;) {
        const part = await reader?.read().catch(() => {
            const code = signal?.aborted === true ? "ERR_CANCELLED" : "NO_DAEMON";

            throw new ApiError(code, "retry", "the answer broke off", 0);
        });

        if (part === undefined || part.done) {
            break;
        }
        const lines = (rest + decoder.decode(part.value, { stream: true })).split("\n");

        rest = lines.pop() ?? "";
        lines.filter((line) => line !== "").forEach(onLine);
    }
}
