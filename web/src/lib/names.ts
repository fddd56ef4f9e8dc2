// File names are bytes and may be hostile. In JSON a name that is UTF-8 is a string; of any other
// KEY_base64 beside it has the bytes. For eyes, everything that a screen would obey instead of show
// appears as \xNN, by the same rule as on the command line (src/base/text.h).

/** A name on the wire: as it came, and as it must be sent back. */
export type WireName = string | { base64: string };

/** A run of a name's text: as written, or `coded` bytes as \xNN. */
export interface NamePart {
    text: string;
    coded: boolean;
}

// C0, DEL, C1; direction marks and isolates; zero-width and line separators; byte order mark; tags.
const DANGEROUS: readonly (readonly [number, number])[] = [
    [0x00, 0x1f],
    [0x7f, 0x9f],
    [0x61c, 0x61c],
    [0x200b, 0x200f],
    [0x2028, 0x202e],
    [0x2060, 0x206f],
    [0xd800, 0xdfff],
    [0xfeff, 0xfeff],
    [0xfff9, 0xfffb],
    [0xe0000, 0xe007f],
];

function isDangerous(code: number): boolean {
    return DANGEROUS.some(([first, last]) => code >= first && code <= last);
}

const encoder = new TextEncoder();

function codedBytes(bytes: Iterable<number>): string {
    let out = "";

    for (const byte of bytes) {
        out += `\\x${byte.toString(16).padStart(2, "0")}`;
    }
    return out;
}

/** Collects runs, joining neighbours of a kind. */
class Parts {
    readonly list: NamePart[] = [];

    add(text: string, coded: boolean): void {
        const last = this.list[this.list.length - 1];

        if (last !== undefined && last.coded === coded) {
            last.text += text;
        } else {
            this.list.push({ text, coded });
        }
    }

    addText(text: string): void {
        for (const character of text) {
            if (isDangerous(character.codePointAt(0) ?? 0)) {
                this.add(codedBytes(encoder.encode(character)), true);
            } else {
                this.add(character, false);
            }
        }
    }
}

/** How many bytes the character that begins at `at` has; 0: the bytes there are not UTF-8. */
function utf8Length(bytes: Uint8Array, at: number): number {
    const first = bytes[at] ?? 0;
    const length = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    const least = [0, 0, 0x80, 0x800, 0x10000][length] ?? 0;
    let code = first & (0x7f >> length);

    if (length === 1) {
        return 1;
    }
    if (first < 0xc2 || first > 0xf4 || at + length > bytes.length) {
        return 0;
    }
    for (let i = 1; i < length; i++) {
        const byte = bytes[at + i] ?? 0;

        if ((byte & 0xc0) !== 0x80) {
            return 0;
        }
        code = (code << 6) | (byte & 0x3f);
    }
    return code < least || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? 0 : length;
}

function partsOfBytes(bytes: Uint8Array): NamePart[] {
    const parts = new Parts();
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

    for (let at = 0; at < bytes.length;) {
        const length = utf8Length(bytes, at);

        if (length === 0) {
            parts.add(codedBytes(bytes.subarray(at, at + 1)), true);
            at += 1;
        } else {
            parts.addText(decoder.decode(bytes.subarray(at, at + length)));
            at += length;
        }
    }
    return parts.list;
}

/** The bytes that base64 `text` stands for; what is not base64 gives no bytes. */
export function bytesOfBase64(text: string): Uint8Array {
    try {
        return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    } catch {
        return new Uint8Array();
    }
}

function base64OfBytes(bytes: Uint8Array): string {
    let letters = "";

    for (const byte of bytes) {
        letters += String.fromCharCode(byte);
    }
    return btoa(letters);
}

/** A name in runs, for eyes. */
export function nameParts(name: WireName): NamePart[] {
    if (typeof name !== "string") {
        return partsOfBytes(bytesOfBase64(name.base64));
    }
    const parts = new Parts();

    parts.addText(name);
    return parts.list;
}

/** A name as one text for eyes: labels, titles, sentences. */
export function nameText(name: WireName): string {
    return nameParts(name)
        .map((part) => part.text)
        .join("");
}

/** The name under `key` of an object from the daemon, by its bytes if they are there. */
export function nameOf(object: object, key: string): WireName {
    const members = object as Record<string, unknown>;
    const coded = members[`${key}_base64`];
    const text = members[key];

    if (typeof coded === "string") {
        return { base64: coded };
    }
    return typeof text === "string" ? text : "";
}

/** A key for maps and lists: equal for equal names only. */
export function nameKey(name: WireName): string {
    return typeof name === "string" ? `t${name}` : `b${name.base64}`;
}

function nameBytes(name: WireName): Uint8Array {
    return typeof name === "string" ? encoder.encode(name) : bytesOfBase64(name.base64);
}

/** `name` below `folder`: "" as folder is the top. */
export function joinPath(folder: WireName, name: WireName): WireName {
    if (typeof folder === "string" && typeof name === "string") {
        return folder === "" ? name : `${folder.replace(/\/$/, "")}/${name}`;
    }
    const above = nameBytes(folder);
    const below = nameBytes(name);
    const slash = above.length > 0 && above[above.length - 1] !== 0x2f ? [0x2f] : [];

    return { base64: base64OfBytes(Uint8Array.from([...above, ...slash, ...below])) };
}

const asName = (bytes: Uint8Array): WireName => {
    try {
        return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
        return { base64: base64OfBytes(bytes) };
    }
};

/** The text that the bytes are; undefined: they are not UTF-8. */
export function textOf(name: WireName): string | undefined {
    const text = typeof name === "string" ? name : asName(bytesOfBase64(name.base64));

    return typeof text === "string" ? text : undefined;
}

/** The words of a path, each with the path that leads to it: "/a/b" is "a" at "/a", "b" at "/a/b". */
export function pathSteps(path: WireName): { name: WireName; path: WireName }[] {
    const all = nameBytes(path);
    const steps: { name: WireName; path: WireName }[] = [];
    let from = 0;

    for (let at = 0; at <= all.length; at++) {
        if (at === all.length || all[at] === 0x2f) {
            if (at > from) {
                steps.push({
                    name: asName(all.subarray(from, at)),
                    path: asName(all.subarray(0, at)),
                });
            }
            from = at + 1;
        }
    }
    return steps;
}

/** The last word of a path. */
export function baseName(path: WireName): WireName {
    const steps = pathSteps(path);

    return steps[steps.length - 1]?.name ?? path;
}

/** Is `path` this folder, or does it lie below? */
export function isWithin(path: WireName, folder: WireName): boolean {
    const inner = nameBytes(path);
    const outer = nameBytes(folder);
    let length = outer.length;

    while (length > 0 && outer[length - 1] === 0x2f) {
        length--;
    }
    return (
        inner.length >= length &&
        outer.subarray(0, length).every((byte, i) => byte === inner[i]) &&
        (inner.length === length || inner[length] === 0x2f)
    );
}
