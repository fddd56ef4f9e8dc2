// QR codes are judged by another reader: jsqr must read back what was written.
import assert from "node:assert/strict";
import { test } from "node:test";
import jsQR from "jsqr";
import { qrCode } from "../../src/lib/qr";

const SCALE = 4;
const BORDER = 4;

/** What a camera would see: RGBA pixels with the light border. */
function picture(rows: boolean[][]): { pixels: Uint8ClampedArray; side: number } {
    const side = (rows.length + 2 * BORDER) * SCALE;
    const pixels = new Uint8ClampedArray(side * side * 4).fill(255);

    for (let y = 0; y < side; y++) {
        for (let x = 0; x < side; x++) {
            const dark = rows[Math.floor(y / SCALE) - BORDER]?.[Math.floor(x / SCALE) - BORDER];

            if (dark === true) {
                pixels.fill(0, (y * side + x) * 4, (y * side + x) * 4 + 3);
            }
        }
    }
    return { pixels, side };
}

test("every length up to the largest is read back by another reader", () => {
    const letters = "usync1qpzry9x8gf2tvdw0s3jn54khce6mua7l";

    for (let length = 1; length <= 213; length += length < 20 ? 1 : 7) {
        const text = letters.repeat(6).slice(0, length);
        const rows = qrCode(text);

        assert.ok(rows, `${length} bytes`);
        const { pixels, side } = picture(rows);

        assert.equal(jsQR(pixels, side, side)?.data, text, `${length} bytes`);
    }
});

test("what is too long is refused", () => {
    assert.ok(qrCode("x".repeat(213)));
    assert.equal(qrCode("x".repeat(214)), undefined);
});
