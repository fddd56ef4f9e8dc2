// What the cards of the settings share.
import { post } from "../api/client";
import type { Settings, SettingsChange } from "../api/types";
import type { Acting } from "../ui/hooks";
import { say } from "../ui/toast";

export interface PartProps {
    settings: Settings;
    onSaved: () => void;
}

export const saveBy = (acting: Acting, onSaved: () => void) => async (body: SettingsChange) => {
    if (await acting.run(() => post("/api/settings", { body }))) {
        say("Saved. It holds from now on, for running jobs too.");
        onSaved();
    }
};

export const RATE_WRONG = "A number with a unit, like 5 MiB or 500 KiB; empty: no limit.";
