// Bundle the page: index.html, app.js and app.css into the folder that is named.
//
//   node web/build.mjs OUTDIR         as the daemon embeds it
//   node web/build.mjs OUTDIR dev     readable, with a source map
import { copyFileSync, mkdirSync, statSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { install } from "./install.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const FILES = ["index.html", "app.js", "app.css"];
const PACKED_MAX = 100 * 1000; // bytes of all three together, after gzip

export async function build(outdir, { dev = false } = {}) {
    install("build");
    const { build: bundle } = await import("esbuild");

    mkdirSync(outdir, { recursive: true });
    await bundle({
        absWorkingDir: HERE,
        entryPoints: { app: "src/main.tsx" },
        outdir,
        bundle: true,
        format: "esm",
        target: ["chrome100", "firefox100", "safari15"],
        jsx: "automatic",
        jsxImportSource: "preact",
        minify: !dev,
        sourcemap: dev ? "linked" : false,
        legalComments: "none",
        logLevel: "warning",
    });
    copyFileSync(join(HERE, "src/index.html"), join(outdir, "index.html"));
    return FILES.map((name) => ({
        name,
        bytes: statSync(join(outdir, name)).size,
        packed: gzipSync(readFileSync(join(outdir, name)), { level: 9 }).length,
    }));
}

async function main(outdir, mode) {
    if (outdir === undefined) {
        throw new Error("usage: node web/build.mjs OUTDIR [dev]");
    }
    const made = await build(resolve(outdir), { dev: mode === "dev" });
    const packed = made.reduce((sum, file) => sum + file.packed, 0);

    for (const { name, bytes, packed } of made) {
        console.log(`${name.padEnd(12)} ${String(bytes).padStart(7)} bytes, ${packed} packed`);
    }
    if (mode !== "dev" && packed > PACKED_MAX) {
        throw new Error(`the page is ${packed} bytes packed; it may have ${PACKED_MAX}`);
    }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    await main(...process.argv.slice(2));
}
