// What people type, and what the page makes of it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { adviceFor, errorOfBody, sentence } from "../../src/api/errors";
import { fillPath, queryText } from "../../src/api/client";
import { loginToken, routeOf } from "../../src/lib/route";
import { toggled, crumbsOf } from "../../src/ui/file_browser";
import { commandOf } from "../../src/ui/newsd_command";
import { moved } from "../../src/ui/virtual";
import { cleanLink } from "../../src/views/get";
import { tokenIn } from "../../src/views/login";
import { nameFor } from "../../src/views/provider_fields";
import { limitsOf, rateText } from "../../src/views/settings";

test("login links: a whole one, the token alone, and neither", () => {
    const rows: [string, string | undefined][] = [
        ["http://127.0.0.1:8642/#login=abcd1234", "abcd1234"],
        ["  abcd1234\n", "abcd1234"],
        ["#login=abcd1234", "abcd1234"],
        ["", undefined],
        ["http://127.0.0.1:8642/", undefined],
        ["#login=<script>", undefined],
        [`#login=${"a".repeat(129)}`, undefined],
    ];

    for (const [text, token] of rows) {
        assert.equal(tokenIn(text), token, text);
    }
    assert.equal(loginToken("#/login=abcd1234"), undefined);
});

test("addresses", () => {
    assert.deepEqual(routeOf("#/shares/7"), ["shares", "7"]);
    assert.deepEqual(routeOf("#/providers/edit/a%2Fb"), ["providers", "edit", "a/b"]);
    assert.deepEqual(routeOf("#/x/%zz"), ["x", "%zz"]);
    assert.deepEqual(routeOf(""), []);
    assert.equal(fillPath("/api/servers/{name}/test", { name: "a/b ?" }), "/api/servers/a%2Fb%20%3F/test");
    assert.equal(queryText({ a: 1, b: undefined, c: "x y", d: null }), "?a=1&c=x+y");
    assert.equal(queryText({}), "");
});

test("links come with spaces and line breaks from mails", () => {
    assert.equal(cleanLink(" usync1ab\n cd\u200b\t"), "usync1abcd");
});

test("a provider's name comes from its host", () => {
    const rows: [string, string[], string][] = [
        ["news.example.com", [], "example"],
        ["news.example.com", ["example", "example2"], "example3"],
        ["localhost", [], "localhost"],
        ["127.0.0.1", [], "server"],
        ["::1", [], "server"],
        ["NEWS.Example.COM", [], "example"],
    ];

    for (const [host, taken, name] of rows) {
        assert.equal(nameFor(host, taken), name, host);
    }
});

const LIMITS = { upload: "", download: "", connections: "", workers: "", nice: "", memory: "", atOnce: "2" };

test("limits: empty is no limit, what is wrong is named at its field", () => {
    assert.deepEqual(limitsOf(LIMITS), {
        wrong: {},
        change: {
            upload_rate: null,
            download_rate: null,
            memory: null,
            connections: null,
            workers: null,
            nice: null,
            jobs_at_once: 2,
        },
    });
    assert.equal(limitsOf({ ...LIMITS, upload: "5" }).change.upload_rate, 5 * 1024 ** 2);
    assert.equal(limitsOf({ ...LIMITS, nice: "0" }).change.nice, null);
    const rows: [Partial<typeof LIMITS>, string][] = [
        [{ upload: "fast" }, "upload"],
        [{ upload: "12 B" }, "upload"],
        [{ download: "-3" }, "download"],
        [{ memory: "1 MiB" }, "memory"],
        [{ connections: "0" }, "connections"],
        [{ connections: "1.5" }, "connections"],
        [{ workers: "65" }, "workers"],
        [{ nice: "20" }, "nice"],
        [{ atOnce: "" }, "atOnce"],
        [{ atOnce: "9" }, "atOnce"],
    ];

    for (const [part, field] of rows) {
        assert.deepEqual(Object.keys(limitsOf({ ...LIMITS, ...part }).wrong), [field], JSON.stringify(part));
    }
});

test("choosing twice is not choosing", () => {
    const one = { path: "/a", type: "file" as const };
    const once = toggled(new Map(), one);

    assert.deepEqual([...once.values()], [one]);
    assert.equal(toggled(once, one).size, 0);
});

test("the way to a folder begins at its root", () => {
    const root = (path: string) => ({ path, free: null, total: null, writable: true });
    const roots = [root("/home/me"), root("/home/me/mnt")];

    assert.deepEqual(crumbsOf("/home/me/a", roots), [
        { name: "/home/me", path: "/home/me" },
        { name: "a", path: "/home/me/a" },
    ]);
    assert.deepEqual(
        crumbsOf("/home/me/mnt/b", roots).map(({ name }) => name),
        ["/home/me/mnt", "b"],
    );
    assert.deepEqual(crumbsOf("/", [root("/")]), [{ name: "/", path: "/" }]);
});

test("keys move within the list", () => {
    const rows: [string, number, number | undefined][] = [
        ["ArrowDown", 5, 6],
        ["ArrowDown", 99, 99],
        ["ArrowUp", 0, 0],
        ["PageDown", 5, 25],
        ["PageUp", 5, 0],
        ["Home", 50, 0],
        ["End", 50, 99],
        ["a", 50, undefined],
    ];

    for (const [key, at, to] of rows) {
        assert.equal(moved(key, at, 100, 20), to, key);
    }
});

test("errors: the daemon's shape, and what is none", () => {
    const error = errorOfBody(
        { error: { code: "ERR_LOGIN", kind: "refused", text: "refused", hint: "x" } },
        502,
    );

    assert.equal(error.code, "ERR_LOGIN");
    assert.equal(error.status, 502);
    assert.ok(adviceFor("ERR_LOGIN")?.text);
    for (const body of [null, "no", {}, { error: "no" }, { error: {} }]) {
        assert.equal(errorOfBody(body, 500).code, "ERR_BUG");
    }
    assert.equal(sentence("the disk is full"), "The disk is full.");
    assert.equal(sentence("Really?"), "Really?");
    assert.equal(sentence(" "), "");
});

test("a program is named as a shell takes it", () => {
    const rows: [string | null, string][] = [
        [null, "usenetsync"],
        ["/usr/local/bin/usenetsync", "usenetsync"],
        ["/usr/bin/usenetsync", "usenetsync"],
        [
            "/home/me/usenetsync/build/release/bin/usenetsync",
            "/home/me/usenetsync/build/release/bin/usenetsync",
        ],
        ["/home/my files/it's/usenetsync", "'/home/my files/it'\\''s/usenetsync'"],
        ["/home/$(reboot)/usenetsync", "'/home/$(reboot)/usenetsync'"],
    ];

    rows.forEach(([program, words]) => assert.equal(commandOf(program), words));
});

test("a limit that nobody touches stays as it is", () => {
    for (const value of [1024, 1025, 500 * 1024, 5_000_000, 5 * 1024 ** 2, 123_456_789, 2 ** 31 + 1]) {
        assert.equal(
            limitsOf({ ...LIMITS, upload: rateText(value) }).change.upload_rate,
            value,
            rateText(value),
        );
    }
    assert.equal(rateText(5 * 1024 ** 2), "5.0 MiB");
    assert.equal(rateText(null), "");
});
