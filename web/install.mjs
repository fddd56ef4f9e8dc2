// Put the packages of package-lock.json into node_modules, if they are not there already.
//
//   node web/install.mjs          what building the page needs
//   node web/install.mjs all      and what its tests need
import { createHash } from "node:crypto";
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const HERE = dirname(fileURLToPath(import.meta.url));
const MARK = join(HERE, "node_modules", ".installed");
const LOCK = join(HERE, ".installing");

// What the mark says of a finished installation of this lock file.
function markOf(group) {
    const lock = readFileSync(join(HERE, "package-lock.json"));

    return `${createHash("sha256").update(lock).digest("hex")} ${group}\n`;
}

function readText(path) {
    try {
        return readFileSync(path, "utf8");
    } catch {
        return "";
    }
}

const installed = () => readText(MARK);

// Does nobody work behind this lock any more? An empty one has just been made, or never will be filled.
function isStale() {
    const holder = Number(readText(LOCK));

    try {
        process.kill(holder, 0); // nothing is sent: is there such a process?
        return holder === 0 && Date.now() - statSync(LOCK).mtimeMs > 10_000;
    } catch (thrown) {
        return thrown.code === "ESRCH";
    }
}

// Two builds may begin at once: the second waits until the first has its packages.
function withLock(work) {
    for (let mine = false; !mine;) {
        try {
            writeFileSync(LOCK, String(process.pid), { flag: "wx" });
            mine = true;
        } catch (thrown) {
            if (thrown.code !== "EEXIST") {
                throw thrown;
            }
            if (isStale()) {
                rmSync(LOCK, { force: true });
            }
            Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
        }
    }
    try {
        work();
    } finally {
        rmSync(LOCK, { force: true });
    }
}

export function install(asked) {
    const wanted = () => markOf(installed().endsWith(" all\n") ? "all" : asked); // what tests needed stays

    if (installed() === wanted()) {
        return;
    }
    withLock(() => {
        const mark = wanted();

        if (installed() !== mark) {
            execFileSync("npm", mark.endsWith(" all\n") ? ["ci"] : ["ci", "--omit=dev"], {
                cwd: HERE,
                stdio: ["ignore", "ignore", "inherit"],
            });
            writeFileSync(MARK, mark);
        }
    });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    install(process.argv[2] === "all" ? "all" : "build");
}
