// 1,000 hostile file names, in every list of the page: shown as the command line shows them, never
// obeyed. FOLDER is the folder that holds them, LINK the link of the share made of it.
import assert from "node:assert/strict";
import { basename } from "node:path";
import { goTo, note, PATIENCE, usenetsync, withPage } from "./rig.mjs";

const { FOLDER, LINK } = process.env;
const ROW = ".virtual [role=row]";

/** What the command line shows, the judge: a file's line is its mode, size, time and then its name. */
async function wantedNames() {
    const lines = (await usenetsync("ls", LINK)).split("\n").filter((line) => line.startsWith("-"));

    return new Set(lines.map((line) => line.replace(/^\S+ +\d+  \d{4}-\d\d-\d\d \d\d:\d\d  /, "")));
}

/** In the page: the names of all rows, box by box, each waited for as long as `patience` ms. */
async function scrollThrough(box, patience) {
    const seen = new Set();
    const drawn = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    const isWhole = () => box.querySelector(".item") !== null && box.querySelector(".item.waiting") === null;

    for (let end = false; !end;) {
        const until = Date.now() + patience;

        do {
            await drawn();
        } while (!isWhole() && Date.now() < until);
        box.querySelectorAll(".item:not(.waiting) .name").forEach((name) => seen.add(name.textContent));
        end =
            Date.now() >= until ||
            (box.scrollTop + box.clientHeight >= box.scrollHeight - 2 &&
                box.getAttribute("aria-rowcount") !== "-1");
        box.scrollTop += box.clientHeight;
    }
    return [...seen];
}

async function allRows(place) {
    const list = place.locator(".virtual");

    await list.locator(".item:not(.waiting)").first().waitFor();
    return new Set(await list.evaluate(scrollThrough, PATIENCE));
}

async function compare(page, place, wanted, what) {
    const seen = await allRows(place);

    assert.equal(seen.size, wanted.size, `${what}: as many names`);
    for (const name of wanted) {
        assert.ok(seen.has(name), `${what} shows ${JSON.stringify(name)}`);
    }
    const rows = await page.locator(ROW).count();

    assert.ok(rows < 80, `${what}: ${rows} rows exist for ${wanted.size} names`);
    assert.equal(
        await page.locator(".name img, .name script, .name iframe, .name b, .name svg, .name a").count(),
        0,
    );
    note(`${what}: ${seen.size} names`);
}

await withPage({}, async (page) => {
    const wanted = await wantedNames();

    assert.equal(wanted.size, 1000);
    await goTo(page, "Share a folder");
    await page.getByRole("button", { name: basename(FOLDER), exact: true }).click();
    await compare(page, page.locator(".browser"), wanted, "folder of this machine");
    await page.getByRole("button", { name: "Choose this whole folder" }).click();
    await page
        .getByRole("button", { name: "Leave something out" })
        .or(page.getByText("Leave something out"))
        .click();
    await page.getByRole("button", { name: "See what stays out" }).click();
    await compare(page, page.getByRole("dialog"), wanted, "preview of ignore rules");
    await page.getByRole("button", { name: "Back to the options" }).click();

    await goTo(page, "Get");
    await page.getByLabel("Link of the share").fill(LINK);
    await page.getByRole("button", { name: "Look into it" }).click();
    await compare(page, page.locator(".browser"), wanted, "share of a link");

    await goTo(page, "Shares");
    await page.getByRole("link", { name: "<script>alert(1)</script>" }).click();
    await compare(page, page.locator(".browser"), wanted, "share of ours");
    await goTo(page, "Activity");
    await page.getByRole("link", { name: "History" }).click();
    await page.getByRole("cell", { name: "<script>alert(1)</script>" }).first().waitFor();
});
