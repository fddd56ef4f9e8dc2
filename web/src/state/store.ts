// A value that components follow.
import { useEffect, useReducer, useRef } from "preact/hooks";

export interface Store<T> {
    get(): T;
    set(value: T): void;
    subscribe(listener: () => void): () => void;
}

export function createStore<T>(value: T): Store<T> {
    const listeners = new Set<() => void>();
    let current = value;

    return {
        get: () => current,
        set(next: T): void {
            if (!Object.is(next, current)) {
                current = next;
                listeners.forEach((listener) => listener());
            }
        },
        subscribe(listener: () => void): () => void {
            listeners.add(listener);
            return () => listeners.delete(listener);
        },
    };
}

/** What `select` makes of the store's value; drawn again only when that changes. */
export function useStore<T, V = T>(
    store: Store<T>,
    select: (value: T) => V = (value) => value as unknown as V,
): V {
    const [, again] = useReducer((turn: number) => turn + 1, 0);
    const value = select(store.get());
    const shown = useRef(value);
    const chosen = useRef(select);

    shown.current = value;
    chosen.current = select;
    useEffect(() => {
        const look = () => {
            if (!Object.is(chosen.current(store.get()), shown.current)) {
                again(undefined as never);
            }
        };

        look(); // it may have changed between drawing and now
        return store.subscribe(look);
    }, [store]);
    return value;
}
