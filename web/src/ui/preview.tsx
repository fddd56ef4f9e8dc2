// What ignore rules do, folder by folder, before anything is shared.
import { useState } from "preact/hooks";
import { post } from "../api/client";
import type { PreviewPage } from "../api/types";
import {
    baseName,
    isWithin,
    joinPath,
    nameKey,
    nameOf,
    nameText,
    pathSteps,
    type WireName,
} from "../lib/names";
import { Badge, Button } from "./basic";
import { Dialog } from "./dialog";
import { TYPE_ICONS } from "./file_browser";
import { Icon } from "./icon";
import { Name } from "./name";
import { usePages } from "./pages";
import { VirtualList } from "./virtual";

type Item = PreviewPage["items"][number];

const REASONS: Record<NonNullable<Item["reason"]>, string> = {
    rule: "by a rule",
    type: "no file or folder",
    unreadable: "not readable",
    name: "name too long",
    mount: "other file system",
};

interface Props {
    paths: WireName[];
    /** those of them that are folders: at least one */
    folders: WireName[];
    ignore: string;
    onClose: () => void;
}

function Folder({
    paths,
    ignore,
    folder,
    onGo,
}: {
    paths: WireName[];
    ignore: string;
    folder: WireName;
    onGo: (to: WireName) => void;
}) {
    const { list, turn } = usePages<Item>(
        (after, signal) =>
            post("/api/folders/preview", {
                body: { paths, ignore, folder, limit: 500, ...(after === undefined ? {} : { after }) },
                signal,
            }),
        [nameKey(folder), ignore],
    );
    const open = (item: Item) => {
        if (item.type === "directory" && !item.ignored) {
            onGo(joinPath(folder, nameOf(item, "name")));
        }
    };

    return (
        <VirtualList
            list={list}
            turn={turn}
            label={`What of ${nameText(folder)} is shared. Enter opens a folder.`}
            onOpen={open}
            row={(item) => (
                <>
                    <Icon name={TYPE_ICONS[item.type]} />
                    <span class={`grow ${item.ignored ? "muted" : ""}`} role="gridcell">
                        {item.type === "directory" && !item.ignored ? (
                            <button type="button" class="into" tabIndex={-1} onClick={() => open(item)}>
                                <Name name={nameOf(item, "name")} line />
                            </button>
                        ) : (
                            <Name name={nameOf(item, "name")} line />
                        )}
                    </span>
                    <span role="gridcell">
                        {item.ignored ? (
                            <Badge tone="warn">
                                stays out{item.reason === undefined ? "" : `, ${REASONS[item.reason]}`}
                            </Badge>
                        ) : (
                            <Badge tone="good">shared</Badge>
                        )}
                    </span>
                </>
            )}
            empty={<p class="empty muted">This folder is empty.</p>}
        />
    );
}

export function PreviewDialog({ paths, folders, ignore, onClose }: Props) {
    const [folder, setFolder] = useState<WireName>(folders[0] ?? "/");
    const top = folders.find((path) => isWithin(folder, path)) ?? folder;
    const above = pathSteps(folder).slice(Math.max(0, pathSteps(top).length - 1));

    return (
        <Dialog title="What stays out" onClose={onClose} wide>
            {folders.length > 1 && (
                <div class="row" role="group" aria-label="Chosen things">
                    {folders.slice(0, 20).map((path) => (
                        <Button
                            small
                            pressed={nameKey(path) === nameKey(top)}
                            onClick={() => setFolder(path)}
                        >
                            <Name name={baseName(path)} />
                        </Button>
                    ))}
                </div>
            )}
            <nav class="crumbs" aria-label="Folder">
                <ol>
                    {above.map((step, i) => (
                        <li>
                            {i === above.length - 1 ? (
                                <span aria-current="location">
                                    <Name name={step.name} />
                                </span>
                            ) : (
                                <button type="button" onClick={() => setFolder(step.path)}>
                                    <Name name={step.name} />
                                </button>
                            )}
                        </li>
                    ))}
                </ol>
            </nav>
            <div class="browser">
                <Folder
                    key={nameKey(folder)}
                    paths={paths}
                    ignore={ignore}
                    folder={folder}
                    onGo={setFolder}
                />
            </div>
            <div class="row end">
                <Button kind="primary" onClick={onClose}>
                    Back to the options
                </Button>
            </div>
        </Dialog>
    );
}
