// Pack the built page into one C file: each file plain, gzipped and brotlied, with its type and ETag.
//
//   node cmake/pack_page.mjs DIR OUT.c
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
};
const COLUMNS = 24;

function packed(bytes) {
    const brotli = brotliCompressSync(bytes, {
        params: {
            [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
            [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
        },
    });
    return { plain: bytes, gzip: gzipSync(bytes, { level: 9 }), brotli };
}

function array(name, bytes) {
    const lines = [];
    for (let i = 0; i < bytes.length; i += COLUMNS) {
        lines.push(`    ${[...bytes.subarray(i, i + COLUMNS)].join(",")},`);
    }
    return `static const uint8_t ${name}[] = {\n${lines.join("\n")}\n};\n`;
}

// The table's first row is "/", the page itself.
function rows(file, index) {
    const path = file.name === "index.html" ? "/" : `/${file.name}`;
    const etag = createHash("sha256").update(file.plain).digest("hex").slice(0, 16);
    const view = (form) => `{f${index}_${form}, sizeof(f${index}_${form})}`;

    return `    {"${path}", "${TYPES[extname(file.name)]}", "\\"${etag}\\"",
        ${view("plain")}, ${view("gzip")}, ${view("brotli")}},`;
}

function main(dir, out) {
    const names = readdirSync(dir).filter((name) => extname(name) in TYPES).sort();
    const files = names.map((name) => ({ name, ...packed(readFileSync(join(dir, name))) }));

    if (!names.includes("index.html")) {
        throw new Error(`there is no index.html in ${dir}`);
    }
    writeFileSync(out, `/* Made by cmake/pack_page.mjs from the built page. */
#include "app/web/web_page.h"

${files.map((file, i) => ["plain", "gzip", "brotli"].map((form) => array(`f${i}_${form}`, file[form])).join("")).join("")}
const struct web_asset web_assets[] = {
${files.map(rows).join("\n")}
    {NULL, NULL, NULL, {NULL, 0}, {NULL, 0}, {NULL, 0}},
};
`);
}

main(...process.argv.slice(2));
