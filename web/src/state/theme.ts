// Light, dark, or as the system says. The daemon keeps the choice; this browser remembers it too, so
// that the page does not begin in the wrong one.
import type { Settings } from "../api/types";
import { createStore } from "./store";

export type Theme = Settings["theme"];

const KEY = "usenetsync.theme";

function remembered(): Theme {
    try {
        const value = localStorage.getItem(KEY);

        return value === "light" || value === "dark" ? value : "system";
    } catch {
        return "system";
    }
}

export const theme = createStore<Theme>(remembered());

export function showTheme(value: Theme): void {
    const { dataset } = document.documentElement;

    if (value === "system") {
        delete dataset["theme"];
    } else {
        dataset["theme"] = value;
    }
    try {
        localStorage.setItem(KEY, value);
    } catch {
        // it holds until the page is left
    }
    theme.set(value);
}
