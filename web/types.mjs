// Make src/api/schema.d.ts, the types of the daemon's API, from docs/openapi.yaml.
//
//   node web/types.mjs [OPENAPI]
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { install } from "./install.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const OUT = join(HERE, "src/api/schema.d.ts");
const source = resolve(process.argv[2] ?? join(HERE, "../docs/openapi.yaml"));

install("all");
const { default: openapiTS, astToString } = await import("openapi-typescript");
const text =
    "// Made from docs/openapi.yaml by types.mjs; not kept in git.\n" +
    astToString(await openapiTS(pathToFileURL(source), { emptyObjectsUnknown: true }));
let before = "";

try {
    before = readFileSync(OUT, "utf8");
} catch {
    // there was none
}
if (before !== text) {
    writeFileSync(OUT, text);
}
