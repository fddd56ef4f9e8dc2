// Debian's Chromium under playwright-core, and what every browser test watches: nothing may be logged
// as an error, and nothing may break the page's rules for content.
import { chromium } from "playwright-core";

export const LOOKS = [
    { name: "light", colorScheme: "light", viewport: { width: 1280, height: 900 } },
    { name: "dark", colorScheme: "dark", viewport: { width: 1280, height: 900 } },
    {
        name: "phone",
        colorScheme: "light",
        viewport: { width: 390, height: 844 },
        hasTouch: true,
        isMobile: true,
    },
];

const launch = (chromiumSandbox) =>
    chromium.launch({
        executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
        headless: true,
        chromiumSandbox,
        args: [
            "--disable-gpu",
            "--no-first-run",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
        ],
    });

/** With its sandbox where there can be one: root has none to give it, and some containers forbid it. It
 *  loads no page but ours. */
export async function openBrowser() {
    if (process.getuid() === 0) {
        return launch(false);
    }
    try {
        return await launch(true);
    } catch (thrown) {
        if (/sandbox/i.test(thrown.message)) {
            return launch(false);
        }
        throw thrown;
    }
}

/** What went wrong in a page, as it happens: script errors, console errors, refused requests, broken rules
 *  of content. `allowed` are patterns of what the test itself causes. */
export async function watchPage(page, allowed = []) {
    const wrong = [];
    const note = (text) => {
        if (!allowed.some((pattern) => pattern.test(text))) {
            wrong.push(text);
        }
    };

    page.on("pageerror", (error) => note(`script error: ${error.message}`));
    page.on("console", (message) => {
        // A refused request is told by its response, with its address.
        if (message.type() === "error" && !/the server responded with a status of/.test(message.text())) {
            note(`console: ${message.text()}`);
        }
    });
    page.on("response", (response) => {
        if (response.status() >= 400) {
            note(`${response.status()} ${response.request().method()} ${new URL(response.url()).pathname}`);
        }
    });
    page.on("dialog", (dialog) => {
        wrong.push(`a dialog opened: ${dialog.message()}`);
        void dialog.dismiss();
    });
    await page.exposeFunction("reportViolation", (text) => wrong.push(`content policy: ${text}`));
    await page.addInitScript(() => {
        document.addEventListener("securitypolicyviolation", (event) => {
            globalThis.reportViolation(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
        });
    });
    return wrong;
}
