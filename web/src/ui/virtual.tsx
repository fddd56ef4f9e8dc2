// A list of which only the rows in sight exist: a grid for the keyboard and for screen readers. The
// box has the focus; arrows, Page Up and Down, Home and End move the active row.
import type { ComponentChildren } from "preact";
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { asApiError } from "../api/errors";
import { count } from "../lib/format";
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

/** The row that the keyboard is at. It is scrolled into sight when it moves. */
function useActive(box: { current: HTMLDivElement | null }, list: unknown) {
    const [active, setActive] = useState(0);
    const activate = (index: number) => {
        const place = box.current;
        const top = index * rowHeight();

        setActive(index);
        if (place !== null && top < place.scrollTop) {
            place.scrollTop = top;
        } else if (place !== null && top + rowHeight() > place.scrollTop + place.clientHeight) {
            place.scrollTop = top + rowHeight() - place.clientHeight;
        }
    };

    useEffect(() => {
        setActive(0);
        box.current?.scrollTo({ top: 0 });
    }, [list]);
    return { active, setActive, activate };
}

/** The rows in sight; `look` looks again. What is missing of them is asked for. */
function useSight<T>(box: { current: HTMLDivElement | null }, { list, turn }: Props<T>, rows: number) {
    const [sight, setSight] = useState<Sight>({ first: 0, end: 30 });
    const look = () => {
        if (box.current !== null) {
            const next = inSight(box.current, rows);

            setSight((old) => (old.first === next.first && old.end === next.end ? old : next));
        }
    };

    useLayoutEffect(look, [list, rows, turn]);
    useEffect(() => list.see(sight.first, Math.max(sight.end, sight.first + 30)), [list, sight, turn]);
    return { sight, look };
}

interface RowProps {
    id: string;
    index: number;
    on: boolean | undefined;
    active: boolean;
    onPoint: () => void;
    children: ComponentChildren;
}

function Row({ id, index, on, active, onPoint, children }: RowProps) {
    return (
        <div
            id={`${id}-${index}`}
            role="row"
            aria-rowindex={index + 1}
            aria-selected={on}
            class={`item ${on === true ? "on" : ""} ${active ? "active" : ""} ${children == null ? "waiting" : ""}`}
            style={{ transform: `translateY(${index * 2.5}rem)` }}
            onMouseDown={onPoint}
        >
            {children ?? <span role="gridcell">…</span>}
        </div>
    );
}

/** The box is there, with at least one row. */
function Grid<T>(props: Props<T> & { rows: number }) {
    const { list, rows } = props;
    const box = useRef<HTMLDivElement>(null);
    const id = useId();
    const { sight, look } = useSight(box, props, rows);
    const { active, setActive, activate } = useActive(box, list);
    const onKey = (event: KeyboardEvent) => {
        const page = Math.max(1, Math.floor((box.current?.clientHeight ?? 0) / rowHeight()) - 1);
        const to = event.target === box.current ? moved(event.key, active, rows, page) : undefined;
        const item = event.target === box.current ? list.get(active) : undefined;

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
    const drawn = Array.from(
        { length: Math.max(0, Math.min(sight.end, rows) - sight.first) },
        (_, i) => sight.first + i,
    );

    return (
        <div
            ref={box}
            class={props.fit === true ? "virtual fit" : "virtual"}
            style={props.fit === true ? { height: `${rows * 2.5}rem` } : undefined}
            role="grid"
            tabIndex={0}
            aria-label={props.label}
            aria-rowcount={list.ended ? rows : -1}
            aria-multiselectable={props.isOn === undefined ? undefined : true}
            aria-activedescendant={drawn.includes(active) ? `${id}-${active}` : undefined}
            aria-busy={list.busy}
            onScroll={look}
            onKeyDown={onKey}
        >
            <div class="space" role="rowgroup" style={{ height: `${rows * 2.5}rem` }}>
                {drawn.map((i) => {
                    const item = list.get(i);

                    return (
                        <Row
                            key={i}
                            id={id}
                            index={i}
                            on={item === undefined ? undefined : props.isOn?.(item)}
                            active={i === active}
                            onPoint={() => setActive(i)}
                        >
                            {item === undefined ? null : props.row(item, i)}
                        </Row>
                    );
                })}
            </div>
        </div>
    );
}

export function VirtualList<T>(props: Props<T>) {
    const { list } = props;
    const rows = Math.min(ROWS_MAX, list.length);
    const failed = list.failure === undefined ? undefined : asApiError(list.failure);

    useEffect(() => list.see(0, 30), [list]);
    return (
        <>
            {rows > 0 && <Grid {...props} rows={rows} />}
            {rows === 0 && failed === undefined && (list.ended ? props.empty : <Loading />)}
            {list.length > ROWS_MAX && (
                <p class="small muted" role="status">
                    A browser cannot scroll further than {count(ROWS_MAX)} rows: what comes behind them is not
                    shown.
                </p>
            )}
            {failed !== undefined && <ErrorNote error={failed} onRetry={() => list.retry()} />}
        </>
    );
}
