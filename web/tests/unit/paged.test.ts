// Lists in pages: everything can be reached, little is kept.
import assert from "node:assert/strict";
import { test } from "node:test";
import { PAGES_KEPT, PagedList, type Page } from "../../src/lib/paged";

const ALL = 200_000;
const LIMIT = 500;

/** A folder of numbers, and how many pages of it were asked for. */
function source(all = ALL) {
    const asked: (string | undefined)[] = [];
    const load = async (after: string | undefined): Promise<Page<number>> => {
        const from = after === undefined ? 0 : Number(after);
        const to = Math.min(all, from + LIMIT);

        asked.push(after);
        return {
            items: Array.from({ length: to - from }, (_, i) => from + i),
            next: to < all ? String(to) : null,
        };
    };

    return { asked, load };
}

const settle = async <T>(list: PagedList<T>) => {
    do {
        await new Promise((done) => setImmediate(done));
    } while (list.busy);
};

test("200,000 rows can be scrolled through, and memory stays bounded", async () => {
    const { load, asked } = source();
    const list = new PagedList(load, () => {});
    let most = 0;

    list.see(0, 30);
    await settle(list);
    for (let at = 0; !list.ended; at = list.length - 30) {
        list.see(at, at + 30);
        await settle(list);
        assert.equal(list.get(at), at);
        most = Math.max(most, list.held);
    }
    assert.equal(list.length, ALL);
    assert.equal(list.get(ALL - 1), ALL - 1);
    assert.equal(asked.length, ALL / LIMIT);
    assert.ok(most <= PAGES_KEPT * LIMIT, `${most} rows were held`);

    assert.equal(list.get(5), undefined, "the first page was let go");
    list.see(0, 30);
    await settle(list);
    assert.equal(list.get(5), 5);
    assert.equal(asked.length, ALL / LIMIT + 1);
});

test("rows across the border of two pages that were let go both come back", async () => {
    const { load } = source();
    const list = new PagedList(load, () => {});

    list.see(0, 30);
    await settle(list);
    while (list.length < 50 * LIMIT) {
        list.see(list.length - 30, list.length);
        await settle(list);
    }
    list.see(LIMIT - 10, LIMIT + 10);
    await settle(list);
    assert.equal(list.get(LIMIT - 1), LIMIT - 1);
    assert.equal(list.get(LIMIT), LIMIT);
});

test("an empty folder is one page and the end", async () => {
    const { load, asked } = source(0);
    const list = new PagedList(load, () => {});

    list.see(0, 30);
    await settle(list);
    assert.equal(list.length, 0);
    assert.equal(list.ended, true);
    assert.equal(asked.length, 1);
});

test("a failure stops, is told, and a retry goes on", async () => {
    const { load } = source();
    let fail = true;
    const list = new PagedList(
        async (after: string | undefined) => {
            if (fail) {
                throw new Error("no");
            }
            return load(after);
        },
        () => {},
    );

    list.see(0, 30);
    await settle(list);
    assert.match(String(list.failure), /no/);
    fail = false;
    list.retry();
    await settle(list);
    assert.equal(list.failure, undefined);
    assert.equal(list.get(3), 3);
});

test("a page that shrank meanwhile leaves holes, not wrong rows", async () => {
    let all = 40 * LIMIT;
    const pages = source(all);
    const list = new PagedList(
        async (after: string | undefined) => {
            const page = await pages.load(after);

            return { ...page, items: page.items.filter((row) => row < all) };
        },
        () => {},
    );

    list.see(0, 30);
    await settle(list);
    while (!list.ended) {
        list.see(list.length - 30, list.length);
        await settle(list);
    }
    all = 100;
    list.see(0, 200);
    await settle(list);
    assert.equal(list.get(99), 99);
    assert.equal(list.get(100), undefined);
    assert.equal(list.length, 40 * LIMIT);
});
