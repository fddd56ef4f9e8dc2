// Run the unit tests of the page's logic: each tests/unit/*.test.ts is bundled, then run by Node.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { install } from "../install.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));

install("all");
const { build } = await import("esbuild");
const out = mkdtempSync(join(tmpdir(), "usenetsync-web-unit-"));

try {
    const sources = readdirSync(join(HERE, "unit")).filter((name) => name.endsWith(".test.ts"));

    await build({
        absWorkingDir: HERE,
        entryPoints: sources.map((name) => join("unit", name)),
        outdir: out,
        outExtension: { ".js": ".mjs" },
        bundle: true,
        platform: "node",
        format: "esm",
        target: "node18",
        jsx: "automatic",
        jsxImportSource: "preact",
        logLevel: "warning",
    });
    const tests = sources.map((name) => join(out, name.replace(/\.ts$/, ".mjs")));
    const ran = spawnSync(process.execPath, ["--test", ...tests], { stdio: "inherit" });

    process.exitCode = ran.status ?? 1;
} finally {
    rmSync(out, { recursive: true, force: true });
}
