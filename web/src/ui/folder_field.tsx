// A folder of this machine, chosen in a dialog; a new one may be made.
import { useState } from "preact/hooks";
import { post } from "../api/client";
import type { FolderPage } from "../api/types";
import { joinPath, nameOf, type WireName } from "../lib/names";
import { Button, ErrorNote, TextField } from "./basic";
import { Dialog } from "./dialog";
import { FileBrowser } from "./file_browser";
import { useAction } from "./hooks";
import { Icon } from "./icon";
import { Name } from "./name";

interface Props {
    label: string;
    hint?: string;
    value: WireName | undefined;
    onValue: (value: WireName) => void;
}

function NewFolder({ place, onMade }: { place: FolderPage; onMade: (path: WireName) => void }) {
    const [name, setName] = useState("");
    const acting = useAction();
    const make = () =>
        void acting.run(async () => {
            const made = await post("/api/folders/create", {
                body: { path: joinPath(nameOf(place, "path"), name.trim()) },
            });

            setName("");
            onMade(nameOf(made, "path"));
        });

    return (
        <form
            class="stack tight"
            onSubmit={(event) => {
                event.preventDefault();
                make();
            }}
        >
            <div class="row new-folder">
                <div class="grow">
                    <TextField label="New folder in here" value={name} onValue={setName} />
                </div>
                <Button submit icon="plus" disabled={acting.busy || name.trim() === "" || name.includes("/")}>
                    Make it
                </Button>
            </div>
            {acting.error !== undefined && <ErrorNote error={acting.error} />}
        </form>
    );
}

function FolderDialog({ label, value, onValue, onClose }: Omit<Props, "hint"> & { onClose: () => void }) {
    const [place, setPlace] = useState<FolderPage>();
    const [start, setStart] = useState({ path: value, turn: 0 });

    return (
        <Dialog title={label} onClose={onClose} wide>
            <FileBrowser key={start.turn} start={start.path} onlyFolders onPlace={setPlace} />
            {place !== undefined && (
                <NewFolder place={place} onMade={(path) => setStart({ path, turn: start.turn + 1 })} />
            )}
            <div class="row end">
                <Button onClick={onClose}>Not now</Button>
                <Button
                    kind="primary"
                    disabled={place === undefined}
                    onClick={() => {
                        if (place !== undefined) {
                            onValue(nameOf(place, "path"));
                        }
                        onClose();
                    }}
                >
                    Take this folder
                </Button>
            </div>
        </Dialog>
    );
}

export function FolderField({ label, hint, value, onValue }: Props) {
    const [open, setOpen] = useState(false);

    return (
        <div class="field" role="group" aria-label={label}>
            <span class="legend">{label}</span>
            <div class="row">
                {value !== undefined && (
                    <span class="row chosen-folder">
                        <Icon name="folder" />
                        <Name name={value} />
                    </span>
                )}
                <Button icon="folder" onClick={() => setOpen(true)}>
                    {value === undefined ? "Choose a folder" : "Choose another"}
                </Button>
            </div>
            {hint !== undefined && <span class="hint">{hint}</span>}
            {open && (
                <FolderDialog label={label} value={value} onValue={onValue} onClose={() => setOpen(false)} />
            )}
        </div>
    );
}
