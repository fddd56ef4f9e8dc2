// The last ten minutes of the wire, second by second: asked for once, then continued by the live state.
import { useEffect, useRef, useState } from "preact/hooks";
import { get } from "../api/client";
import type { Rates } from "../api/types";
import type { Speeds } from "../ui/chart";
import { live } from "./live";

const SECONDS = 600;

/** A graph of what the daemon remembers. */
export function speedsOf(rates: Rates): Speeds {
    const first = rates.end - rates.up.length + 1;

    return { times: rates.up.map((_, i) => first + i), up: rates.up, down: rates.down };
}

/** One more second. A time that is there already takes the new value; what is too old goes, and so does
 *  what a clock that was put back has not come to yet. */
export function withSample(speeds: Speeds, time: number, up: number, down: number): Speeds {
    const keep = speeds.times.findIndex((at) => at > time - SECONDS);
    const from = keep < 0 ? speeds.times.length : keep;
    const again = speeds.times.findIndex((at) => at >= time);
    const to = again < 0 ? undefined : again;

    return {
        times: [...speeds.times.slice(from, to), time],
        up: [...speeds.up.slice(from, to), up],
        down: [...speeds.down.slice(from, to), down],
    };
}

export function useSpeeds(): Speeds {
    const [speeds, setSpeeds] = useState<Speeds>({ times: [], up: [], down: [] });
    const boot = useRef<string | undefined>(undefined);

    useEffect(() => {
        const look = () => {
            const now = live.get();

            if (now === undefined) {
                return;
            }
            if (boot.current !== now.boot) {
                boot.current = now.boot;
                get("/api/rates", { query: { seconds: SECONDS } }).then(
                    (rates) => setSpeeds(speedsOf(rates)),
                    () => undefined, // the graph begins with what comes
                );
            }
            const { time, rates } = now.state;

            setSpeeds((old) => withSample(old, time, rates?.up ?? 0, rates?.down ?? 0));
        };

        look();
        return live.subscribe(look);
    }, []);
    return speeds;
}
