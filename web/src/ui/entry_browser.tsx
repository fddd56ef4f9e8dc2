// What is in a share: of ours from the catalogue, of a link's from the news server. Only listings are
// fetched, no contents.
import { useState } from "preact/hooks";
import type { NamedEntry } from "../api/types";
import { bytes, date } from "../lib/format";
import { joinPath, nameKey, nameOf, nameText, pathSteps, type WireName } from "../lib/names";
import type { Page } from "../lib/paged";
import { Icon } from "./icon";
import { Name } from "./name";
import { usePages } from "./pages";
import { VirtualList } from "./virtual";

/** What was ticked, by its path. */
export type Ticked = ReadonlyMap<string, WireName>;

interface Props {
    /** brings a page of the folder at `path` */
    load: (path: WireName, after: string | undefined, signal: AbortSignal) => Promise<Page<NamedEntry>>;
    /** the folder at the top */
    title: WireName;
    /** another share or version: begin at the top again */
    identity: string;
    ticked?: Ticked;
    onTicked?: (ticked: Ticked) => void;
}

function tickedWith(ticked: Ticked, path: WireName): Ticked {
    const out = new Map(ticked);
    const key = nameKey(path);

    if (!out.delete(key)) {
        out.set(key, path);
    }
    return out;
}

function Contents({
    load,
    path,
    ticked,
    onTicked,
    onGo,
    identity,
}: Omit<Props, "title"> & { path: WireName; onGo: (path: WireName) => void }) {
    const { list, turn } = usePages<NamedEntry>(
        (after, signal) => load(path, after, signal),
        [nameKey(path), identity],
    );
    const pathOf = (entry: NamedEntry) => joinPath(path, nameOf(entry, "name"));
    const isOn = (entry: NamedEntry) => ticked?.has(nameKey(pathOf(entry))) === true;
    const toggle = (entry: NamedEntry) => {
        if (ticked !== undefined) {
            onTicked?.(tickedWith(ticked, pathOf(entry)));
        }
    };
    const open = (entry: NamedEntry) => (entry.type === "directory" ? onGo(pathOf(entry)) : toggle(entry));

    return (
        <VirtualList
            list={list}
            turn={turn}
            fit
            label={`Contents of the share. Arrows move, Enter opens a folder${ticked === undefined ? "" : ", Space chooses"}.`}
            {...(ticked === undefined ? {} : { isOn })}
            onToggle={toggle}
            onOpen={open}
            row={(entry) => (
                <EntryCells
                    entry={entry}
                    on={ticked === undefined ? undefined : isOn(entry)}
                    onToggle={() => toggle(entry)}
                    onGo={() => open(entry)}
                />
            )}
            empty={<p class="empty muted">This folder is empty.</p>}
        />
    );
}

function EntryCells({
    entry,
    on,
    onToggle,
    onGo,
}: {
    entry: NamedEntry;
    on: boolean | undefined;
    onToggle: () => void;
    onGo: () => void;
}) {
    const name = nameOf(entry, "name");

    return (
        <>
            {on !== undefined && (
                <span role="gridcell">
                    <input
                        type="checkbox"
                        tabIndex={-1}
                        aria-label={`Choose ${nameText(name)}`}
                        checked={on}
                        onChange={onToggle}
                    />
                </span>
            )}
            <Icon name={entry.type === "directory" ? "folder" : entry.type} />
            <span class="grow" role="gridcell">
                {entry.type === "directory" ? (
                    <button type="button" tabIndex={-1} class="into" onClick={onGo}>
                        <Name name={name} line />
                    </button>
                ) : (
                    <Name name={name} line />
                )}
            </span>
            <span class="size" role="gridcell">
                {entry.type === "file" ? bytes(entry.size) : ""}
            </span>
            <span class="time" role="gridcell">
                {date(Math.floor(entry.mtime_ns / 1e9))}
            </span>
        </>
    );
}

export function EntryBrowser(props: Props) {
    const [at, setAt] = useState<{ path: WireName; identity: string }>({
        path: "",
        identity: props.identity,
    });
    const path = at.identity === props.identity ? at.path : "";
    const goTo = (to: WireName) => setAt({ path: to, identity: props.identity });
    const steps = pathSteps(path);

    return (
        <div class="browser">
            <div class="tools">
                <nav class="crumbs" aria-label="Folder in the share">
                    <ol>
                        {[{ name: props.title, path: "" as WireName }, ...steps].map((step, i) => (
                            <li>
                                {i === steps.length ? (
                                    <span aria-current="location">
                                        <Name name={step.name} />
                                    </span>
                                ) : (
                                    <button type="button" onClick={() => goTo(step.path)}>
                                        <Name name={step.name} />
                                    </button>
                                )}
                            </li>
                        ))}
                    </ol>
                </nav>
            </div>
            <Contents key={nameKey(path)} {...props} path={path} onGo={goTo} />
        </div>
    );
}
