// Get a share: paste the link, look into it, choose parts and a place, try or do it.
import { useState } from "preact/hooks";
import { post } from "../api/client";
import type { Body, LinkShare, ShareVersion } from "../api/types";
import { bytes, counted, date } from "../lib/format";
import { nameKey, nameOf, nameText, type WireName } from "../lib/names";
import { go } from "../lib/route";
import { useServers } from "../state/server";
import { change, EMPTY, form, type Conflict, type Form } from "../state/get_form";
import { useStore } from "../state/store";
import { Button, Card, Choices, ErrorNote, Facts, Field, Head, LinkButton, Note } from "../ui/basic";
import { EntryBrowser } from "../ui/entry_browser";
import { FolderField } from "../ui/folder_field";
import { useAction, useLoad } from "../ui/hooks";
import { Name } from "../ui/name";

const PAGE = 500;

const CONFLICTS: readonly { value: Conflict; title: string; text: string }[] = [
    {
        value: "empty",
        title: "The folder must be empty",
        text: "Or hold what a broken-off try of the same left there. Safest.",
    },
    { value: "keep", title: "Keep what is there", text: "Only what is missing is added." },
    {
        value: "replace",
        title: "Replace what differs",
        text: "Files that are right already are not fetched.",
    },
    { value: "newer", title: "Replace what is older", text: "Newer files of yours stay." },
    { value: "rename", title: "Keep both", text: "The new one gets a name like photo.jpg~1." },
];

/** Spaces and line breaks come along when a link is copied out of a mail. */
export const cleanLink = (text: string): string => text.replace(/[\s\u200b\ufeff]+/g, "");

async function lookInto(link: string, version: number | undefined): Promise<LinkShare> {
    const page = await post("/api/links/entries", {
        body: { link, limit: 1, ...(version === undefined ? {} : { version }) },
    });

    return page.share;
}

function LinkForm({ now }: { now: Form }) {
    const acting = useAction();
    const link = cleanLink(now.text);
    const look = () =>
        void acting.run(async () => {
            const share = await lookInto(link, undefined);

            form.set({ ...EMPTY, text: now.text, link, share, target: now.target });
        });

    return (
        <Card title="1. The link">
            <form
                class="stack"
                onSubmit={(event) => {
                    event.preventDefault();
                    look();
                }}
            >
                <Field
                    label="Link of the share"
                    hint="It begins with usync1. Looking into it downloads only its listing."
                >
                    {(ids) => (
                        <textarea
                            {...ids}
                            class="input link-input"
                            rows={2}
                            value={now.text}
                            spellcheck={false}
                            autocomplete="off"
                            onInput={(event) => change({ text: event.currentTarget.value })}
                        />
                    )}
                </Field>
                {acting.error !== undefined && <ErrorNote error={acting.error} />}
                <div class="row">
                    <Button
                        submit
                        kind={now.share === undefined ? "primary" : "plain"}
                        icon="search"
                        disabled={link === "" || acting.busy}
                    >
                        {acting.busy ? "Looking …" : "Look into it"}
                    </Button>
                    {now.share !== undefined && (
                        <Button kind="quiet" onClick={() => form.set(EMPTY)}>
                            Begin anew
                        </Button>
                    )}
                </div>
            </form>
        </Card>
    );
}

function versionWords(one: ShareVersion): string {
    const when = one.created === undefined ? "" : `, ${date(one.created)}`;
    const size = one.bytes === undefined ? "" : `, ${bytes(one.bytes)}`;

    return `Version ${one.version}${when}${size}${one.state === "missing" ? ", gone from the server" : ""}`;
}

function VersionField({ now, share }: { now: Form; share: LinkShare }) {
    const [asked, setAsked] = useState(false);
    const acting = useAction();
    const versions = useLoad(
        async (signal) =>
            asked ? (await post("/api/versions", { body: { share: now.link }, signal })).items : undefined,
        [asked, now.link],
    );
    const choose = (value: string) =>
        void acting.run(async () => {
            const version = value === "" ? undefined : Number(value);

            change({ version, share: await lookInto(now.link, version), ticked: new Map() });
        });

    if (!asked) {
        return (
            <div class="row">
                <span>Version {share.version}</span>
                {share.version > 1 && (
                    <Button small onClick={() => setAsked(true)}>
                        Older versions
                    </Button>
                )}
            </div>
        );
    }
    return (
        <div class="stack tight">
            <select
                class="input"
                aria-label="Version"
                disabled={acting.busy}
                value={now.version === undefined ? "" : String(now.version)}
                onChange={(event) => choose(event.currentTarget.value)}
            >
                <option value="">The newest</option>
                {(versions.data ?? []).map((one) => (
                    <option value={String(one.version)} disabled={one.state === "missing"} key={one.version}>
                        {versionWords(one)}
                    </option>
                ))}
            </select>
            {versions.data === undefined && versions.error === undefined && (
                <span class="small muted">Looking for versions …</span>
            )}
            {versions.error !== undefined && <ErrorNote error={versions.error} />}
            {acting.error !== undefined && <ErrorNote error={acting.error} />}
        </div>
    );
}

function Contents({ now, share }: { now: Form; share: LinkShare }) {
    return (
        <Card title="2. What you want of it">
            <div class="stack">
                <Facts
                    items={[
                        ["Title", <Name name={nameOf(share, "title")} />],
                        [
                            "Holds",
                            `${counted(share.files, "file")}, ${counted(share.directories, "folder")}, ${bytes(share.bytes)}`,
                        ],
                        ["Published", date(share.created)],
                        ["Version", <VersionField now={now} share={share} />],
                    ]}
                />
                <EntryBrowser
                    title={nameOf(share, "title")}
                    identity={`${now.link} ${share.version}`}
                    ticked={now.ticked}
                    onTicked={(ticked) => change({ ticked })}
                    load={(path, after, signal) =>
                        post("/api/links/entries", {
                            body: {
                                link: now.link,
                                path,
                                version: share.version,
                                limit: PAGE,
                                ...(after === undefined ? {} : { after }),
                            },
                            signal,
                        })
                    }
                />
                <div class="row between">
                    <span role="status">
                        {now.ticked.size === 0
                            ? "Nothing is ticked: you get all of it."
                            : `Only these: ${[...now.ticked.values()].slice(0, 5).map(nameText).join(", ")}${now.ticked.size > 5 ? ` and ${now.ticked.size - 5} more` : ""}`}
                    </span>
                    {now.ticked.size > 0 && (
                        <Button small onClick={() => change({ ticked: new Map() })}>
                            All of it
                        </Button>
                    )}
                </div>
            </div>
        </Card>
    );
}

function bodyOf(now: Form, share: LinkShare, target: WireName): Body<"/api/gets"> {
    return {
        link: now.link,
        target,
        version: now.version === undefined ? null : share.version,
        conflict: now.conflict,
        ...(now.ticked.size === 0 ? {} : { only: [...now.ticked.values()] }),
    };
}

function Target({ now, share }: { now: Form; share: LinkShare }) {
    const acting = useAction();
    const { target } = now;
    const begin = (extra: { dry_run?: true; verify?: true }) =>
        void acting.run(async () => {
            if (target !== undefined) {
                const { job } = await post("/api/gets", {
                    body: { ...bodyOf(now, share, target), ...extra },
                });

                go(`#/jobs/${job}`);
            }
        });
    const idle = target === undefined || acting.busy;

    return (
        <Card title="3. Where it goes">
            <div class="stack wide">
                <FolderField
                    label="Target folder"
                    hint="The contents of the share are put into this folder."
                    value={target}
                    onValue={(value) => change({ target: value })}
                />
                <Choices
                    legend="When something is there already"
                    value={now.conflict}
                    options={CONFLICTS}
                    onValue={(conflict) => change({ conflict })}
                />
                {acting.error !== undefined && <ErrorNote error={acting.error} />}
                <div class="row">
                    <Button kind="primary" icon="get" disabled={idle} onClick={() => begin({})}>
                        Get it
                    </Button>
                    <Button icon="eye" disabled={idle} onClick={() => begin({ dry_run: true })}>
                        Dry run
                    </Button>
                    <Button icon="good" disabled={idle} onClick={() => begin({ verify: true })}>
                        Compare only
                    </Button>
                </div>
                <p class="small muted">
                    {target === undefined && "Choose the target folder first. "}A dry run writes nothing and
                    says what would be done. Comparing reads what is in the folder already, byte for byte, and
                    says what differs from the share.
                </p>
            </div>
        </Card>
    );
}

export function Get() {
    const now = useStore(form);
    const servers = useServers().data;

    return (
        <>
            <Head title="Get">
                Paste a link that somebody gave you, look into it, and take all of it or parts.
            </Head>
            {servers?.length === 0 && (
                <Note tone="warn">
                    <strong>There is no provider yet.</strong>
                    <span>A share lies on news servers: reading it needs one too.</span>
                    <div class="row">
                        <LinkButton small to="#/providers/add">
                            Add a provider
                        </LinkButton>
                    </div>
                </Note>
            )}
            <LinkForm now={now} />
            {now.share !== undefined && (
                <>
                    <Contents key={nameKey(now.link)} now={now} share={now.share} />
                    <Target now={now} share={now.share} />
                </>
            )}
        </>
    );
}
