// QR codes (ISO/IEC 18004) for links, drawn by uqr: byte mode, error correction M (15 %).
import { encode } from "uqr";

const VERSION_MAX = 10; // larger ones are hard to read off a screen; up to 213 bytes, a link has 78

/** The rows of a QR code for `text`, true where it is dark, without the light border of four modules
 *  that it needs around it. undefined: the text is too long. */
export function qrCode(text: string): boolean[][] | undefined {
    const bytes = Array.from(new TextEncoder().encode(text));

    try {
        return encode(bytes, { ecc: "M", maxVersion: VERSION_MAX, border: 0 }).data;
    } catch (error) {
        if (error instanceof RangeError) {
            return undefined;
        }
        throw error;
    }
}
