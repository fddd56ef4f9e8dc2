// Where we are: the words behind "#/" of the address. The daemon never sees them.
import { createStore } from "../state/store";

/** "#/shares/7?x" is ["shares", "7"]. */
export function routeOf(hash: string): string[] {
    return hash
        .replace(/^#\/?/, "")
        .split("/")
        .filter((word) => word !== "")
        .map((word) => {
            try {
                return decodeURIComponent(word);
            } catch {
                return word;
            }
        });
}

/** The token of a login link, "#login=TOKEN"; undefined: this is none. */
export function loginToken(hash: string): string | undefined {
    const found = /^#login=([A-Za-z0-9_-]{8,128})$/.exec(hash);

    return found?.[1];
}

export const route = createStore<string[]>([]);

export function followAddress(): void {
    const look = () => route.set(routeOf(location.hash));

    addEventListener("hashchange", look);
    look();
}

export function go(hash: string): void {
    location.hash = hash;
}
