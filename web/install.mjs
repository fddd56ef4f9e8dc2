// Put the packages of package-lock.json into node_modules, if they are not there already.
//
//   node web/install.mjs          what building the page needs
//   node web/install.mjs all      and what its tests need
import { createHash } from "node:crypto";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const HERE = dirname(fileURLToPath(import.meta.url));
const MARK = join(HERE, "node_modules", ".installed");

// What the mark says of a finished installation of this lock file.
function markOf(group) {
    const lock = readFileSync(join(HERE, "package-lock.json"));

    return `${createHash("sha256").update(lock).digest("hex")} ${group}\n`;
}

function installed() {
    try {
        return readFileSync(MARK, "utf8");
    } catch {
        return "";
    }
}

export function install(asked) {
    const there = installed();
    const group = there.endsWith(" all\n") ? "all" : asked; // what tests needed stays

    if (there === markOf(group)) {
        return;
    }
    execFileSync("npm", group === "all" ? ["ci"] : ["ci", "--omit=dev"], {
        cwd: HERE,
        stdio: ["ignore", "ignore", "inherit"],
    });
    writeFileSync(MARK, markOf(group));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    install(process.argv[2] === "all" ? "all" : "build");
}
