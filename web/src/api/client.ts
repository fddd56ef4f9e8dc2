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

/** Nobody answers, or not to the end. */
function lost(signal: AbortSignal | null | undefined, text: string): ApiError {
    return signal?.aborted === true
        ? new ApiError("ERR_CANCELLED", "cancelled", "cancelled", 0)
        : new ApiError("NO_DAEMON", "retry", text, 0);
}

interface Asked {
    accept: string;
    /** posted as JSON; undefined: it is a GET */
    body?: object;
    signal?: AbortSignal;
}

async function send(url: string, { accept, body, signal }: Asked): Promise<Response> {
    const key = sessionKey();
    const response = await fetch(url, {
        headers: {
            Accept: accept,
            "X-UsenetSync-Key": key,
            ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        },
        ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
        ...(signal === undefined ? {} : { signal }),
        credentials: "same-origin",
        cache: "no-store",
    }).catch(() => {
        throw lost(signal, "the daemon does not answer");
    });

    if (!response.ok) {
        const failure = errorOfBody(await response.json().catch(() => null), response.status);

        if (response.status === 401) {
            dropSession(key);
        }
        throw failure;
    }
    return response;
}

async function whole(url: string, asked: Asked): Promise<unknown> {
    const response = await send(url, asked);

    return response.json().catch(() => {
        throw lost(asked.signal, "the answer broke off");
    });
}

const JSON_TYPE = "application/json";
const signalOf = ({ signal }: Options): { signal?: AbortSignal } => (signal === undefined ? {} : { signal });

export async function get<P extends PathsOf<"get">>(
    path: P,
    options: Options & { query?: Query<P> } = {},
): Promise<Answer<P, "get">> {
    const url = fillPath(path, options.path) + queryText(options.query);

    return (await whole(url, { accept: JSON_TYPE, ...signalOf(options) })) as Answer<P, "get">;
}

export async function post<P extends PathsOf<"post">>(
    path: P,
    options: Options & { body?: Body<P> } = {},
): Promise<Answer<P, "post">> {
    const asked = { accept: JSON_TYPE, body: options.body ?? {}, ...signalOf(options) };

    return (await whole(fillPath(path, options.path), asked)) as Answer<P, "post">;
}

/** Post, and hand over each row as it comes. An error among the rows is thrown. */
export async function postRows<P extends PathsOf<"post">>(
    path: P,
    options: Options & { body?: Body<P> },
    onRow: (row: Row<P, "post">) => void,
): Promise<void> {
    const response = await send(fillPath(path, options.path), {
        accept: "application/x-ndjson",
        body: options.body ?? {},
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
            throw lost(signal, "the answer broke off");
        });

        if (part === undefined || part.done) {
            break;
        }
        const lines = (rest + decoder.decode(part.value, { stream: true })).split("\n");

        rest = lines.pop() ?? "";
        lines.filter((line) => line !== "").forEach(onLine);
    }
}
