// Every page in light, dark and on a phone: nothing that axe finds wrong, nothing wider than the screen,
// and, where SHOTS names a folder, a picture of each for people to look at. JOBS says which jobs to show, "11 12".
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { LOOKS } from "./browser.mjs";
import { note, until, withPage } from "./rig.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const { SHOTS, LINK = "", JOBS = "", SET = "full" } = process.env;

/** Name, place, and what brings the page into the state to look at. */
const EMPTY = [
    ["first-visit", "#/"],
    ["first-visit-newsd", "#/", (page) => page.getByText("I have no provider").click()],
    ["share-without-provider", "#/share"],
    ["shares-empty", "#/shares"],
    ["get-without-provider", "#/get"],
    ["providers-empty", "#/providers"],
    ["provider-add", "#/providers/add"],
    ["activity-empty", "#/activity"],
    ["history-empty", "#/activity/history"],
];

const FULL = [
    ["home", "#/"],
    ["share", "#/share", chooseFirst],
    ["share-preview", "#/share", previewRules],
    ["shares", "#/shares"],
    ["share-one", "#/shares/1", (page) => page.getByRole("img", { name: "QR code of the link" }).waitFor()],
    [
        "share-menu",
        "#/shares/1",
        (page) => page.getByRole("button", { name: "More to do with this share" }).click(),
    ],
    ["share-forget", "#/shares/1", askForget],
    ["get", "#/get", lookInto],
    ["get-target", "#/get", chooseTarget],
    ["providers", "#/providers"],
    ["provider-test", "#/providers", testProvider],
    [
        "provider-edit",
        "#/providers/edit/local",
        (page) => page.getByText("Connections, name and more").click(),
    ],
    ["activity", "#/activity"],
    ["history", "#/activity/history"],
    ["support", "#/activity/support"],
    ["settings", "#/settings", (page) => page.getByText(/^Add (hours|more)/).click()],
    ...JOBS.split(" ")
        .filter((job) => job !== "")
        .map((job) => [`job-${job}`, `#/jobs/${job}`]),
    ["job-gone", "#/jobs/999999"],
];

async function chooseFirst(page) {
    await page.locator(".virtual input[type=checkbox]").first().check();
    await page.getByText("Counted.").waitFor();
}

async function previewRules(page) {
    await chooseFirst(page);
    await page.getByText("Leave something out").click();
    await page.getByLabel("Ignore rules").fill("*3.txt\n");
    await page.getByRole("button", { name: "See what stays out" }).click();
    await page.getByRole("dialog").locator(".item").first().waitFor();
}

async function askForget(page) {
    await page.getByRole("button", { name: "More to do with this share" }).click();
    await page.getByRole("menuitem", { name: "Forget it here" }).click();
}

async function lookInto(page) {
    await page.getByLabel("Link of the share").fill(LINK);
    await page.getByRole("button", { name: "Look into it" }).click();
    await page.locator(".virtual .item").first().waitFor();
}

async function chooseTarget(page) {
    await lookInto(page);
    await page.getByRole("button", { name: /^Choose (a folder|another)$/ }).click();
    await page
        .getByRole("dialog")
        .getByText(/names? here$/)
        .waitFor();
}

async function testProvider(page) {
    await page
        .getByRole("button", { name: /^Test / })
        .first()
        .click();
    await page
        .getByText("Everything works.")
        .or(page.getByText("It works; look at what is marked."))
        .waitFor();
}

/** What axe says, in a line each, of a page whose colours do not change any more. */
async function violations(page) {
    return page.evaluate(async () => {
        await Promise.allSettled(document.getAnimations().map((one) => one.finished));
        const { violations: found } = await globalThis.axe.run(document, {
            resultTypes: ["violations"],
            rules: { region: { enabled: true } },
        });

        return found.flatMap((one) =>
            one.nodes.map((node) => `${one.id}: ${node.target.join(" ")}: ${node.failureSummary}`),
        );
    });
}

/** What one sees has come to rest: nothing is being loaded. */
async function settled(page) {
    await page.locator("main h1").first().waitFor();
    await until(
        "the page to have loaded",
        async () => (await page.getByText(/^(Loading|Asking the daemon) …$/).count()) === 0,
    );
}

/** By way of another page, so that nothing is open any more: each has a heading of its own. */
async function goFresh(page, hash) {
    const here = new URL(page.url()).hash;
    const between = ["#/get", "#/settings", "#/share"].find((to) => ![hash, here].includes(to));

    for (const to of [between, hash]) {
        await page.evaluate((place) => {
            document.querySelector("main h1").dataset.old = "";
            location.hash = place;
        }, to);
        await page.locator("main h1:not([data-old])").first().waitFor();
    }
}

async function look(page, name, hash, prepare) {
    await goFresh(page, hash);
    await settled(page);
    await prepare?.(page);
    await settled(page);
    await judge(page, name);
}

/** Nobody is logged in, and the page has a password: its first words. */
async function lookAtLogin(page, name) {
    const { origin } = new URL(page.url());

    await page.context().clearCookies();
    await page.evaluate(() => localStorage.clear());
    await page.goto("about:blank");
    await page.goto(origin);
    await page.getByLabel("Password").waitFor();
    await page.getByText("I have a login link").click();
    await page.evaluate(AXE);
    await judge(page, name);
}

async function judge(page, name) {
    assert.deepEqual(await violations(page), [], `axe on ${name}`);
    const wide = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );

    assert.ok(wide <= 0, `${name} is ${wide} pixels wider than the screen`);
    const asking = (await page.locator("dialog[open]").count()) > 0; // it lies over what is in sight

    if (SHOTS !== undefined) {
        await page.screenshot({ path: `${SHOTS}/${name}.png`, fullPage: !asking });
    }
}

// All pages are looked at, whatever is wrong with one of them.
const wrong = [];

if (SHOTS !== undefined) {
    mkdirSync(SHOTS, { recursive: true });
}
for (const { name: way, ...context } of LOOKS) {
    const allowed = [/^404 GET \/api\/jobs\/999999$/, /^401 GET \/api\/session$/];

    await withPage({ context, allowed }, async (page) => {
        await page.evaluate(AXE);
        const tell = (name) => (thrown) => wrong.push(new Error(`${way}-${name}`, { cause: thrown }));

        for (const [name, hash, prepare] of SET === "empty" ? EMPTY : FULL) {
            await look(page, `${way}-${name}`, hash, prepare).catch(tell(name));
        }
        if (SET === "empty") {
            await lookAtLogin(page, `${way}-login`).catch(tell("login"));
        }
    });
    note(`${way}: ${SET === "empty" ? EMPTY.length : FULL.length} pages`);
}
for (const thrown of wrong) {
    console.error(thrown);
}
assert.equal(wrong.length, 0, "pages with something wrong");
