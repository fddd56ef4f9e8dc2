// For working on the page without a daemon: builds it, serves it with the daemon's own rules for
// content, and answers from a world that only looks busy. Never shipped, and not what tests judge by.
//
//   node web/tests/fake/dev.mjs [PORT] [empty]      "empty": a first visit
import { createServer } from "node:http";
import { readFileSync, watch } from "node:fs";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "../../build.mjs";
import { acceptSocket } from "./socket.mjs";
import { World, counters, folderItems } from "./world.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const OUT = mkdtempSync(join(tmpdir(), "usenetsync-web-"));
const CSP =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; frame-ancestors 'none'; " +
    "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'";
const TYPES = { html: "text/html; charset=utf-8", js: "text/javascript", css: "text/css" };
const LINK = "usync1qpzry9x8gf2tvdw0s3jn54khce6mua7lqpzry9x8gf2tvdw0s3jn54khce6mua7lqpzry9x8g";

const world = new World();

function page(items, query) {
    const from = Number(query.after ?? 0);
    const to = from + Number(query.limit ?? 200);

    return { items: items.slice(from, to), next: to < items.length ? String(to) : null };
}

function folder(query) {
    const path = query.path === "" ? "/home/me" : query.path;
    const items = folderItems(path).filter(
        (item) =>
            (query.only !== "folders" || item.type === "directory") && item.name.includes(query.find ?? ""),
    );

    return {
        path,
        parent: path === "/home/me" ? null : path.replace(/\/[^/]*$/, ""),
        total: items.length,
        writable: true,
        ...page(items, query),
    };
}

const entries = (query) =>
    page(
        folderItems("/x")
            .filter((item) => item.type !== "other")
            .map((item) => ({ mode: 420, size: 0, ...item })),
        query,
    );
const linkShare = {
    version: 3,
    created: 1_760_000_000,
    files: 2000,
    directories: 120,
    symlinks: 1,
    bytes: 5.2e9,
    title: "Pictures",
};
const estimate = (done) => ({
    done,
    files: done ? 2000 : 900,
    directories: 120,
    symlinks: 1,
    bytes: done ? 5.2e9 : 2e9,
    ignored: 4,
    skipped: 1,
    articles: done ? 7400 : null,
    bytes_to_post: done ? 5.8e9 : null,
    rate: 45_500_000,
    seconds: done ? 127 : null,
    share: null,
});
const steps = [
    { step: "connect", verdict: "good", text: "news.example.com answers" },
    { step: "tls", verdict: "good", text: "TLS 1.3, the certificate fits the name" },
    { step: "login", verdict: "warn", text: "the server takes the account, but says it is nearly used up" },
    { step: "post", verdict: "good", text: "an article of 768 KiB was taken" },
    { step: "read", verdict: "good", text: "it came back as it was" },
];

const GET = {
    "/api/session": () => ({ expires: 2e9 }),
    "/api/servers": () => ({ items: world.servers.map((one) => ({ ...one, counters: counters(one.name) })) }),
    "/api/servers/:": (_, [name]) => world.servers.find((one) => one.name === name),
    "/api/shares": () => ({ items: world.shares }),
    "/api/shares/:": (_, [id]) => ({
        ...world.shares.find((one) => one.id === Number(id)),
        paths: ["/home/me/Pictures"],
        ignore: "*.tmp\n",
        one_file_system: false,
    }),
    "/api/shares/:/entries": (query) => entries(query),
    "/api/settings": () => world.settings,
    "/api/rates": () => ({
        end: Math.floor(Date.now() / 1000),
        up: Array.from({ length: 600 }, (_, i) => Math.round(45e6 + 5e6 * Math.sin(i / 30))),
        down: Array(600).fill(3e6),
    }),
    "/api/roots": () => ({
        items: [
            { path: "/home/me", free: 79e9, total: 250e9, writable: true, home: true },
            { path: "/mnt/photos", free: 1e12, total: 4e12, writable: false },
        ],
    }),
    "/api/folders": (query) => folder(query),
    "/api/events": (query) => page(world.events(), query),
    "/api/jobs": () => ({ items: world.jobs() }),
    "/api/jobs/:": (_, [id]) => world.jobs().find((one) => one.id === Number(id)),
    "/api/support": () => ({ made: 1_760_000_000, log: [] }),
};

const POST = {
    "/api/session": () => ({ expires: 2e9, key: "key" }),
    "/api/link": () => ({
        id: 1,
        title: "Pictures",
        version: 3,
        published: 1,
        link: LINK,
        write_key: LINK.replace("usync1", "usyncw1"),
        paths: [],
    }),
    "/api/versions": () => ({
        items: [3, 2, 1].map((version) => ({
            version,
            state: version === 3 ? "newest" : "found",
            created: 1_760_000_000 - version * 1e6,
            entries: 2000,
            bytes: 5e9,
        })),
    }),
    "/api/links/entries": (body) => ({ share: linkShare, ...entries(body) }),
    "/api/folders/preview": (body) => {
        const all = entries(body);

        return {
            ...all,
            items: all.items.map((item, i) => ({
                ...item,
                hidden: false,
                ignored: i % 4 === 3,
                ...(i % 4 === 3 ? { reason: "rule" } : {}),
            })),
        };
    },
    "/api/estimate": () => [estimate(false), estimate(true)],
    "/api/servers": (body) => (
        world.servers.push({ ...world.servers[0], ...body, has_password: true, paused: false }),
        { name: body.name }
    ),
    "/api/servers/try": () => steps,
    "/api/servers/:/test": () => steps,
    "/api/settings": (body) => Object.assign(world.settings, body, { revision: world.settings.revision + 1 }),
    "/api/jobs/:/pause": () => ((world.paused = true), { job: 11, state: "paused", note: "" }),
    "/api/jobs/:/resume": () => ((world.paused = false), { job: 11, state: "running", note: "" }),
    "/api/shares": () => ({ job: 11, share: 1, title: "x", version: 1, started: "new" }),
    "/api/gets": () => ({ job: 10 }),
};

function find(table, path) {
    for (const [shape, answer] of Object.entries(table)) {
        const found = new RegExp(`^${shape.replace(/:/g, "([^/]+)")}$`).exec(path);

        if (found !== null) {
            return (args) => answer(args, found.slice(1).map(decodeURIComponent));
        }
    }
    return undefined;
}

async function bodyOf(request) {
    let text = "";

    for await (const part of request) {
        text += part;
    }
    return text === "" ? {} : JSON.parse(text);
}

function file(path, response) {
    const name = path === "/" ? "index.html" : path.slice(1);

    response.setHeader("Content-Type", TYPES[name.split(".").pop()] ?? "application/octet-stream");
    response.setHeader("Content-Security-Policy", CSP);
    try {
        response.end(readFileSync(join(OUT, name)));
    } catch {
        response.writeHead(404).end();
    }
}

async function answer(request, response) {
    const url = new URL(request.url, "http://x");
    const make = find(request.method === "POST" ? POST : GET, url.pathname);

    if (!url.pathname.startsWith("/api/")) {
        file(url.pathname, response);
        return;
    }
    const args = request.method === "POST" ? await bodyOf(request) : Object.fromEntries(url.searchParams);
    const value = make?.(args);

    if (value === undefined) {
        response.writeHead(404, { "Content-Type": "application/json" });
        response.end(
            JSON.stringify({
                error: {
                    code: "ERR_NO_ROW",
                    kind: "missing",
                    text: "the fake server does not know this",
                    hint: "",
                },
            }),
        );
    } else if (Array.isArray(value)) {
        response.setHeader("Content-Type", "application/x-ndjson");
        for (const row of value) {
            response.write(`${JSON.stringify(row)}\n`);
            await new Promise((done) => setTimeout(done, 250));
        }
        response.end();
    } else {
        response.setHeader("Content-Type", "application/json");
        response.end(JSON.stringify(value));
    }
}

function live(request, socket) {
    let seq = 1;
    const out = acceptSocket(request, socket, () => clearInterval(timer));
    const timer = setInterval(() => {
        seq++;
        out.send(JSON.stringify({ type: "change", seq, patch: world.state() }));
    }, 250);

    out.send(JSON.stringify({ type: "snapshot", boot: "fake", seq, state: world.state() }));
}

const [port = "8080", mode] = process.argv.slice(2);

if (mode === "empty") {
    world.servers = [];
    world.shares = [];
    world.jobs = () => [];
}
await build(OUT, { dev: true });
for (const folder of ["", "api", "lib", "state", "styles", "ui", "views"]) {
    watch(join(HERE, "../../src", folder), () => void build(OUT, { dev: true }).catch(() => {}));
}
setInterval(() => world.step(), 250);
const server = createServer((request, response) => void answer(request, response));

server.on("upgrade", live);
server.listen(Number(port), "127.0.0.1", () => {
    console.log(`http://127.0.0.1:${server.address().port}/#login=dev-dev-dev`);
});
