// The speed graph: bytes a second over the last minutes.
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { bytes, rate } from "../lib/format";
import { useStore } from "../state/store";
import { theme } from "../state/theme";

/** Times in unix seconds, and bytes a second at each. */
export interface Speeds {
    times: number[];
    up: number[];
    down: number[];
}

/** A colour of ours as the canvas wants it. */
function colour(box: HTMLElement, name: string): string {
    const probe = document.createElement("i");

    probe.style.color = `var(${name})`;
    box.append(probe);
    const value = getComputedStyle(probe).color;

    probe.remove();
    return value;
}

const noPoints = { show: false };

function optionsFor(box: HTMLElement): uPlot.Options {
    const muted = colour(box, "--muted");
    const grid = { stroke: colour(box, "--line"), width: 1 };
    const series = (label: string, name: string): uPlot.Series => ({
        label,
        stroke: colour(box, name),
        width: 2,
        points: noPoints,
        fill: colour(box, name).replace(/^rgb\((.*)\)$/, "rgba($1, 0.08)"),
    });

    return {
        width: box.clientWidth,
        height: box.clientHeight,
        cursor: { show: false },
        legend: { show: false },
        scales: { y: { range: (_, __, most) => [0, Math.max(most * 1.1, 64 * 1024)] } },
        axes: [
            {
                stroke: muted,
                grid: { show: false },
                ticks: { show: false },
                size: 28,
                space: 90,
                values: (_, times) => times.map(clock),
            },
            {
                stroke: muted,
                grid,
                ticks: { show: false },
                size: 80,
                space: 24,
                values: (_, values) => values.map((value) => `${bytes(value)}/s`),
                incrs: steps(),
            },
        ],
        series: [{}, series("sent", "--up"), series("fetched", "--down")],
    };
}

/** Distances between grid lines that are round in bytes. */
function steps(): number[] {
    const out: number[] = [];

    for (let unit = 1024; unit < 2 ** 50; unit *= 1024) {
        out.push(...[1, 2, 4, 8, 16, 32, 64, 128, 256, 512].map((factor) => unit * factor));
    }
    return out;
}

function clock(unixSeconds: number): string {
    const at = new Date(unixSeconds * 1000);

    return [at.getHours(), at.getMinutes(), at.getSeconds()]
        .map((part) => String(part).padStart(2, "0"))
        .join(":");
}

export function SpeedChart({ speeds }: { speeds: Speeds }) {
    const box = useRef<HTMLDivElement>(null);
    const chart = useRef<uPlot | undefined>(undefined);
    const look = useStore(theme);
    const data: uPlot.AlignedData = [speeds.times, speeds.up, speeds.down];

    useEffect(() => {
        const place = box.current;

        if (place === null) {
            return;
        }
        const draw = () => {
            chart.current?.destroy();
            chart.current = new uPlot(optionsFor(place), data, place);
        };
        const resized = new ResizeObserver(() =>
            chart.current?.setSize({ width: place.clientWidth, height: place.clientHeight }),
        );
        const dark = matchMedia("(prefers-color-scheme: dark)");

        draw();
        resized.observe(place);
        dark.addEventListener("change", draw);
        return () => {
            resized.disconnect();
            dark.removeEventListener("change", draw);
            chart.current?.destroy();
            chart.current = undefined;
        };
    }, [look]);
    useEffect(() => chart.current?.setData(data), [speeds]);

    const last = speeds.times.length - 1;
    const words =
        last < 0
            ? "Nothing measured yet"
            : `Speed now: ${rate(speeds.up[last])} sent, ${rate(speeds.down[last])} fetched`;

    return <div class="chart" ref={box} role="img" aria-label={words} />;
}
