// What browser tests share: the program under test, a logged-in page, and waiting without a clock.
// The shell script that starts a test sets USENETSYNC, STATE (the state folder) and WORK.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { openBrowser, watchPage } from "./browser.mjs";

const run = promisify(execFile);

/** Long enough for a loaded machine: it ends a test that hangs, it judges nothing. */
export const PATIENCE = Number(process.env.PATIENCE ?? 120_000);

export const WORK = process.env.WORK;

export function note(text) {
    console.log(`-- ${text}`);
}

/** usenetsync ARGS: its standard output. */
export async function usenetsync(...args) {
    const { stdout } = await run(process.env.USENETSYNC, ["--state", process.env.STATE, ...args], {
        maxBuffer: 64 * 1024 * 1024,
    });

    return stdout;
}

/** The process id of the daemon. */
export async function daemonPid() {
    return JSON.parse(await usenetsync("status", "--json")).pid;
}

/** kill -9, and wait until it is gone. */
export async function killDaemon() {
    const pid = await daemonPid();

    process.kill(pid, "SIGKILL");
    await until("the daemon to be gone", () => {
        try {
            process.kill(pid, 0);
            return false;
        } catch {
            return true;
        }
    });
}

export async function loginLink() {
    return (await usenetsync("ui", "--no-open")).trim();
}

/** Wait until `look` gives something that is not false or undefined, and return it. */
export async function until(what, look) {
    const end = Date.now() + PATIENCE;

    for (;;) {
        const value = await look();

        if (value !== false && value !== undefined) {
            return value;
        }
        assert.ok(Date.now() < end, `waited in vain for ${what}`);
        await new Promise((done) => setTimeout(done, 100));
    }
}

/** A browser with one logged-in page, handed to `body`; at its end nothing may have gone wrong.
 *  `allowed`: patterns of console errors that the test itself causes. */
export async function withPage(options, body) {
    const browser = await openBrowser();

    try {
        const context = await browser.newContext({
            viewport: { width: 1280, height: 900 },
            reducedMotion: "reduce",
            ...options.context,
        });

        context.setDefaultTimeout(PATIENCE);
        const page = await context.newPage();
        const wrong = await watchPage(page, options.allowed ?? []);

        try {
            await page.goto(await loginLink());
            await page.locator("h1").waitFor();
            await body(page);
        } catch (thrown) {
            if (WORK !== undefined) {
                await page.screenshot({ path: `${WORK}/failed.png`, fullPage: true }).catch(() => {});
            }
            throw thrown;
        }
        assert.deepEqual(wrong, [], "nothing may go wrong in the page");
    } finally {
        await browser.close();
    }
}

/** Go to a page of the navigation and wait for its heading. */
export async function goTo(page, words, heading = words) {
    await page
        .getByRole("navigation", { name: "Pages" })
        .getByRole("link", { name: words, exact: true })
        .click();
    await page.getByRole("heading", { level: 1, name: heading }).waitFor();
}

/** Walk the file browser in `place` down to a folder below the first root. */
export async function walkTo(place, ...names) {
    for (const name of names) {
        await place.getByRole("button", { name, exact: true }).click();
        await place.locator(".crumbs [aria-current]", { hasText: name }).waitFor();
    }
}
