// Debian's Chromium under playwright-core, and what every browser test watches: nothing may be logged
// as an error, and nothing may break the page's rules for content.
import { chromium } from "playwright-core";

export const LOOKS = [
    { name: "light", colorScheme: "light", viewport: { width: 1280, height: 900 } },
    { name: "dark", colorScheme: "dark", viewport: { width: 1280, height: 900 } },
    { name: "phone", colorScheme: "light", viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
];

/** `profile` is a folder for what Chromium keeps. Root has no sandbox to give it. */
export async function openBrowser() {
    return chromium.launch({
        executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
        headless: true,
        chromiumSandbox: process.getuid() !== 0,
        args: ["--disable-gpu", "--no-first-run", "--disable-dev-shm-usage", "--disable-background-networking"],
    });
}

/** What went wrong in a page, as it happens: script errors, console errors, broken rules of content.
 *  `allowed` are patterns of console errors that the test itself causes. */
export async function watchPage(page, allowed = []) {
    const wrong = [];

    page.on("pageerror", (error) => wrong.push(`script error: ${error.message}`));
    page.on("console", (message) => {
        if (message.type() === "error" && !allowed.some((pattern) => pattern.test(message.text()))) {
            wrong.push(`console: ${message.text()}`);
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
