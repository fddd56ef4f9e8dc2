// A browser scrolls through a very large folder of this machine, and of a share, from end to end: how many
// rows and nodes exist at most, and what lies on the heap. TREE is a tree of `make_data tree`. Rows of Markdown.
import { get, request } from "node:http";
import { goTo, usenetsync, withPage } from "../../web/tests/browser/rig.mjs";

const { TREE, STATE } = process.env;
const SAMPLE_EVERY = 40; // steps
const STEP = Number(process.env.STEP ?? 10); // screens: less than a page of the list

/** The daemon's own socket: an answer's body. */
function ask(method, path, body) {
    return new Promise((done, failed) => {
        const asked = request({ socketPath: `${STATE}/daemon.sock`, method, path }, (answer) => {
            let text = "";

            answer.on("data", (piece) => (text += piece));
            answer.on("end", () => done(JSON.parse(text)));
        });

        asked.on("error", failed);
        asked.end(body === undefined ? undefined : JSON.stringify(body));
    });
}

async function heap(devtools) {
    await devtools.send("HeapProfiler.collectGarbage");
    return (await devtools.send("Runtime.getHeapUsage")).usedSize / 2 ** 20;
}

/** In the page: scroll a box on, `steps` times by so many `screens`, what is in sight drawn whole each
 *  time. What was seen. */
async function scrollOn(box, { steps, screens }) {
    const drawn = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    const waits = () => box.querySelector(".item") === null || box.querySelector(".item.waiting") !== null;
    const seen = { rows: 0, nodes: 0, last: "", end: false, length: 0 };

    for (let i = 0; i < steps && !seen.end; i++) {
        do {
            await drawn();
        } while (waits());
        seen.rows = Math.max(seen.rows, box.querySelectorAll("[role=row]").length);
        seen.nodes = Math.max(seen.nodes, document.getElementsByTagName("*").length);
        seen.end =
            box.scrollTop + box.clientHeight >= box.scrollHeight - 2 &&
            box.getAttribute("aria-rowcount") !== "-1";
        box.scrollTop += screens * box.clientHeight;
    }
    seen.last = box.querySelector("[role=row]:last-child .name")?.textContent ?? "";
    seen.length = Number(box.getAttribute("aria-rowcount"));
    return seen;
}

async function measure(what, devtools, list) {
    await list.locator(".item:not(.waiting)").first().waitFor();
    const start = Date.now();
    const before = await heap(devtools);
    const most = { rows: 0, nodes: 0, heap: before };
    let seen;

    do {
        seen = await list.evaluate(scrollOn, { steps: SAMPLE_EVERY, screens: STEP });
        most.rows = Math.max(most.rows, seen.rows);
        most.nodes = Math.max(most.nodes, seen.nodes);
        most.heap = Math.max(most.heap, await heap(devtools));
    } while (!seen.end);
    console.log(
        `| ${what} | ${seen.length} | ${most.rows} | ${most.nodes} | ${before.toFixed(1)} |` +
            ` ${most.heap.toFixed(1)} | ${(await heap(devtools)).toFixed(1)} | ${(Date.now() - start) / 1000} |`,
    );
}

/** Its name is the last one: far below what is in sight. */
async function enterWide(page, list) {
    await list.locator(".item:not(.waiting)").first().waitFor();
    await list.focus();
    await page.keyboard.press("End");
    await page.getByRole("button", { name: "wide", exact: true }).click();
    await page.locator(".crumbs [aria-current]", { hasText: "wide" }).waitFor();
}

await ask("POST", "/api/settings", { roots: [TREE] });
await withPage({}, async (page) => {
    const devtools = await page.context().newCDPSession(page);

    console.log("| scrolled from end to end | rows | rows drawn at most | nodes in the page at most |" +
        " heap at first MiB | at most | at the end | s |");
    console.log("|---|---|---|---|---|---|---|---|");
    await goTo(page, "Share a folder");
    await enterWide(page, page.locator(".browser .virtual"));
    await measure("the wide folder of this machine", devtools, page.locator(".browser .virtual"));
    await page.goto(`${page.url().split("#")[0]}#/shares/1`);
    await enterWide(page, page.locator(".virtual"));
    await measure("the wide folder of the share", devtools, page.locator(".virtual"));
});
