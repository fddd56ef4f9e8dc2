// A list of which only the rows in sight exist: a grid for the keyboard and for screen readers. The
// box has the focus; arrows, Page Up and Down, Home and End move the active row.
import type { ComponentChildren } from "preact";
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { asApiError } from "../api/errors";
import type { PagedList } from "../lib/paged";
import { ErrorNote, Loading } from "./basic";

const ROW_PX = 40; // .virtual .item is 2.5rem high
const MORE = 8; // rows drawn above and below what is in sight
const ROWS_MAX = 400_000; // browsers end a scrolled box at some 17 million pixels

interface Props<T> {
    list: PagedList<T>;
    /** rises when the list changed */
    turn: number;
    label: string;
    /** the cells of a row; the first interactive thing in it belongs to the mouse */
    row: (item: T, index: number) => ComponentChildren;
    isOn?: (item: T) => boolean;
    /** Space */
    onToggle?: (item: T) => void;
    /** Enter */
    onOpen?: (item: T) => void;
    empty: ComponentChildren;
    /** as high as its rows, where they are few */
    fit?: boolean;
}

interface Sight {
    first: number;
    end: number;
}

function inSight(box: HTMLElement, rows: number): Sight {
    const rowPx = rowHeight();
    const first = Math.max(0, Math.floor(box.scrollTop / rowPx) - MORE);
    const shown = Math.ceil(box.clientHeight / rowPx) + 2 * MORE;

    return { first, end: Math.min(rows, first + shown) };
}

/** Rows grow with the size of type that a person has chosen. */
function rowHeight(): number {
    return (parseFloat(getComputedStyle(document.documentElement).fontSize) / 16) * ROW_PX;
}

/** Where a key leads from row `at`. undefined: it is not ours. */
export function moved(key: string, at: number, rows: number, page: number): number | undefined {
    const to = {
        ArrowDown: at + 1,
        ArrowUp: at - 1,
        PageDown: at + page,
        PageUp: at - page,
        Home: 0,
        End: rows - 1,
    }[key];

    return to === undefined ? undefined : Math.max(0, Math.min(rows - 1, to));
}

export function VirtualList<T>(props: Props<T>) {
    const { list, turn } = props;
    const box = useRef<HTMLDivElement>(null);
    const id = useId();
    const rows = Math.min(ROWS_MAX, list.length);
    const [sight, setSight] = useState<Sight>({ first: 0, end: 30 });
    const [active, setActive] = useState(0);
    const look = () => {
        if (box.current !== null) {
            const next = inSight(box.current, rows);

            setSight((old) => (old.first === next.first && old.end === next.end ? old : next));
        }
    };

    useEffect(() => {
        setActive(0);
        box.current?.scrollTo({ top: 0 });
    }, [list]);
    useLayoutEffect(look, [list, rows, turn]);
    useEffect(() => list.see(sight.first, Math.max(sight.end, sight.first + 30)), [list, sight, turn]);
    const activate = (index: number) => {
        const place = box.current;
        const rowPx = rowHeight();

        setActive(index);
        if (place !== null) {
            const top = index * rowPx;

            if (top < place.scrollTop) {
                place.scrollTop = top;
            } else if (top + rowPx > place.scrollTop + place.clientHeight) {
                place.scrollTop = top + rowPx - place.clientHeight;
            }
        }
    };
    const onKey = (event: KeyboardEvent) => {
        const page = Math.max(1, Math.floor((box.current?.clientHeight ?? 0) / rowHeight()) - 1);
        const to = moved(event.key, active, rows, page);
        const item = list.get(active);

        if (event.target !== box.current || rows === 0) {
            return;
        }
        if (to !== undefined) {
            activate(to);
        } else if (event.key === " " && item !== undefined) {
            props.onToggle?.(item);
        } else if (event.key === "Enter" && item !== undefined) {
            props.onOpen?.(item);
        } else {
            return;
        }
        event.preventDefault();
    };
    const drawn: number[] = [];

    for (let i = sight.first; i < Math.min(sight.end, rows); i++) {
        drawn.push(i);
    }
    const draw = (i: number) => {
        const item = list.get(i);
        const on = item !== undefined && (props.isOn?.(item) ?? false);

        return (
            <div
                key={i}
                id={`${id}-${i}`}
                role="row"
                aria-rowindex={i + 1}
                aria-selected={props.isOn === undefined ? undefined : on}
                class={`item ${on ? "on" : ""} ${i === active ? "active" : ""} ${item === undefined ? "waiting" : ""}`}
                style={{ transform: `translateY(${i * 2.5}rem)` }}
                onMouseDown={() => setActive(i)}
            >
                {item === undefined ? <span role="gridcell">…</span> : props.row(item, i)}
            </div>
        );
    };

    if (list.failure !== undefined && rows === 0) {
        return <ErrorNote error={asApiError(list.failure)} onRetry={() => list.retry()} />;
    }
    if (rows === 0) {
        return list.ended ? <>{props.empty}</> : <Loading />;
    }
    return (
        <>
            <div
                ref={box}
                class={props.fit === true ? "virtual fit" : "virtual"}
                style={props.fit === true ? { height: `${rows * 2.5}rem` } : undefined}
                role="grid"
                tabIndex={0}
                aria-label={props.label}
                aria-rowcount={list.ended ? rows : -1}
                aria-multiselectable={props.isOn === undefined ? undefined : true}
                aria-activedescendant={active >= sight.first && active < sight.end && rows > 0 ? `${id}-${active}` : undefined}
                aria-busy={list.busy}
                onScroll={look}
                onKeyDown={onKey}
            >
                <div class="space" role="rowgroup" style={{ height: `${rows * 2.5}rem` }}>
                    {drawn.map(draw)}
                </div>
            </div>
            {list.failure !== undefined && (
                <ErrorNote error={asApiError(list.failure)} onRetry={() => list.retry()} />
            )}
        </>
    );
}
