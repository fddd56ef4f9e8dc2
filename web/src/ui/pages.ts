// A PagedList that a component owns: made anew when `keys` change.
import { useEffect, useMemo, useReducer } from "preact/hooks";
import { PagedList, type Page } from "../lib/paged";

export function usePages<T>(
    load: (after: string | undefined, signal: AbortSignal) => Promise<Page<T>>,
    keys: readonly unknown[],
): { list: PagedList<T>; turn: number } {
    const [turn, again] = useReducer((value: number) => value + 1, 0);
    const list = useMemo(() => new PagedList(load, () => again(undefined as never)), keys);

    useEffect(() => () => list.close(), [list]);
    return { list, turn };
}
