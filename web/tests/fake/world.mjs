// A daemon that does nothing but look busy: what the fake server answers.
const now = () => Math.floor(Date.now() / 1000);
const TOTAL = 5_200_000_000;
const MISSING_NAME = Buffer.from("caf\xe9 \x1b[31m.txt", "latin1");

const NAMES = [
    "Pictures",
    "Music",
    "Letters 2024",
    "<img src=x onerror=alert(1)>",
    "exe\u202egpj.scr",
    "日本語のフォルダ",
    "a very long name ".repeat(14).trim(),
];

export function folderItems(path) {
    if (path.endsWith("/Music")) {
        return Array.from({ length: 200_000 }, (_, i) => ({
            type: "file",
            name: `song ${String(i).padStart(6, "0")}.flac`,
            size: 31_000_000 + i,
            mtime_ns: (now() - i) * 1e9,
            hidden: false,
        }));
    }
    return [
        ...NAMES.map((name) => ({
            type: "directory",
            name,
            mtime_ns: now() * 1e9,
            hidden: false,
            ...(name === "Pictures" ? { share: 1 } : {}),
        })),
        { type: "file", name: "notes.txt", size: 1234, mtime_ns: (now() - 90_000) * 1e9, hidden: false },
        {
            type: "file",
            name: "caf\\xe9 \\x1b[31m.txt",
            name_base64: MISSING_NAME.toString("base64"),
            size: 10,
            mtime_ns: 1e18,
            hidden: false,
        },
        { type: "symlink", name: "latest", mtime_ns: 1e18, hidden: false },
        { type: "other", name: "socket", mtime_ns: 1e18, hidden: false },
    ];
}

const health = {
    state: "good",
    checked: now() - 7200,
    deep: false,
    version: 3,
    head_copies: 6,
    volumes: 4,
    articles: 5123,
    articles_missing: 0,
    worst: null,
};
const share = (id, title, version, extra = {}) => ({
    id,
    title,
    version,
    created: now() - 900_000,
    published: version === 0 ? 0 : now() - 5000 * id,
    entries: 2000 * id,
    bytes: 3.3e9 * id,
    articles: 4600 * id,
    redundancy: "normal",
    health,
    adopting: false,
    job: null,
    ...extra,
});

export const counters = (name) => ({
    name,
    posted: 51_234,
    duplicates: 0,
    rejected: 2,
    missing: 0,
    fetched: 1200,
    stats: 60_000,
    retries: 14,
    reconnects: 1,
    bytes_out: 41_000_000_000,
    bytes_in: 900_000_000,
    spent: name === "backup" ? 123e9 : 0,
    connections_open: 12,
    connections_busy: 9,
    connections_allowed: 20,
});

function connections(count) {
    const states = [
        "posting",
        "posting",
        "posting",
        "asking",
        "idle",
        "posting",
        "connecting",
        "posting",
        "waiting",
    ];

    return Array.from({ length: count }, (_, i) => ({
        state: i < 12 ? states[i % 9] : "closed",
        since: i * 3,
    }));
}

function progressOf(done) {
    const part = done / TOTAL;

    return {
        phase: "send",
        words: "sending",
        totals_known: true,
        articles_known: true,
        entries_found: 2120,
        bytes_found: TOTAL,
        files_total: 2000,
        bytes_total: TOTAL,
        files_done: Math.floor(2000 * part),
        bytes_done: done,
        articles_total: 7400,
        articles_posted: Math.floor(7400 * part),
        articles_confirmed: Math.floor(3000 * part),
        retries: 3,
        skipped: 0,
        permille: Math.floor(part * 1000),
        rate: 48_000_000,
        average: 45_500_000,
        eta: Math.floor((TOTAL - done) / 45_500_000),
    };
}

function phasesOf(done) {
    const part = Math.floor((done / TOTAL) * 1000);

    return [
        { name: "scan", state: "done", unit: "entries", done: 2120, total: 2120, permille: 1000 },
        {
            name: "read",
            state: "running",
            unit: "bytes",
            done: Math.min(TOTAL, done * 1.05),
            total: TOTAL,
            permille: Math.min(999, Math.floor(part * 1.05)),
        },
        {
            name: "post",
            state: "running",
            unit: "articles",
            done: Math.floor(7.4 * part),
            total: 7400,
            permille: part,
        },
        { name: "confirm", state: "waiting", unit: "articles", done: 0, total: null, permille: 0 },
        { name: "publish", state: "waiting", unit: "steps", done: 0, total: 6, permille: 0 },
    ];
}

const job = (id, kind, state, extra) => ({
    id,
    kind,
    state,
    priority: 0,
    attempts: 1,
    share: 1,
    created: now() - 900,
    started: now() - 600,
    finished: ["done", "failed", "cancelled"].includes(state) ? now() - 20 : 0,
    totals: { seconds: 600, bytes: 4_100_000_000, rate: 6_800_000, retries: 3 },
    ...extra,
});

const FACTS = {
    tested: now() - 86_400,
    posts: true,
    too_small: false,
    changes_ids: false,
    stat: "true",
    headers: [],
    round_trip_us: 31_000,
};

const USUAL = { roles: ["post", "read", "confirm"], order: 0, quota: null, spent: 0, facts: null };

export class World {
    done = 1_900_000_000;
    servers = [
        {
            name: "example",
            host: "news.example.com",
            port: 563,
            tls: true,
            tls_ca: "",
            user: "me",
            has_password: true,
            plain_password: false,
            group: "alt.binaries.test",
            connections: 20,
            paused: false,
            ...USUAL,
            facts: { ...FACTS, headers: ["NNTP-Posting-Host"] },
        },
        {
            name: "backup",
            host: "block.example.net",
            port: 563,
            tls: true,
            tls_ca: "",
            user: "me2",
            has_password: true,
            plain_password: false,
            group: "alt.binaries.test",
            connections: 8,
            paused: true,
            ...USUAL,
            roles: ["read", "confirm"],
            order: 10,
            quota: 500e9,
            spent: 123e9,
        },
    ];
    shares = [
        share(1, "Pictures", 3),
        share(2, "Letters \u202e4202", 1, {
            health: {
                ...health,
                state: "weak",
                articles_missing: 41,
                worst: { volume: 7, missing: 30, spare: 103 },
            },
        }),
        share(3, "New things", 0, { health: undefined, job: 12 }),
    ];
    settings = {
        revision: 1,
        limits: {
            upload_rate: 52_428_800,
            download_rate: null,
            connections: null,
            workers: null,
            nice: null,
            memory: null,
            jobs_at_once: 2,
        },
        timetable: [
            {
                days: [1, 2, 3, 4, 5],
                from: "08:00",
                to: "18:00",
                upload_rate: 1_048_576,
                download_rate: null,
            },
            { days: [6, 7], from: "23:00", to: "06:00", upload_rate: 0, download_rate: 0 },
        ],
        defaults: { redundancy: "normal", ignore: "*.tmp\n", one_file_system: false },
        theme: "system",
        roots: ["/home/me", "/mnt/photos"],
    };
    paused = false;

    jobs() {
        return [
            job(11, "share", this.paused ? "paused" : "running", {
                title: "Pictures",
                progress: progressOf(this.done),
                phases: phasesOf(this.done),
                files: [
                    { path: "2024/August/IMG_2231.CR3", bytes: (this.done / 7) % 31e6, bytes_total: 31e6 },
                    {
                        path: "2024/August/<b>bold</b>\u202e.mov",
                        bytes: (this.done / 3) % 400e6,
                        bytes_total: 400e6,
                    },
                ],
            }),
            job(12, "share", "queued", { title: "New things", share: 3, position: 1, priority: 10 }),
            job(13, "get", "queued", { target: "/home/me/restored", share: 0, position: 2 }),
            job(10, "get", "done", {
                target: "/home/me/from a friend",
                share: 0,
                result: { version: 2, files: 212, bytes: 1.2e9, bytes_fetched: 1.25e9, articles: 1500 },
            }),
            job(9, "check", "failed", {
                title: "Letters",
                share: 2,
                result: {
                    error: {
                        code: "ERR_CONNECT",
                        kind: "retry",
                        text: "the server could not be reached",
                        hint: "",
                    },
                    detail: "connection refused",
                },
            }),
        ];
    }

    step() {
        if (!this.paused) {
            this.done = this.done >= TOTAL - 3e7 ? 1e8 : this.done + 9_600_000;
        }
    }

    state() {
        const wobble = Math.sin(now() / 7) * 4e6;

        return {
            time: now(),
            version: "0.1.0",
            catalogue: "sound",
            rates: { up: this.paused ? 0 : Math.round(48e6 + wobble), down: Math.round(3e6 + wobble / 3) },
            limits: { upload_rate: this.settings.limits.upload_rate, timetable: false },
            jobs: Object.fromEntries(this.jobs().map((one) => [one.id, one])),
            servers: Object.fromEntries(
                this.servers.map((one) => [
                    one.name,
                    { counters: counters(one.name), paused: one.paused, live: connections(one.connections) },
                ]),
            ),
            attention: {
                "share 2": {
                    level: "warn",
                    code: "share_weak",
                    text: "\u201cLetters\u201d has lost 41 articles; all can still be rebuilt",
                    share: 2,
                },
            },
            counts: { queued: 2, running: 1, paused: 0, done: 1, failed: 1, cancelled: 0 },
            disk_free: 79_000_000_000,
            settings_revision: this.settings.revision,
            shares_revision: 1,
            jobs_revision: 1,
            servers_revision: this.servers.length,
        };
    }

    events() {
        const levels = ["info", "info", "warn", "info", "error", "debug"];
        const texts = [
            "publish: version 3 is published",
            "send: 51,234 articles accepted",
            "left out: \u202egnp.exe (not readable)",
            "scan: 2,000 files, 4.8 GiB",
            "the server said: 502 \u001b[31mtoo many connections",
            "flush took 3 ms",
        ];

        return Array.from({ length: 40 }, (_, i) => ({
            id: 900 - i,
            job: 11 - (i % 3),
            time_ns: (now() - i * 37) * 1e9,
            level: levels[i % 6],
            text: texts[i % 6],
        }));
    }
}
