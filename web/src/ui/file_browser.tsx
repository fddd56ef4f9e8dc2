// The folders of this machine, as far as the settings let the page see them: to choose things from, or
// to choose one folder.
import { useEffect, useState } from "preact/hooks";
import { get } from "../api/client";
import type { FolderItem, FolderPage, Root } from "../api/types";
import { bytes, count, date } from "../lib/format";
import { isWithin, joinPath, nameKey, nameOf, nameText, pathSteps, type WireName } from "../lib/names";
import { Badge, Button } from "./basic";
import { useLoad, useQuiet } from "./hooks";
import { Icon, type IconName } from "./icon";
import { Name } from "./name";
import { usePages } from "./pages";
import { VirtualList } from "./virtual";
import { Waiting } from "./waiting";

const PAGE = 500;

export const TYPE_ICONS: Record<FolderItem["type"], IconName> = {
    directory: "folder",
    file: "file",
    symlink: "symlink",
    other: "other",
};

/** A path in a query: text, or base64 where it is not UTF-8. */
export const pathQuery = (path: WireName): { path: string; path_base64?: string } =>
    typeof path === "string" ? { path } : { path: "", path_base64: path.base64 };

/** What was chosen, by its path. */
export interface Chosen {
    path: WireName;
    type: FolderItem["type"];
}

export type Choice = ReadonlyMap<string, Chosen>;

export function toggled(choice: Choice, one: Chosen): Choice {
    const out = new Map(choice);
    const key = nameKey(one.path);

    if (!out.delete(key)) {
        out.set(key, one);
    }
    return out;
}

/** The words of the way from the root to here, the root as one. */
export function crumbsOf(path: WireName, roots: readonly Root[]): { name: WireName; path: WireName }[] {
    const root = roots
        .map((one) => nameOf(one, "path"))
        .filter((one) => isWithin(path, one))
        .sort((a, b) => pathSteps(b).length - pathSteps(a).length)[0];
    const steps = pathSteps(path);

    if (root === undefined) {
        return steps;
    }
    return [{ name: root, path: root }, ...steps.slice(pathSteps(root).length)];
}

function Crumbs({
    path,
    roots,
    onGo,
}: {
    path: WireName;
    roots: readonly Root[];
    onGo: (path: WireName | undefined) => void;
}) {
    const steps = crumbsOf(path, roots);

    return (
        <nav class="crumbs" aria-label="Folder">
            <ol>
                {roots.length > 1 && (
                    <li>
                        <button type="button" onClick={() => onGo(undefined)}>
                            This computer
                        </button>
                    </li>
                )}
                {steps.map((step, i) => (
                    <li>
                        {i === steps.length - 1 ? (
                            <span aria-current="location">
                                <Name name={step.name} />
                            </span>
                        ) : (
                            <button type="button" onClick={() => onGo(step.path)}>
                                <Name name={step.name} />
                            </button>
                        )}
                    </li>
                ))}
            </ol>
        </nav>
    );
}

function RootList({ roots, onGo }: { roots: readonly Root[]; onGo: (path: WireName) => void }) {
    return (
        <ul class="rows">
            {roots.map((root) => {
                const path = nameOf(root, "path");

                return (
                    <li class="row between">
                        <Button
                            kind="quiet"
                            icon={root.home === true ? "home" : "disk"}
                            onClick={() => onGo(path)}
                        >
                            <Name name={path} />
                        </Button>
                        <span class="small muted number">
                            {root.free == null ? "" : `${bytes(root.free)} free`}
                            {root.writable ? "" : " · read only"}
                        </span>
                    </li>
                );
            })}
        </ul>
    );
}

interface ListProps {
    path: WireName;
    find: string;
    hidden: boolean;
    onlyFolders: boolean;
    choice: Choice | undefined;
    onChoice: ((choice: Choice) => void) | undefined;
    onGo: (path: WireName) => void;
    onPage: (page: FolderPage) => void;
}

function ItemCells({
    item,
    path,
    on,
    onToggle,
    onGo,
}: {
    item: FolderItem;
    path: WireName;
    on: boolean | undefined;
    onToggle: () => void;
    onGo: () => void;
}) {
    const name = nameOf(item, "name");
    const text = nameText(name);

    return (
        <>
            {on !== undefined && (
                <span role="gridcell">
                    <input
                        type="checkbox"
                        tabIndex={-1}
                        aria-label={`Choose ${text}`}
                        checked={on}
                        disabled={item.type === "other"}
                        onChange={onToggle}
                    />
                </span>
            )}
            <Icon name={TYPE_ICONS[item.type]} />
            <span class="grow" role="gridcell" data-path={nameText(path)}>
                {item.type === "directory" ? (
                    <button type="button" tabIndex={-1} class="into" onClick={onGo}>
                        <Name name={name} line />
                    </button>
                ) : (
                    <Name name={name} line />
                )}
            </span>
            {item.share != null && <Badge tone="accent">shared</Badge>}
            {item.readable === false && <Badge tone="warn">not readable</Badge>}
            <span class="size" role="gridcell">
                {item.type === "file" && item.size != null ? bytes(item.size) : ""}
            </span>
            <span class="time" role="gridcell">
                {item.mtime_ns == null ? "" : date(Math.floor(item.mtime_ns / 1e9))}
            </span>
        </>
    );
}

/** The folder in pages; the first one tells about the folder itself. */
function useFolder({ path, find, hidden, onlyFolders, onPage }: ListProps) {
    return usePages<FolderItem>(
        async (after, signal) => {
            const page = await get("/api/folders", {
                query: {
                    ...pathQuery(path),
                    order: "folders",
                    only: onlyFolders ? "folders" : "all",
                    hidden: hidden ? 1 : 0,
                    limit: PAGE,
                    ...(find === "" ? {} : { find }),
                    ...(after === undefined ? {} : { after }),
                },
                signal,
            });

            if (after === undefined) {
                onPage(page);
            }
            return page;
        },
        [nameKey(path), find, hidden, onlyFolders],
    );
}

function ItemList(props: ListProps) {
    const { path, find, onlyFolders, choice, onChoice, onGo } = props;
    const { list, turn } = useFolder(props);
    const pathOf = (item: FolderItem) => joinPath(path, nameOf(item, "name"));
    const toggle = (item: FolderItem) => {
        if (choice !== undefined && item.type !== "other") {
            onChoice?.(toggled(choice, { path: pathOf(item), type: item.type }));
        }
    };
    const isOn = (item: FolderItem) => choice?.has(nameKey(pathOf(item))) === true;
    const open = (item: FolderItem) => {
        if (item.type === "directory") {
            onGo(pathOf(item));
        } else {
            toggle(item);
        }
    };

    return (
        <VirtualList
            list={list}
            turn={turn}
            label={`Contents of ${nameText(path)}. Arrows move, Enter opens a folder${choice === undefined ? "" : ", Space chooses"}.`}
            {...(choice === undefined ? {} : { isOn })}
            onToggle={toggle}
            onOpen={open}
            row={(item) => (
                <ItemCells
                    item={item}
                    path={pathOf(item)}
                    on={choice === undefined ? undefined : isOn(item)}
                    onToggle={() => toggle(item)}
                    onGo={() => open(item)}
                />
            )}
            empty={
                <p class="empty muted">
                    {find !== ""
                        ? "No name here holds these letters."
                        : onlyFolders
                          ? "There is no folder in here."
                          : "This folder is empty."}
                </p>
            }
        />
    );
}

interface ToolsProps {
    find: string;
    onFind: (find: string) => void;
    hidden: boolean;
    onHidden: (hidden: boolean) => void;
}

function Tools({ find, onFind, hidden, onHidden }: ToolsProps) {
    return (
        <>
            <input
                class="input find"
                type="search"
                placeholder="Find a name here"
                aria-label="Find a name in this folder"
                value={find}
                onInput={(event) => onFind(event.currentTarget.value)}
            />
            <Button
                small
                kind="quiet"
                icon="eye"
                pressed={hidden}
                label="Show hidden files"
                onClick={() => onHidden(!hidden)}
            />
        </>
    );
}

interface Props {
    /** choose several things; missing: only walk, the place itself is what matters */
    choice?: Choice;
    onChoice?: (choice: Choice) => void;
    onlyFolders?: boolean;
    /** where to begin; missing: the user's own folder */
    start?: WireName | undefined;
    /** the folder that is shown; undefined: the list of roots */
    onPlace?: (page: FolderPage | undefined) => void;
    /** rises when the folder should be read again */
    turn?: number;
}

export function FileBrowser(props: Props) {
    const roots = useLoad(() => get("/api/roots").then(({ items }) => items), []);
    const [path, setPath] = useState<WireName | undefined>(props.start);
    const [find, setFind] = useState("");
    const [hidden, setHidden] = useState(false);
    const [page, setPage] = useState<FolderPage>();
    const quietFind = useQuiet(find, 250);
    const first = roots.data?.find((root) => root.home === true) ?? roots.data?.[0];
    const goTo = (to: WireName | undefined) => {
        setFind("");
        setPath(to);
        setPage(undefined);
        props.onPlace?.(undefined);
    };

    useEffect(() => {
        if (path === undefined && first !== undefined && roots.data !== undefined) {
            setPath(nameOf(first, "path"));
        }
    }, [first]);
    if (roots.data === undefined) {
        return <Waiting loaded={roots} />;
    }
    return (
        <div class="browser">
            <div class="tools">
                <div class="grow">
                    {path === undefined ? (
                        <strong>This computer</strong>
                    ) : (
                        <Crumbs path={path} roots={roots.data} onGo={goTo} />
                    )}
                </div>
                {path !== undefined && (
                    <Tools find={find} onFind={setFind} hidden={hidden} onHidden={setHidden} />
                )}
            </div>
            {path === undefined ? (
                <RootList roots={roots.data} onGo={goTo} />
            ) : (
                <ItemList
                    key={`${nameKey(path)} ${props.turn ?? 0}`}
                    path={path}
                    find={quietFind}
                    hidden={hidden}
                    onlyFolders={props.onlyFolders === true}
                    choice={props.choice}
                    onChoice={props.onChoice}
                    onGo={goTo}
                    onPage={(got) => {
                        setPage(got);
                        props.onPlace?.(got);
                    }}
                />
            )}
            <div class="foot" role="status">
                {page?.total == null
                    ? " "
                    : `${count(page.total)} ${page.total === 1 ? "name" : "names"} here`}
            </div>
        </div>
    );
}
