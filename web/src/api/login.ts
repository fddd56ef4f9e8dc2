// How a session begins: by the one-time token of a login link, or because the last one is still good.
import { loginToken, route } from "../lib/route";
import { get, post } from "./client";
import { asApiError, type ApiError } from "./errors";
import { keepSessionKey, session } from "./session";
import { createStore } from "../state/store";

/** Why the last try to log in failed. */
export const loginError = createStore<ApiError | undefined>(undefined);

export async function logIn(how: { token: string } | { password: string }): Promise<boolean> {
    try {
        const answer = await post("/api/session", { body: how });

        keepSessionKey(answer.key);
        loginError.set(undefined);
        session.set("in");
        return true;
    } catch (thrown) {
        loginError.set(asApiError(thrown));
        session.set("out");
        return false;
    }
}

/** Was a password set for this page? Who cannot say has none. */
export async function hasPassword(): Promise<boolean> {
    try {
        return (await get("/api/login")).password;
    } catch {
        return false;
    }
}

/** The token leaves the address bar, and with it the history, before anything else happens. */
function takeToken(): string | undefined {
    const token = loginToken(location.hash);

    if (token !== undefined) {
        history.replaceState(null, "", `${location.pathname}#/`);
        route.set([]);
    }
    return token;
}

const AGAIN_MS = 2000;

/** A daemon that is away when the page begins may come: that is no reason to ask for a login. */
async function askUntilKnown(): Promise<void> {
    try {
        await get("/api/session");
        session.set("in");
    } catch (thrown) {
        if (asApiError(thrown).code === "NO_DAEMON") {
            setTimeout(() => void askUntilKnown(), AGAIN_MS);
        } else {
            session.set("out");
        }
    }
}

export async function beginSession(): Promise<void> {
    addEventListener("hashchange", () => {
        const late = takeToken();

        if (late !== undefined) {
            void logIn({ token: late });
        }
    });
    const token = takeToken();

    if (token !== undefined) {
        await logIn({ token });
    } else {
        await askUntilKnown();
    }
}
