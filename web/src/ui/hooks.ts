// What components share: loading, acting, time.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { asApiError, type ApiError } from "../api/errors";
import { live } from "../state/live";
import { useStore } from "../state/store";
import type { LiveState } from "../api/types";

export interface Loaded<T> {
    data: T | undefined;
    error: ApiError | undefined;
    reload: () => void;
}

/** Load when `keys` change, and again at will. What was loaded stays while the next is under way. */
export function useLoad<T>(load: (signal: AbortSignal) => Promise<T>, keys: readonly unknown[]): Loaded<T> {
    const [data, setData] = useState<T>();
    const [error, setError] = useState<ApiError>();
    const [turn, setTurn] = useState(0);

    useEffect(() => {
        const abort = new AbortController();

        load(abort.signal).then(
            (value) => {
                if (!abort.signal.aborted) {
                    setData(value);
                    setError(undefined);
                }
            },
            (thrown: unknown) => {
                if (!abort.signal.aborted) {
                    setError(asApiError(thrown));
                }
            },
        );
        return () => abort.abort();
    }, [...keys, turn]);
    return { data, error, reload: useCallback(() => setTurn((value) => value + 1), []) };
}

export interface Acting {
    busy: boolean;
    error: ApiError | undefined;
    /** true: it was done */
    run: (action: () => Promise<unknown>) => Promise<boolean>;
    clear: () => void;
}

/** Do one thing at a time and keep what went wrong. */
export function useAction(): Acting {
    const [busy, setBusy] = useState(false);
    const [error, setError] = useState<ApiError>();
    const gone = useRef(false);

    useEffect(() => () => void (gone.current = true), []);
    const run = useCallback(async (action: () => Promise<unknown>) => {
        setBusy(true);
        setError(undefined);
        try {
            await action();
            return true;
        } catch (thrown) {
            if (!gone.current) {
                setError(asApiError(thrown));
            }
            return false;
        } finally {
            if (!gone.current) {
                setBusy(false);
            }
        }
    }, []);

    return { busy, error, run, clear: useCallback(() => setError(undefined), []) };
}

/** A part of the live state; undefined: not connected yet. */
export function useLive<V>(select: (state: LiveState) => V): V | undefined {
    return useStore(live, (value) => (value === undefined ? undefined : select(value.state)));
}

/** Changes when the revision does, and when another daemon counts it. */
export function useRevision(select: (state: LiveState) => number): string {
    return useStore(live, (value) => (value === undefined ? "" : `${value.boot} ${select(value.state)}`));
}

/** The daemon's clock in unix seconds; this computer's until it is known. */
export function useNow(): number {
    return useLive((state) => state.time) ?? Math.floor(Date.now() / 1000);
}

/** A value that follows `value` when it has been quiet for `ms`. */
export function useQuiet<T>(value: T, ms: number): T {
    const [quiet, setQuiet] = useState(value);

    useEffect(() => {
        const timer = setTimeout(() => setQuiet(value), ms);

        return () => clearTimeout(timer);
    }, [value, ms]);
    return quiet;
}
