// One share of yours: its link, versions, health, contents, and what can be done with it.
import { useState } from "preact/hooks";
import { get, post } from "../api/client";
import type { ShareDetail, ShareVersion } from "../api/types";
import { ago, bytes, count, counted, date } from "../lib/format";
import { nameOf, textOf } from "../lib/names";
import { go } from "../lib/route";
import { Badge, Button, Card, ErrorNote, Facts, Head, Loading, Note } from "../ui/basic";
import { ask } from "../ui/dialog";
import { EntryBrowser } from "../ui/entry_browser";
import { pathQuery } from "../ui/file_browser";
import { HealthView } from "../ui/health";
import { useLoad, useNow, useRevision } from "../ui/hooks";
import { Menu } from "../ui/menu";
import { Name } from "../ui/name";
import { ShareLink } from "../ui/share_link";
import { doAndSay, say } from "../ui/toast";
import { ChangeDialog, ExportDialog, WriteKeyDialog } from "./share_dialogs";
import { REDUNDANCIES } from "./share_folder";

const PAGE = 500;
const pathOf = (share: number) => ({ path: { share } });

function forget(share: ShareDetail): void {
    ask({
        title: (
            <>
                Forget “<Name name={nameOf(share, "title")} />
                ”?
            </>
        ),
        body: (
            <>
                <p>
                    <strong>Nothing that was posted is deleted.</strong> Nobody can delete Usenet: whoever has
                    the link can read this share as long as the articles live.
                </p>
                <p>
                    Here, the link, the keys and the list of what was posted go. Without the write key you
                    cannot publish this share again, and sharing the same folder makes a new share with
                    another link. Your files stay as they are.
                </p>
            </>
        ),
        action: "Forget it here",
        danger: true,
        run: async () => {
            await post("/api/shares/{share}/forget", pathOf(share.id));
            say("Forgotten here.");
            go("#/shares");
        },
    });
}

const check = (share: number, deep: boolean) =>
    doAndSay(
        () => post("/api/checks", { body: { share, deep } }),
        deep ? "Every article is read. This takes a while." : "The news server is asked for every article.",
    );

const publish = (share: number) =>
    doAndSay(async () => {
        const { job } = await post("/api/shares/{share}/publish", pathOf(share));

        go(`#/jobs/${job}`);
    });

const VERSION_WORDS: Record<ShareVersion["state"], string> = {
    newest: "newest",
    found: "",
    missing: "gone from the server",
    forked: "not what the next was made from",
};

function Versions({ share }: { share: ShareDetail }) {
    const { data, error, reload } = useLoad(
        () => post("/api/versions", { body: { share: share.id } }).then(({ items }) => items),
        [share.id, share.version],
    );

    if (data === undefined) {
        return error === undefined ? <Loading /> : <ErrorNote error={error} onRetry={reload} />;
    }
    return (
        <div class="table-box" tabIndex={0} role="region" aria-label="Versions">
            <table>
                <thead>
                    <tr>
                        <th>Version</th>
                        <th>Published</th>
                        <th class="right spare">Entries</th>
                        <th class="right">Size</th>
                        <th>State</th>
                    </tr>
                </thead>
                <tbody>
                    {data.map((one) => (
                        <tr key={one.version}>
                            <td class="number">{one.version}</td>
                            <td class="number nowrap">
                                {one.created === undefined ? "unknown" : date(one.created)}
                            </td>
                            <td class="right">
                                {one.entries === undefined ? "unknown" : count(one.entries)}
                            </td>
                            <td class="right nowrap">
                                {one.bytes === undefined ? "unknown" : bytes(one.bytes)}
                            </td>
                            <td>{VERSION_WORDS[one.state]}</td>
                        </tr>
                    ))}
                </tbody>
            </table>
        </div>
    );
}

type Dialogs = "key" | "export" | "change";

function Actions({ share, onDialog }: { share: ShareDetail; onDialog: (dialog: Dialogs) => void }) {
    const published = share.version > 0;

    return (
        <>
            <Button
                kind="primary"
                icon="send"
                disabled={share.job != null}
                onClick={() => void publish(share.id)}
            >
                {published ? "Publish again" : "Publish"}
            </Button>
            {published && (
                <Menu
                    icon="heart"
                    words="Check now"
                    label="Check now"
                    items={[
                        { words: "Ask for every article", run: () => void check(share.id, false) },
                        { words: "Read every article (slow)", run: () => void check(share.id, true) },
                    ]}
                />
            )}
            <Menu
                icon="more"
                label="More to do with this share"
                items={[
                    { words: "Change title and rules …", run: () => onDialog("change") },
                    ...(published
                        ? [
                              { words: "Show the write key …", run: () => onDialog("key") },
                              { words: "Export as PAR2 …", run: () => onDialog("export") },
                          ]
                        : []),
                    { words: "Forget it here …", run: () => forget(share) },
                ]}
            />
        </>
    );
}

function About({ share }: { share: ShareDetail }) {
    const now = useNow();
    const redundancy = REDUNDANCIES.find(({ value }) => value === share.redundancy);
    const rules = (textOf(share.ignore) ?? "").split("\n").filter((line) => line.trim() !== "").length;

    return (
        <Card title="About it">
            <Facts
                items={[
                    [
                        "Made from",
                        <span class="stack tight">
                            {share.paths.map((path) => (
                                <Name name={path} />
                            ))}
                        </span>,
                    ],
                    ["Size", `${bytes(share.bytes)} in ${counted(share.entries, "entry", "entries")}`],
                    [
                        "Published",
                        share.version === 0
                            ? "not yet"
                            : `version ${share.version}, ${ago(share.published, now)}`,
                    ],
                    ["Articles, all versions", count(share.articles)],
                    ["Recovery data", redundancy?.title ?? "unknown"],
                    ["Ignore rules", rules === 0 ? "none" : counted(rules, "line")],
                ]}
            />
        </Card>
    );
}

function Notices({ share }: { share: ShareDetail }) {
    return (
        <>
            {share.job != null && (
                <Note>
                    <span>
                        Job {share.job} is at work on this share. <a href={`#/jobs/${share.job}`}>Watch it</a>
                    </span>
                </Note>
            )}
            {share.adopting === true && (
                <Note tone="warn">
                    <span>It is being taken over; until that is done it cannot be published.</span>
                </Note>
            )}
        </>
    );
}

function Contents({ share }: { share: ShareDetail }) {
    return (
        <Card title="Contents, as of the last scan">
            <EntryBrowser
                title={nameOf(share, "title")}
                identity={`${share.id} ${share.version}`}
                load={(path, after, signal) =>
                    get("/api/shares/{share}/entries", {
                        ...pathOf(share.id),
                        query: { ...pathQuery(path), limit: PAGE, ...(after === undefined ? {} : { after }) },
                        signal,
                    })
                }
            />
        </Card>
    );
}

export function SharePage({ id }: { id: number }) {
    const revision = useRevision((state) => state.shares_revision);
    const {
        data: share,
        error,
        reload,
    } = useLoad(() => get("/api/shares/{share}", pathOf(id)), [id, revision]);
    const [dialog, setDialog] = useState<Dialogs>();
    const close = () => setDialog(undefined);

    if (share === undefined) {
        return (
            <>
                <Head title="Share" />
                {error === undefined ? <Loading /> : <ErrorNote error={error} onRetry={reload} />}
            </>
        );
    }
    return (
        <>
            <Head
                title={<Name name={nameOf(share, "title")} />}
                actions={<Actions share={share} onDialog={setDialog} />}
            />
            <Notices share={share} />
            {share.version > 0 && (
                <Card title="The link">
                    <ShareLink share={id} version={share.version} />
                </Card>
            )}
            <div class="cards">
                <About share={share} />
                {share.version > 0 && (
                    <Card title="Health" actions={share.job == null ? undefined : <Badge>job at work</Badge>}>
                        <HealthView health={share.health ?? { state: "unknown", checked: null }} />
                    </Card>
                )}
            </div>
            {share.version > 0 && (
                <Card title="Versions">
                    <Versions share={share} />
                </Card>
            )}
            <Contents share={share} />
            {dialog === "key" && <WriteKeyDialog share={id} onClose={close} />}
            {dialog === "export" && <ExportDialog share={id} onClose={close} />}
            {dialog === "change" && <ChangeDialog share={share} onClose={close} onDone={reload} />}
        </>
    );
}
