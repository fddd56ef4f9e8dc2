// What is asked about a share of yours: its write key, an export, changes.
import { useState } from "preact/hooks";
import { post } from "../api/client";
import type { Redundancy, ShareDetail } from "../api/types";
import { textOf, type WireName } from "../lib/names";
import { go } from "../lib/route";
import { Button, Check, Choices, ErrorNote, Field, Note, TextField } from "../ui/basic";
import { CopyBox } from "../ui/copy";
import { Dialog } from "../ui/dialog";
import { FolderField } from "../ui/folder_field";
import { useAction, useLoad } from "../ui/hooks";
import { say } from "../ui/toast";
import { REDUNDANCIES } from "./share_folder";

export function WriteKeyDialog({ share, onClose }: { share: number; onClose: () => void }) {
    const { data, error } = useLoad(
        (signal) => post("/api/link", { body: { share, write_key: true }, signal }),
        [share],
    );

    return (
        <Dialog title="The write key" onClose={onClose}>
            <Note tone="warn">
                <strong>Whoever has this key publishes in your place.</strong>
                <span>
                    Keep it somewhere safe and apart from this computer. If the state folder is lost, it
                    brings the share back under the same link. Never give it to readers: they get the link.
                </span>
            </Note>
            {error !== undefined && <ErrorNote error={error} />}
            {data?.write_key !== undefined && <CopyBox text={data.write_key} what="The write key" />}
            <div class="row end">
                <Button kind="primary" onClick={onClose}>
                    Done
                </Button>
            </div>
        </Dialog>
    );
}

export function ExportDialog({ share, onClose }: { share: number; onClose: () => void }) {
    const [target, setTarget] = useState<WireName>();
    const acting = useAction();
    const begin = async () => {
        const done = await acting.run(async () => {
            const { job } = await post("/api/exports", { body: { share, target: target ?? "" } });

            go(`#/jobs/${job}`);
        });

        if (done) {
            onClose();
        }
    };

    return (
        <Dialog title="Export as PAR2" onClose={onClose} wide>
            <p>
                Writes the share's sealed volumes and their recovery data as ordinary files that any PAR2
                program can check and repair. They stay encrypted.
            </p>
            <FolderField label="Into this folder" value={target} onValue={setTarget} />
            {acting.error !== undefined && <ErrorNote error={acting.error} />}
            <div class="row end">
                <Button onClick={onClose}>Not now</Button>
                <Button
                    kind="primary"
                    disabled={target === undefined || acting.busy}
                    onClick={() => void begin()}
                >
                    Export
                </Button>
            </div>
        </Dialog>
    );
}

export function ChangeDialog({
    share,
    onClose,
    onDone,
}: {
    share: ShareDetail;
    onClose: () => void;
    onDone: () => void;
}) {
    const [title, setTitle] = useState(share.title);
    const [redundancy, setRedundancy] = useState<Redundancy>(share.redundancy ?? "normal");
    const [ignore, setIgnore] = useState(textOf(share.ignore));
    const [oneFileSystem, setOneFileSystem] = useState(share.one_file_system);
    const acting = useAction();
    const save = async () => {
        const body = {
            title: title.trim(),
            redundancy,
            one_file_system: oneFileSystem,
            ...(ignore === undefined ? {} : { ignore }),
        };

        if (await acting.run(() => post("/api/shares/{share}", { path: { share: share.id }, body }))) {
            say("Changed.");
            onDone();
            onClose();
        }
    };

    return (
        <Dialog title="Change this share" onClose={onClose} wide>
            <p class="muted">The next version has it; what is published stays as it is.</p>
            <TextField label="Title" value={title} onValue={setTitle} />
            <Choices
                legend="Recovery data"
                value={redundancy}
                options={REDUNDANCIES}
                onValue={setRedundancy}
            />
            {ignore === undefined ? (
                <p class="muted">
                    Its ignore rules are not UTF-8 and can be changed on the command line only.
                </p>
            ) : (
                <Field label="Ignore rules" hint="One a line, as in a .gitignore file.">
                    {(ids) => (
                        <textarea
                            {...ids}
                            class="input"
                            value={ignore}
                            spellcheck={false}
                            onInput={(event) => setIgnore(event.currentTarget.value)}
                        />
                    )}
                </Field>
            )}
            <Check label="Stay on one file system" checked={oneFileSystem} onChecked={setOneFileSystem} />
            {acting.error !== undefined && <ErrorNote error={acting.error} />}
            <div class="row end">
                <Button onClick={onClose}>Leave it</Button>
                <Button
                    kind="primary"
                    disabled={acting.busy || title.trim() === ""}
                    onClick={() => void save()}
                >
                    Save
                </Button>
            </div>
        </Dialog>
    );
}
