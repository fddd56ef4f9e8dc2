// Things to take along: a text with a button that copies it, and its QR code.
import { useRef, useState } from "preact/hooks";
import { qrCode } from "../lib/qr";
import { Button } from "./basic";
import { say } from "./toast";

/** Copy by the clipboard's interface, or by selecting the text where a browser refuses that. */
async function copyText(text: string, from: HTMLElement | null): Promise<boolean> {
    try {
        await navigator.clipboard.writeText(text);
        return true;
    } catch {
        if (from !== null) {
            getSelection()?.selectAllChildren(from);
        }
        return false;
    }
}

export function CopyBox({ text, what }: { text: string; what: string }) {
    const shown = useRef<HTMLOutputElement>(null);
    const [copied, setCopied] = useState(false);
    const copy = async () => {
        if (await copyText(text, shown.current)) {
            setCopied(true);
            say(`${what} copied.`);
        } else {
            say(`The browser did not let us copy. ${what} is selected: press Ctrl+C.`, "bad");
        }
    };

    return (
        <div class="link-box">
            <output ref={shown} aria-label={what}>
                {text}
            </output>
            <Button icon={copied ? "good" : "copy"} onClick={() => void copy()}>
                Copy
            </Button>
        </div>
    );
}

const BORDER = 4;

export function QrCode({ text, label }: { text: string; label: string }) {
    const rows = qrCode(text);

    if (rows === undefined) {
        return null;
    }
    const side = rows.length + 2 * BORDER;
    const path = rows
        .flatMap((row, y) => row.map((dark, x) => (dark ? `M${x + BORDER} ${y + BORDER}h1v1h-1z` : "")))
        .join("");

    return (
        <svg
            class="qr"
            viewBox={`0 0 ${side} ${side}`}
            role="img"
            aria-label={label}
            shape-rendering="crispEdges"
        >
            <path d={path} fill="currentColor" />
        </svg>
    );
}
