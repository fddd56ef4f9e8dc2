// What the form of Get holds.
import type { Body, LinkShare } from "../api/types";
import type { WireName } from "../lib/names";
import type { Ticked } from "../ui/entry_browser";
import { createStore } from "./store";

export type Conflict = NonNullable<Body<"/api/gets">["conflict"]>;

export interface Form {
    text: string;
    link: string;
    share: LinkShare | undefined;
    version: number | undefined; // undefined: the newest
    ticked: Ticked;
    target: WireName | undefined;
    conflict: Conflict;
}

export const EMPTY: Form = {
    text: "",
    link: "",
    share: undefined,
    version: undefined,
    ticked: new Map(),
    target: undefined,
    conflict: "empty",
};

/** It stays while the page is open: one goes to a dry run's result and comes back. The link is a
 *  secret and is kept nowhere else. */
export const form = createStore<Form>(EMPTY);
export const change = (part: Partial<Form>) => form.set({ ...form.get(), ...part });

/** A link that is at hand already. */
export const beginGet = (link: string): void => form.set({ ...EMPTY, text: link });
