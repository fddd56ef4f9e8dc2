// Short words about what was done, read aloud once, gone by themselves. Errors that need an answer do
// not come here.
import type { ComponentChildren } from "preact";
import { asApiError, sentence } from "../api/errors";
import { createStore, useStore } from "../state/store";
import { Button } from "./basic";
import { Icon } from "./icon";
import { Name } from "./name";

interface Toast {
    id: number;
    tone: "good" | "bad";
    text: ComponentChildren;
}

const SHOWN_MS = 7000;
const MOST = 4;
const toasts = createStore<readonly Toast[]>([]);
let last = 0;

const drop = (id: number) => toasts.set(toasts.get().filter((toast) => toast.id !== id));

export function say(text: ComponentChildren, tone: Toast["tone"] = "good"): void {
    const id = ++last;

    toasts.set([...toasts.get(), { id, tone, text }].slice(-MOST));
    setTimeout(() => drop(id), tone === "bad" ? SHOWN_MS * 2 : SHOWN_MS);
}

/** Do it, and say so; or say why not. true: done. */
export async function doAndSay(action: () => Promise<unknown>, done?: ComponentChildren): Promise<boolean> {
    try {
        await action();
    } catch (thrown) {
        say(<Name name={sentence(asApiError(thrown).text)} />, "bad");
        return false;
    }
    if (done !== undefined) {
        say(done);
    }
    return true;
}

export function Toasts() {
    const shown = useStore(toasts);

    return (
        <div class="toasts" role="status" aria-live="polite">
            {shown.map((toast) => (
                <div class="toast" key={toast.id}>
                    <span class={toast.tone}>
                        <Icon name={toast.tone} />
                    </span>
                    <span class="grow">{toast.text}</span>
                    <Button
                        small
                        kind="quiet"
                        icon="stop"
                        label="Close this message"
                        onClick={() => drop(toast.id)}
                    />
                </div>
            ))}
        </div>
    );
}
