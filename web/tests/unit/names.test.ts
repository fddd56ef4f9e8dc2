// Names for eyes: the rule of the command line (src/base/text.c), and paths of bytes.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
    baseName,
    isWithin,
    joinPath,
    nameOf,
    nameParts,
    nameText,
    pathSteps,
    textOf,
    type WireName,
} from "../../src/lib/names";

const base64 = (text: string) => Buffer.from(text, "latin1").toString("base64");

const ROWS: [string, WireName, string][] = [
    ["plain", "holiday.jpg", "holiday.jpg"],
    ["markup is text", "<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"],
    ["control characters", "a\u0000b\n\u001b[31m", "a\\x00b\\x0a\\x1b[31m"],
    ["delete and C1", "\u007f\u0085", "\\x7f\\xc2\\x85"],
    ["right to left override", "exe\u202egpj", "exe\\xe2\\x80\\xaegpj"],
    ["isolates and marks", "\u2066\u2069\u061c", "\\xe2\\x81\\xa6\\xe2\\x81\\xa9\\xd8\\x9c"],
    [
        "zero width, line separator, BOM",
        "\u200b\u2028\ufeff",
        "\\xe2\\x80\\x8b\\xe2\\x80\\xa8\\xef\\xbb\\xbf",
    ],
    ["tags", "\u{e0041}", "\\xf3\\xa0\\x81\\x81"],
    ["letters of the world", "Ünïcödé 日本語 עברית 🎈", "Ünïcödé 日本語 עברית 🎈"],
    ["a backslash stays", "a\\x41", "a\\x41"],
    ["not UTF-8", { base64: base64("caf\xe9.txt") }, "caf\\xe9.txt"],
    ["overlong", { base64: base64("\xc0\xaf") }, "\\xc0\\xaf"],
    ["surrogate in UTF-8", { base64: base64("\xed\xa0\x80") }, "\\xed\\xa0\\x80"],
    ["beyond the last", { base64: base64("\xf4\x90\x80\x80") }, "\\xf4\\x90\\x80\\x80"],
    ["cut short", { base64: base64("a\xe2\x82") }, "a\\xe2\\x82"],
    ["a mark among bytes", { base64: base64("\xff\xe2\x80\xae") }, "\\xff\\xe2\\x80\\xae"],
    ["a BOM among bytes", { base64: base64("\xff\xef\xbb\xbfz") }, "\\xff\\xef\\xbb\\xbfz"],
    ["no base64", { base64: "%%%" }, ""],
];

test("hostile names are shown, not obeyed", () => {
    for (const [what, name, shown] of ROWS) {
        assert.equal(nameText(name), shown, what);
    }
});

test("coded bytes can be told from letters that look like them", () => {
    assert.deepEqual(nameParts("\\x0a\n"), [
        { text: "\\x0a", coded: false },
        { text: "\\x0a", coded: true },
    ]);
});

test("the bytes win over the text for eyes", () => {
    const row = { name: "caf\\xe9", name_base64: base64("caf\xe9") };

    assert.deepEqual(nameOf(row, "name"), { base64: base64("caf\xe9") });
    assert.equal(nameOf({ name: "a" }, "name"), "a");
    assert.equal(nameOf({}, "name"), "");
});

test("bytes that are text after all", () => {
    assert.equal(textOf("a"), "a");
    assert.equal(textOf({ base64: "" }), "");
    assert.equal(textOf({ base64: base64("*.tmp\n") }), "*.tmp\n");
    assert.equal(textOf({ base64: base64("\xe9") }), undefined);
});

test("paths are joined and taken apart as bytes", () => {
    assert.equal(joinPath("", "a"), "a");
    assert.equal(joinPath("/", "a"), "/a");
    assert.equal(joinPath("/home/me", "a b"), "/home/me/a b");
    assert.deepEqual(joinPath("/home", { base64: base64("\xe9") }), { base64: base64("/home/\xe9") });
    assert.deepEqual(joinPath({ base64: base64("\xe9/") }, "ü"), {
        base64: Buffer.concat([Buffer.from("\xe9/", "latin1"), Buffer.from("ü")]).toString("base64"),
    });
    assert.deepEqual(pathSteps("/home//me"), [
        { name: "home", path: "/home" },
        { name: "me", path: "/home//me" },
    ]);
    assert.deepEqual(pathSteps({ base64: base64("/a/\xe9") }), [
        { name: "a", path: "/a" },
        { name: { base64: base64("\xe9") }, path: { base64: base64("/a/\xe9") } },
    ]);
    assert.equal(baseName("/home/me"), "me");
    assert.equal(baseName("/"), "/");
});

test("what lies below a folder", () => {
    const rows: [WireName, WireName, boolean][] = [
        ["/home/me", "/home/me", true],
        ["/home/me/a", "/home/me", true],
        ["/home/me/a", "/home/me/", true],
        ["/home/melon", "/home/me", false],
        ["/home", "/home/me", false],
        ["/home", "/", true],
        [{ base64: base64("/a/\xe9") }, "/a", true],
        [{ base64: base64("/a\xe9") }, "/a", false],
    ];

    for (const [path, folder, wanted] of rows) {
        assert.equal(isWithin(path, folder), wanted, `${nameText(path)} in ${nameText(folder)}`);
    }
});
