// QR codes (ISO/IEC 18004) for links: byte mode, error correction M (15 %), versions 1 to 10, that is
// up to 213 bytes. A link has 78.

interface Version {
    correction: number; // codewords of error correction in a block
    blocks: readonly number[]; // data codewords of each block
    centres: readonly number[]; // of the alignment patterns
}

const times = (count: number, value: number): number[] => new Array<number>(count).fill(value);

const VERSIONS: readonly Version[] = [
    { correction: 10, blocks: [16], centres: [] },
    { correction: 16, blocks: [28], centres: [6, 18] },
    { correction: 26, blocks: [44], centres: [6, 22] },
    { correction: 18, blocks: times(2, 32), centres: [6, 26] },
    { correction: 24, blocks: times(2, 43), centres: [6, 30] },
    { correction: 16, blocks: times(4, 27), centres: [6, 34] },
    { correction: 18, blocks: times(4, 31), centres: [6, 22, 38] },
    { correction: 22, blocks: [...times(2, 38), ...times(2, 39)], centres: [6, 24, 42] },
    { correction: 22, blocks: [...times(3, 36), ...times(2, 37)], centres: [6, 26, 46] },
    { correction: 26, blocks: [...times(4, 43), 44], centres: [6, 28, 50] },
];

const LEVEL_M = 0; // as the format information writes it
const BYTE_MODE = 4;

// Arithmetic in GF(256) with the polynomial 0x11d.
const EXP: number[] = [];
const LOG: number[] = new Array<number>(256).fill(0);

for (let i = 0, x = 1; i < 255; i++) {
    EXP[i] = x;
    LOG[x] = i;
    x = x & 0x80 ? (x << 1) ^ 0x11d : x << 1;
}

const at = (list: readonly number[], index: number): number => list[index] ?? 0;

function multiply(a: number, b: number): number {
    return a === 0 || b === 0 ? 0 : at(EXP, (at(LOG, a) + at(LOG, b)) % 255);
}

/** The coefficients below the leading 1 of (x - 1)(x - 2)(x - 4)..., highest first. */
function generator(degree: number): number[] {
    let out = [1];

    for (let i = 0; i < degree; i++) {
        const next = [...out, 0];

        out.forEach((value, j) => {
            next[j + 1] = at(next, j + 1) ^ multiply(value, at(EXP, i));
        });
        out = next;
    }
    return out.slice(1);
}

/** The Reed-Solomon remainder of one block. */
function correctionOf(data: readonly number[], divisor: readonly number[]): number[] {
    const rest = times(divisor.length, 0);

    for (const value of data) {
        const factor = value ^ (rest.shift() ?? 0);

        rest.push(0);
        divisor.forEach((coefficient, i) => {
            rest[i] = at(rest, i) ^ multiply(coefficient, factor);
        });
    }
    return rest;
}

class Bits {
    readonly list: number[] = [];

    put(value: number, width: number): void {
        for (let i = width - 1; i >= 0; i--) {
            this.list.push((value >>> i) & 1);
        }
    }
}

/** The message as data codewords, filled up to `capacity`. */
function dataCodewords(message: Uint8Array, version: number, capacity: number): number[] {
    const bits = new Bits();

    bits.put(BYTE_MODE, 4);
    bits.put(message.length, version < 10 ? 8 : 16);
    message.forEach((byte) => bits.put(byte, 8));
    bits.put(0, Math.min(4, capacity * 8 - bits.list.length));
    bits.put(0, (8 - (bits.list.length % 8)) % 8);
    for (let pad = 0xec; bits.list.length < capacity * 8; pad ^= 0xec ^ 0x11) {
        bits.put(pad, 8);
    }
    const out: number[] = [];

    for (let i = 0; i < bits.list.length; i += 8) {
        out.push(bits.list.slice(i, i + 8).reduce((sum, bit) => sum * 2 + bit, 0));
    }
    return out;
}

/** Data and correction of all blocks, in the order in which they are drawn. */
function interleaved(message: Uint8Array, version: number, shape: Version): number[] {
    const capacity = shape.blocks.reduce((sum, length) => sum + length, 0);
    const all = dataCodewords(message, version, capacity);
    const divisor = generator(shape.correction);
    const data: number[][] = [];
    let from = 0;

    for (const length of shape.blocks) {
        data.push(all.slice(from, from + length));
        from += length;
    }
    const correction = data.map((block) => correctionOf(block, divisor));
    const columns = (blocks: number[][]): number[] => {
        const longest = Math.max(...blocks.map((block) => block.length));
        const out: number[] = [];

        for (let i = 0; i < longest; i++) {
            blocks.forEach((block) => {
                if (i < block.length) {
                    out.push(at(block, i));
                }
            });
        }
        return out;
    };

    return [...columns(data), ...columns(correction)];
}

/** `bits` of information followed by its BCH remainder. */
function bch(value: number, polynomial: number, degree: number): number {
    let rest = value << degree;

    for (let i = 31 - Math.clz32(rest); i >= degree; i--) {
        if (rest & (1 << i)) {
            rest ^= polynomial << (i - degree);
        }
    }
    return (value << degree) | rest;
}

const MASKS: readonly ((x: number, y: number) => boolean)[] = [
    (x, y) => (x + y) % 2 === 0,
    (_x, y) => y % 2 === 0,
    (x) => x % 3 === 0,
    (x, y) => (x + y) % 3 === 0,
    (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0,
    (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
    (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
    (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
];

class Drawing {
    readonly size: number;
    readonly dark: boolean[][];
    private readonly fixed: boolean[][];

    constructor(
        readonly version: number,
        private readonly shape: Version,
    ) {
        const grid = () =>
            Array.from({ length: this.size }, () => new Array<boolean>(this.size).fill(false));

        this.size = 17 + 4 * version;
        this.dark = grid();
        this.fixed = grid();
        this.drawPatterns();
    }

    isDark(x: number, y: number): boolean {
        return this.dark[y]?.[x] ?? false;
    }

    private set(x: number, y: number, dark: boolean): void {
        const darkRow = this.dark[y];
        const fixedRow = this.fixed[y];

        if (darkRow !== undefined && fixedRow !== undefined && x >= 0 && x < this.size) {
            darkRow[x] = dark;
            fixedRow[x] = true;
        }
    }

    private drawPatterns(): void {
        for (let i = 0; i < this.size; i++) {
            this.set(6, i, i % 2 === 0);
            this.set(i, 6, i % 2 === 0);
        }
        this.drawRings(3, 3, 4);
        this.drawRings(this.size - 4, 3, 4);
        this.drawRings(3, this.size - 4, 4);
        this.drawAlignment();
        this.drawFormat(0);
        this.drawVersion();
    }

    /** A square of rings around (x, y): finder (radius 4, with its light border) or alignment (2). */
    private drawRings(x: number, y: number, radius: number): void {
        for (let dy = -radius; dy <= radius; dy++) {
            for (let dx = -radius; dx <= radius; dx++) {
                const ring = Math.max(Math.abs(dx), Math.abs(dy));

                this.set(x + dx, y + dy, radius === 2 ? ring !== 1 : ring !== 2 && ring !== 4);
            }
        }
    }

    private drawAlignment(): void {
        const { centres } = this.shape;
        const last = centres[centres.length - 1];

        for (const x of centres) {
            for (const y of centres) {
                const finder =
                    (x === 6 && y === 6) || (x === 6 && y === last) || (x === last && y === 6);

                if (!finder) {
                    this.drawRings(x, y, 2);
                }
            }
        }
    }

    drawFormat(mask: number): void {
        const word = bch((LEVEL_M << 3) | mask, 0x537, 10) ^ 0x5412;
        const bit = (i: number) => ((word >>> i) & 1) === 1;

        for (let i = 0; i < 6; i++) {
            this.set(8, i, bit(i));
            this.set(5 - i, 8, bit(9 + i));
        }
        this.set(8, 7, bit(6));
        this.set(8, 8, bit(7));
        this.set(7, 8, bit(8));
        for (let i = 0; i < 8; i++) {
            this.set(this.size - 1 - i, 8, bit(i));
        }
        for (let i = 8; i < 15; i++) {
            this.set(8, this.size - 15 + i, bit(i));
        }
        this.set(8, this.size - 8, true);
    }

    private drawVersion(): void {
        if (this.version < 7) {
            return;
        }
        const word = bch(this.version, 0x1f25, 12);

        for (let i = 0; i < 18; i++) {
            const a = this.size - 11 + (i % 3);
            const b = Math.floor(i / 3);
            const dark = ((word >>> i) & 1) === 1;

            this.set(a, b, dark);
            this.set(b, a, dark);
        }
    }

    /** Every module that is not fixed, in the order of the codewords' bits. */
    private *free(): Generator<[number, number]> {
        for (let right = this.size - 1; right >= 1; right -= 2) {
            if (right === 6) {
                right = 5;
            }
            const up = ((right + 1) & 2) === 0;

            for (let i = 0; i < this.size; i++) {
                const y = up ? this.size - 1 - i : i;

                for (const x of [right, right - 1]) {
                    if (this.fixed[y]?.[x] === false) {
                        yield [x, y];
                    }
                }
            }
        }
    }

    drawCodewords(words: readonly number[]): void {
        let i = 0;

        for (const [x, y] of this.free()) {
            const row = this.dark[y];

            if (row !== undefined) {
                row[x] = ((at(words, i >>> 3) >>> (7 - (i & 7))) & 1) === 1;
            }
            i++;
        }
    }

    /** Turning the same mask twice changes nothing. */
    turn(mask: number): void {
        const turned = MASKS[mask];

        for (const [x, y] of this.free()) {
            const row = this.dark[y];

            if (row !== undefined && turned !== undefined) {
                row[x] = row[x] !== turned(x, y);
            }
        }
    }

    /** How hard the symbol is to read: the standard's four rules. */
    penalty(): number {
        const lines: boolean[][] = [];

        for (let i = 0; i < this.size; i++) {
            lines.push(this.dark[i] ?? []);
            lines.push(Array.from({ length: this.size }, (_, j) => this.isDark(i, j)));
        }
        const share = this.dark.flat().filter(Boolean).length / this.size ** 2;

        return (
            lines.reduce((sum, line) => sum + linePenalty(line), 0) +
            this.squares() * 3 +
            Math.floor(Math.abs(share * 20 - 10)) * 10
        );
    }

    private squares(): number {
        let found = 0;

        for (let y = 0; y + 1 < this.size; y++) {
            for (let x = 0; x + 1 < this.size; x++) {
                const dark = this.isDark(x, y);

                if (
                    dark === this.isDark(x + 1, y) &&
                    dark === this.isDark(x, y + 1) &&
                    dark === this.isDark(x + 1, y + 1)
                ) {
                    found++;
                }
            }
        }
        return found;
    }
}

/** Runs of one colour, and what looks like a finder. */
function linePenalty(line: readonly boolean[]): number {
    const text = line.map((dark) => (dark ? "1" : "0")).join("");
    let sum = 0;

    for (const run of text.match(/0{5,}|1{5,}/g) ?? []) {
        sum += run.length - 2;
    }
    for (const finder of ["10111010000", "00001011101"]) {
        for (let i = text.indexOf(finder); i >= 0; i = text.indexOf(finder, i + 1)) {
            sum += 40;
        }
    }
    return sum;
}

/** The rows of a QR code for `text`, true where it is dark, without the light border of four modules
 *  that it needs around it. undefined: the text is too long. */
export function qrCode(text: string): boolean[][] | undefined {
    const message = new TextEncoder().encode(text);

    for (const [index, shape] of VERSIONS.entries()) {
        const version = index + 1;
        const capacity = shape.blocks.reduce((sum, length) => sum + length, 0);

        if (message.length + (version < 10 ? 2 : 3) <= capacity) {
            return drawn(new Drawing(version, shape), interleaved(message, version, shape));
        }
    }
    return undefined;
}

function drawn(drawing: Drawing, words: readonly number[]): boolean[][] {
    let best = 0;
    let least = Infinity;

    drawing.drawCodewords(words);
    for (let mask = 0; mask < MASKS.length; mask++) {
        drawing.turn(mask);
        drawing.drawFormat(mask);
        const penalty = drawing.penalty();

        if (penalty < least) {
            least = penalty;
            best = mask;
        }
        drawing.turn(mask);
    }
    drawing.turn(best);
    drawing.drawFormat(best);
    return drawing.dark;
}
