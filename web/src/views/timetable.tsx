// The weekly timetable of rates.
import { useState } from "preact/hooks";
import type { TimetableRow } from "../api/types";
import { parseRate, rate } from "../lib/format";
import { DAYS, dayWords, holds } from "../lib/timetable";
import { Badge, Button, Card, Check, ErrorNote, TextField } from "../ui/basic";
import { useAction, useNow } from "../ui/hooks";
import { RATE_WRONG, saveBy, type PartProps } from "./settings_part";

const rowRate = (value: number | null): string =>
    value === null ? "no limit" : value === 0 ? "pause" : rate(value);

const NEW_ROW = {
    days: [1, 2, 3, 4, 5],
    from: "08:00",
    to: "18:00",
    upload: "1 MiB",
    download: "",
    pauseUp: false,
    pauseDown: false,
};

type RowText = typeof NEW_ROW;

/** What was filled in, as the daemon wants it; undefined: something is missing or not understood. */
export function rowOf(text: RowText): TimetableRow | undefined {
    const up = text.pauseUp ? 0 : parseRate(text.upload);
    const down = text.pauseDown ? 0 : parseRate(text.download);

    if (text.days.length === 0 || up === undefined || down === undefined) {
        return undefined;
    }
    return {
        days: [...text.days].sort((a, b) => a - b),
        from: text.from,
        to: text.to,
        upload_rate: text.pauseUp ? 0 : up === 0 ? null : up,
        download_rate: text.pauseDown ? 0 : down === 0 ? null : down,
    };
}

interface RateFieldProps {
    label: string;
    value: string;
    onValue: (value: string) => void;
    pauseLabel: string;
    paused: boolean;
    onPaused: (paused: boolean) => void;
}

function RateField({ label, value, onValue, pauseLabel, paused, onPaused }: RateFieldProps) {
    const wrong = parseRate(value) === undefined ? RATE_WRONG : undefined;

    return (
        <div class="stack tight">
            <TextField label={label} value={value} onValue={onValue} placeholder="no limit" wrong={wrong} />
            <Check label={pauseLabel} checked={paused} onChecked={onPaused} />
        </div>
    );
}

function Days({ days, onDays }: { days: number[]; onDays: (days: number[]) => void }) {
    return (
        <fieldset>
            <legend class="legend">On</legend>
            <div class="row">
                {DAYS.map((name, i) => (
                    <Check
                        label={name}
                        checked={days.includes(i + 1)}
                        onChecked={(on) =>
                            onDays(on ? [...days, i + 1] : days.filter((day) => day !== i + 1))
                        }
                    />
                ))}
            </div>
        </fieldset>
    );
}

function RowForm({ onAdd }: { onAdd: (row: TimetableRow) => void }) {
    const [text, setText] = useState(NEW_ROW);
    const set = (part: Partial<RowText>) => setText((old) => ({ ...old, ...part }));
    const row = rowOf(text);

    return (
        <div class="stack">
            <Days days={text.days} onDays={(days) => set({ days })} />
            <div class="fields">
                <TextField type="time" label="From" value={text.from} onValue={(from) => set({ from })} />
                <TextField
                    type="time"
                    label="To"
                    value={text.to}
                    onValue={(to) => set({ to })}
                    hint="Earlier than From: into the next day."
                />
                <RateField
                    label="Sending, a second"
                    value={text.upload}
                    onValue={(upload) => set({ upload })}
                    pauseLabel="Send nothing"
                    paused={text.pauseUp}
                    onPaused={(pauseUp) => set({ pauseUp })}
                />
                <RateField
                    label="Fetching, a second"
                    value={text.download}
                    onValue={(download) => set({ download })}
                    pauseLabel="Fetch nothing"
                    paused={text.pauseDown}
                    onPaused={(pauseDown) => set({ pauseDown })}
                />
            </div>
            <div class="row">
                <Button
                    icon="plus"
                    disabled={row === undefined}
                    onClick={() => row !== undefined && onAdd(row)}
                >
                    Add these hours
                </Button>
            </div>
        </div>
    );
}

interface LineProps {
    row: TimetableRow;
    number: number;
    now: boolean;
    onUp: (() => void) | undefined;
    onRemove: () => void;
}

function Line({ row, number, now, onUp, onRemove }: LineProps) {
    return (
        <li class="row between">
            <span class="grow">
                <strong>
                    {dayWords(row.days)}, {row.from} to {row.to}
                </strong>{" "}
                {now && <Badge tone="accent">holds now</Badge>}
                <br />
                <span class="muted">
                    sending: {rowRate(row.upload_rate)}, fetching: {rowRate(row.download_rate)}
                </span>
            </span>
            <div class="row">
                {onUp !== undefined && (
                    <Button small kind="quiet" icon="up" label={`Move row ${number} up`} onClick={onUp} />
                )}
                <Button small kind="quiet" icon="trash" label={`Remove row ${number}`} onClick={onRemove} />
            </div>
        </li>
    );
}

export function TimetableCard({ settings, onSaved }: PartProps) {
    const acting = useAction();
    const save = saveBy(acting, onSaved);
    const rows = settings.timetable;
    const now = new Date(useNow() * 1000);
    const minute = now.getHours() * 60 + now.getMinutes();
    const first = rows.findIndex((row) => holds(row, now.getDay() === 0 ? 7 : now.getDay(), minute));
    const put = (timetable: TimetableRow[]) => void save({ timetable });
    const swapped = (at: number) =>
        rows.map((row, i) => (i === at ? rows[at - 1] : i === at - 1 ? rows[at] : row) ?? row);

    return (
        <Card title="Timetable">
            <div class="stack wide">
                <p class="muted">
                    In these hours of the week other rates hold than the limits above, in this computer's
                    time. The first row that fits decides.
                </p>
                {rows.length > 0 && (
                    <ol class="timetable">
                        {rows.map((row, i) => (
                            <Line
                                row={row}
                                number={i + 1}
                                now={i === first}
                                onUp={i > 0 ? () => put(swapped(i)) : undefined}
                                onRemove={() => put(rows.filter((_, j) => j !== i))}
                            />
                        ))}
                    </ol>
                )}
                {acting.error !== undefined && <ErrorNote error={acting.error} />}
                <details>
                    <summary>{rows.length === 0 ? "Add hours with other rates" : "Add more hours"}</summary>
                    <RowForm onAdd={(row) => put([...rows, row])} />
                </details>
            </div>
        </Card>
    );
}
