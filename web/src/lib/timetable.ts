// The weekly timetable of rates, as people write it.
import type { TimetableRow } from "../api/types";

export const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"] as const;

/** "every day", "Mon to Fri", "Sat, Sun". */
export function dayWords(days: readonly number[]): string {
    const sorted = [...new Set(days)].sort((a, b) => a - b);
    const first = sorted[0] ?? 0;
    const last = sorted[sorted.length - 1] ?? 0;

    if (sorted.length === 7) {
        return "every day";
    }
    if (sorted.length > 2 && last - first === sorted.length - 1) {
        return `${DAYS[first - 1] ?? ""} to ${DAYS[last - 1] ?? ""}`;
    }
    return sorted.map((day) => DAYS[day - 1] ?? "").join(", ");
}

/** Does the row hold at this day (1 is Monday) and minute of the day? `to` before `from` or the same
 *  runs into the next day. */
export function holds(row: Pick<TimetableRow, "days" | "from" | "to">, day: number, minute: number): boolean {
    const from = minutesOf(row.from);
    const to = minutesOf(row.to);
    const before = day === 1 ? 7 : day - 1;

    if (from < to) {
        return row.days.includes(day) && minute >= from && minute < to;
    }
    return (row.days.includes(day) && minute >= from) || (row.days.includes(before) && minute < to);
}

export function minutesOf(clock: string): number {
    const [hours = "0", minutes = "0"] = clock.split(":");

    return Number(hours) * 60 + Number(minutes);
}
