// A list of any length that comes in pages by cursor (keyset): only the pages near what is looked at
// are kept, the others are remembered by their cursor and come again when they are wanted.

export interface Page<T> {
    items: T[];
    next: string | null;
}

interface Slot<T> {
    after: string | undefined; // the cursor that brings this page
    start: number; // the index of its first row
    length: number;
    items: T[] | undefined; // undefined: let go
    used: number; // the turn in which it was looked at last
}

/** Pages that are kept: with pages of 500 rows never more than 10,000 rows. */
export const PAGES_KEPT = 20;

export class PagedList<T> {
    private slots: Slot<T>[] = [];
    private next: string | null | undefined = undefined; // undefined: the first page; null: no more
    private loading: Promise<void> | undefined;
    private wanted: [number, number] = [0, 0];
    private turn = 0;
    private readonly abort = new AbortController();
    /** what the last try to load threw; undefined: all is well */
    failure: unknown;

    /** `load` brings the page behind a cursor (undefined: the first); `changed` runs after each. */
    constructor(
        private readonly load: (after: string | undefined, signal: AbortSignal) => Promise<Page<T>>,
        private readonly changed: () => void,
    ) {}

    /** How many rows are known to exist. */
    get length(): number {
        const last = this.slots[this.slots.length - 1];

        return last === undefined ? 0 : last.start + last.length;
    }

    /** Are these all? */
    get ended(): boolean {
        return this.next === null;
    }

    get busy(): boolean {
        return this.loading !== undefined;
    }

    /** How many rows lie in memory. */
    get held(): number {
        return this.slots.reduce((sum, slot) => sum + (slot.items?.length ?? 0), 0);
    }

    /** The row, undefined while it is not here. */
    get(index: number): T | undefined {
        const slot = this.slotOf(index);

        return slot?.items?.[index - slot.start];
    }

    /** Rows `first` up to `end` are looked at: what is missing of them, and behind them, comes. */
    see(first: number, end: number): void {
        this.wanted = [first, end];
        this.turn++;
        if (this.failure === undefined) {
            this.work();
        }
    }

    retry(): void {
        this.failure = undefined;
        this.work();
    }

    close(): void {
        this.abort.abort();
    }

    private slotOf(index: number): Slot<T> | undefined {
        let low = 0;
        let high = this.slots.length;

        while (low < high) {
            const middle = (low + high) >>> 1;
            const slot = this.slots[middle];

            if (slot !== undefined && slot.start + slot.length <= index) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return this.slots[low];
    }

    /** What to load now: a page that was let go and is looked at, or the one behind the last. */
    private missing(): Slot<T> | "next" | undefined {
        const [first, end] = this.wanted;

        for (let at = first; at < Math.min(end, this.length);) {
            const slot = this.slotOf(at);

            if (slot === undefined) {
                break;
            }
            slot.used = this.turn;
            if (slot.items === undefined) {
                return slot;
            }
            at = slot.start + slot.length;
        }
        return this.next !== null && end + (end - first) >= this.length ? "next" : undefined;
    }

    private work(): void {
        if (this.loading !== undefined || this.abort.signal.aborted) {
            return;
        }
        const what = this.missing();

        if (what === undefined) {
            return;
        }
        this.loading = (what === "next" ? this.append() : this.fill(what))
            .catch((thrown: unknown) => {
                this.failure = thrown ?? new Error("nothing was thrown");
            })
            .finally(() => {
                this.loading = undefined;
                if (!this.abort.signal.aborted) {
                    this.letGo();
                    this.changed();
                    if (this.failure === undefined) {
                        this.work();
                    }
                }
            });
    }

    private async append(): Promise<void> {
        const after = this.next ?? undefined;
        const page = await this.load(after, this.abort.signal);

        this.slots.push({
            after,
            start: this.length,
            length: page.items.length,
            items: page.items,
            used: this.turn,
        });
        this.next = page.next;
    }

    /** A folder may have changed meanwhile: a page keeps its length, with holes or without the rest. */
    private async fill(slot: Slot<T>): Promise<void> {
        const page = await this.load(slot.after, this.abort.signal);

        slot.items = page.items.slice(0, slot.length);
    }

    private letGo(): void {
        const kept = this.slots.filter((slot) => slot.items !== undefined);

        if (kept.length > PAGES_KEPT) {
            kept.sort((a, b) => a.used - b.used)
                .slice(0, kept.length - PAGES_KEPT)
                .forEach((slot) => {
                    slot.items = undefined;
                });
        }
    }
}
