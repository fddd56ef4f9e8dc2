// The whole story as a person lives it: first visit, provider, share, pause, a daemon that dies, resume,
// the link, restore, compare, check, forget. SOURCE is the folder to share, below the user's own.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { goTo, killDaemon, note, until, usenetsync, walkTo, withPage } from "./rig.mjs";

const { SOURCE, FILES, NEWSD_PORT, NEWSD_PASSWORD, PAGE_PASSWORD_FILE } = process.env;
const folder = basename(SOURCE);

const state = (page) => page.locator("header.head .badge");

async function valueOf(page, name) {
    const text = await page
        .getByRole("progressbar", { name, exact: true })
        .first()
        .getAttribute("aria-valuenow");

    return text === null ? undefined : Number(text);
}

async function addProvider(page) {
    await page.getByRole("heading", { name: "Welcome to UsenetSync" }).waitFor();
    await page.getByRole("link", { name: "Add a provider" }).click();
    await page.getByLabel("Host").fill("127.0.0.1");
    await page.getByLabel("Port").fill(NEWSD_PORT);
    await page.getByLabel("Not encrypted").check();
    await page.getByLabel("User name").fill("tester");
    await page.getByLabel("Password", { exact: true }).fill("not the password");
    await page.getByRole("button", { name: "Test and add" }).click();
    await page.getByText("It does not work yet, and was not kept.").waitFor();
    assert.equal((await usenetsync("server", "list", "--json")).trim(), "", "what does not work is not kept");
    await page.getByLabel("Password", { exact: true }).fill(NEWSD_PASSWORD);
    await page.getByRole("button", { name: "Test and add" }).click();
    await page.getByRole("heading", { name: "Nothing is running" }).waitFor();
}

/** What the daemon keeps of the provider, whose name was made from its host. */
const kept = async () => JSON.parse(await usenetsync("server", "list", "--json"));

async function pauseAndChangeProvider(page) {
    await goTo(page, "Providers");
    await page.getByRole("img", { name: /^\d+ connections? to server: / }).waitFor();
    await page.getByRole("button", { name: "Pause server" }).click();
    await page.getByRole("heading", { name: "server paused" }).waitFor();
    assert.equal((await kept()).paused, true);
    await page.getByRole("button", { name: "Resume server" }).click();
    await page.getByRole("heading", { name: "server in use" }).waitFor();
    await page.getByRole("link", { name: "Change" }).click();
    await page.getByText("Connections, name and more").click();
    await page.getByLabel("Connections").fill("3");
    await page.getByText("Several providers, and accounts paid by the byte").click();
    await page.getByLabel("Bytes paid for").fill("500 GB");
    await page.getByRole("button", { name: "Test and save" }).click();
    await page.getByText(/ of 500\.0 GiB used up$/).waitFor();
    const { connections, quota, has_password: password } = await kept();

    assert.deepEqual(
        { connections, quota, password },
        { connections: 3, quota: 500 * 2 ** 30, password: true },
    );
}

async function setUploadLimit(page, text) {
    await goTo(page, "Settings");
    await page.getByLabel("Sending, a second").first().fill(text);
    await page.getByRole("button", { name: "Save limits" }).click();
    await page.getByText("Saved. It holds from now on").first().waitFor();
}

async function shareFolder(page) {
    await goTo(page, "Share a folder");
    await page.getByLabel(`Choose ${folder}`, { exact: true }).check();
    await page.getByText("Counted.").waitFor();
    await page.locator(".figures", { hasText: "Files" }).getByText(FILES, { exact: true }).waitFor();
    await page.getByLabel("Title").fill("Our <b>holiday</b>");
    await page.getByRole("button", { name: "Share it" }).click();
    await page.getByRole("heading", { level: 1, name: "Share: Our <b>holiday</b>" }).waitFor();
}

async function watchAndPause(page) {
    const first = await until(
        "the first article",
        async () => ((await valueOf(page, "Post")) ?? 0) > 0 && valueOf(page, "Post"),
    );

    await until("the bar to move on", async () => ((await valueOf(page, "Post")) ?? 0) > first);
    await page.getByRole("button", { name: /^Pause / }).click();
    await page.getByRole("menuitem", { name: "Until I resume it" }).click();
    await state(page).filter({ hasText: "paused" }).waitFor();
}

async function surviveKill(page) {
    const before = await valueOf(page, "Post");

    await killDaemon();
    await page.getByRole("alert").filter({ hasText: "The connection to the daemon is lost." }).waitFor();
    await usenetsync("status");
    await page.getByText("The connection to the daemon is lost.").waitFor({ state: "detached" });
    await state(page).filter({ hasText: "paused" }).waitFor();
    note(
        `posted ${before} % before the daemon was killed, ${await valueOf(page, "Post")} % after it came back`,
    );
}

async function resumeToEnd(page) {
    const job = page.url();

    await page.getByRole("button", { name: /^Resume / }).click();
    await state(page).filter({ hasText: "running" }).waitFor();
    await setUploadLimit(page, "");
    await page.goto(job);
    await state(page).filter({ hasText: "done" }).waitFor();
    const link = (await page.getByLabel("The link", { exact: true }).textContent()).trim();

    assert.match(link, /^usync1[a-z0-9]{60,}$/);
    await page.getByRole("img", { name: "QR code of the link" }).waitFor();
    await page.getByText("Whoever has it can read everything in this share").waitFor();
    return link;
}

async function chooseTarget(page, name) {
    await page.getByRole("button", { name: /^Choose (a folder|another)$/ }).click();
    const dialog = page.getByRole("dialog");

    await dialog.getByText(/names? here$/).waitFor();
    if ((await dialog.locator(".crumbs button").count()) > 0) {
        await dialog.locator(".crumbs button").first().click(); // from the target before to the top
        await dialog.getByRole("button", { name: "restored", exact: true }).waitFor();
    }
    await dialog.getByLabel("New folder in here").fill(name);
    await dialog.getByRole("button", { name: "Make it" }).click();
    await dialog.locator(".crumbs [aria-current]", { hasText: name }).waitFor();
    await dialog.getByRole("button", { name: "Take this folder" }).click();
}

async function lookInto(page, link) {
    await goTo(page, "Get");
    await page.getByLabel("Link of the share").fill(` ${link.slice(0, 30)}\n${link.slice(30)} `);
    await page.getByRole("button", { name: "Look into it" }).click();
    await page.getByText("Nothing is ticked: you get all of it.").waitFor();
}

async function runGet(page, button) {
    await page.getByRole("button", { name: button, exact: true }).click();
    await page.getByRole("heading", { level: 1, name: /^(Get|Dry run|Compare): / }).waitFor();
    await state(page)
        .filter({ hasText: /done|failed/ })
        .waitFor();
    assert.equal(await state(page).textContent(), "done");
    return page.locator(".note strong").first().textContent();
}

async function restore(page, link) {
    await lookInto(page, link);
    await walkTo(page.locator(".browser"), "folder 3");
    await page.getByText("file 0003.txt").waitFor();
    await chooseTarget(page, "restored");
    assert.match(await runGet(page, "Dry run"), new RegExp(`^${FILES} files, .* would be restored`));
    await page.getByRole("link", { name: "Back to the form" }).click();
    assert.match(await runGet(page, "Get it"), new RegExp(`^${FILES} files, `));
    await goTo(page, "Get");
    assert.match(
        await runGet(page, "Compare only"),
        new RegExp(`^${FILES} files are exactly as in version 1`),
    );
}

async function restorePart(page, link) {
    await lookInto(page, link);
    // By keyboard alone: down to the row, Space ticks it.
    const list = page.getByRole("grid");

    await list.focus();
    await list.press("Home");
    await until("the row of folder 7", async () => {
        const row = await list.getAttribute("aria-activedescendant");

        if ((await page.locator(`[id="${row}"] .name`).textContent()) === "folder 7") {
            return true;
        }
        await list.press("ArrowDown");
        return false;
    });
    await list.press("Space");
    await page.getByText("Only these: folder 7").waitFor();
    await chooseTarget(page, "part");
    await runGet(page, "Get it");
}

/** What comes through the page stays within the folders of the settings, whatever asks for it. */
async function outsideIsRefused(page, link) {
    const codes = await page.evaluate(async (share) => {
        const headers = {
            "Content-Type": "application/json",
            "X-UsenetSync-Key": localStorage.getItem("usenetsync.key"),
        };
        const ask = async (path, body) => {
            const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });

            return (await answer.json()).error?.code;
        };

        return [
            await ask("/api/gets", { link: share, target: "/var/tmp/usenetsync-outside" }),
            await ask("/api/gets", { link: share, target: "/etc", verify: true }),
            await ask("/api/shares", { paths: ["/etc"] }),
            await ask("/api/exports", { share: 1, target: "/var/tmp/usenetsync-outside" }),
        ];
    }, link);

    assert.deepEqual(codes, ["ERR_OUTSIDE", "ERR_OUTSIDE", "ERR_OUTSIDE", "ERR_OUTSIDE"]);
}

/** Out, and in again by a password, at the second try. */
async function logInByPassword(page) {
    await usenetsync("ui", "--set-password", "--password-file", PAGE_PASSWORD_FILE);
    await goTo(page, "Settings");
    await page.getByRole("button", { name: "Log out here" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Log out" }).click();
    await page.getByLabel("Password").fill("not the password");
    await page.getByRole("button", { name: "Log in" }).first().click();
    await page.getByText("This is not the page's password.").waitFor();
    const password = readFileSync(PAGE_PASSWORD_FILE, "utf8").trim();

    await until("the wait after a wrong password to be over", async () => {
        const answer = page.waitForResponse((one) => one.request().method() === "POST");

        await page.getByLabel("Password").fill(password);
        await page.getByRole("button", { name: "Log in" }).first().click();
        return (await answer).ok();
    });
    await page.getByRole("navigation", { name: "Pages" }).waitFor();
}

async function checkAndForget(page) {
    await goTo(page, "Shares");
    await page.getByRole("link", { name: "Our <b>holiday</b>" }).click();
    await page.getByRole("button", { name: "Check now" }).click();
    await page.getByRole("menuitem", { name: "Ask for every article" }).click();
    await page.getByText("Every article is there.").waitFor();
    await page.getByRole("button", { name: "More to do with this share" }).click();
    await page.getByRole("menuitem", { name: "Forget it here" }).click();
    const dialog = page.getByRole("dialog");

    await dialog.getByText("Nothing that was posted is deleted.").waitFor();
    await dialog.getByRole("button", { name: "Keep it as it is" }).click();
    await page.getByRole("heading", { level: 2, name: "The link" }).waitFor();
    await page.getByRole("button", { name: "More to do with this share" }).click();
    await page.getByRole("menuitem", { name: "Forget it here" }).click();
    await dialog.getByRole("button", { name: "Forget it here" }).click();
    await page.getByRole("heading", { name: "No shares yet" }).waitFor();
}

const REFUSED = [
    /^403 POST \/api\/(gets|shares|exports)$/, // folders outside
    /^4(01|29) POST \/api\/session$/, // a wrong password, and the wait behind it
    /^401 GET \/api\//, // what was asked for while logging out
    /WebSocket connection to .* failed/, // the daemon was killed
    /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE_CHUNKED_ENCODING/,
];

await withPage({ allowed: REFUSED }, async (page) => {
    note("first visit: a provider that refuses, then one that works");
    await addProvider(page);
    await setUploadLimit(page, "1 MiB");
    note("share");
    await shareFolder(page);
    await watchAndPause(page);
    note("the daemon is killed and comes back");
    await surviveKill(page);
    const link = await resumeToEnd(page);

    note("restore: dry run, all, compare, a part");
    await restore(page, link);
    await restorePart(page, link);
    await outsideIsRefused(page, link);
    note("the provider: paused, resumed, changed without its password");
    await pauseAndChangeProvider(page);
    note("out, and in by the password");
    await logInByPassword(page);
    note("check, and forget");
    await checkAndForget(page);
});
