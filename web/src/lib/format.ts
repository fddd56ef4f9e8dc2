// Numbers for people, in the words of the command line. What is not known is called unknown.

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

/** "12.3 MiB". */
export function bytes(count: number): string {
    let value = count;
    let unit = 0;

    while (value >= 1023.95 && unit + 1 < UNITS.length) {
        value /= 1024;
        unit++;
    }
    return unit === 0 ? `${Math.round(count)} B` : `${value.toFixed(1)} ${UNITS[unit]}`;
}

/** "4.5 MiB/s"; null: not known. */
export function rate(bytesPerSecond: number | null | undefined): string {
    return bytesPerSecond == null ? "unknown" : `${bytes(bytesPerSecond)}/s`;
}

/** "1,234,567". */
export function count(value: number): string {
    return Math.round(value)
        .toString()
        .replace(/\B(?=(\d{3})+$)/g, ",");
}

/** "1 file", "2,000 files": `many` is the plural where an s is not enough. */
export function counted(value: number, one: string, many = `${one}s`): string {
    return `${count(value)} ${value === 1 ? one : many}`;
}

/** "42 s", "3 min 5 s", "2 h 10 min", "3 d 4 h"; null: "unknown". */
export function duration(seconds: number | null | undefined): string {
    if (seconds == null || !Number.isFinite(seconds) || seconds < 0) {
        return "unknown";
    }
    const whole = Math.round(seconds);
    const minutes = Math.floor(whole / 60);
    const hours = Math.floor(minutes / 60);
    const days = Math.floor(hours / 24);

    if (whole < 60) {
        return `${whole} s`;
    }
    if (minutes < 60) {
        return pair(minutes, "min", whole % 60, "s");
    }
    if (hours < 48) {
        return pair(hours, "h", minutes % 60, "min");
    }
    return pair(days, "d", hours % 24, "h");
}

function pair(large: number, largeUnit: string, small: number, smallUnit: string): string {
    return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

/** "45 %", from thousandths; never 100 % before all is done. null: not known. */
export function percent(permille: number | null | undefined): string | null {
    return permille == null ? null : `${Math.floor(permille / 10)} %`;
}

/** "2026-03-04 17:05", in this computer's time zone; 0: "never". */
export function date(unixSeconds: number): string {
    if (unixSeconds === 0) {
        return "never";
    }
    const at = new Date(unixSeconds * 1000);
    const two = (value: number) => String(value).padStart(2, "0");

    return (
        `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ` +
        `${two(at.getHours())}:${two(at.getMinutes())}`
    );
}

/** "just now", "5 minutes ago", "yesterday", then the date. */
export function ago(unixSeconds: number, nowSeconds: number): string {
    const passed = nowSeconds - unixSeconds;

    if (unixSeconds === 0) {
        return "never";
    }
    if (passed < 45) {
        return "just now";
    }
    if (passed < 45 * 60) {
        return `${counted(Math.max(1, Math.round(passed / 60)), "minute")} ago`;
    }
    if (passed < 22 * 3600) {
        return `${counted(Math.max(1, Math.round(passed / 3600)), "hour")} ago`;
    }
    if (passed < 7 * 86400) {
        return `${counted(Math.max(1, Math.round(passed / 86400)), "day")} ago`;
    }
    return date(unixSeconds);
}

/** Bytes a second from what somebody typed ("5", in MiB/s, or "500 KiB"); 0 or empty: no limit;
 *  undefined: not understood. */
export function parseRate(text: string): number | undefined {
    const found = /^\s*([0-9]+(?:[.,][0-9]+)?)\s*([kmgt]?)(i?b)?(?:\/s)?\s*$/i.exec(text);

    if (text.trim() === "") {
        return 0;
    }
    if (found === null) {
        return undefined;
    }
    const unit = { "": 2, k: 1, m: 2, g: 3, t: 4 }[(found[2] ?? "").toLowerCase()] ?? 2;
    const plainBytes = found[2] === "" && found[3] !== undefined;
    const value = Number((found[1] ?? "").replace(",", "."));

    return Math.round(value * 1024 ** (plainBytes ? 0 : unit));
}
