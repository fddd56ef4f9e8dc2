// Your shares: what there is, and how well it is.
import { useState } from "preact/hooks";
import { post } from "../api/client";
import type { Share } from "../api/types";
import { ago, bytes, counted } from "../lib/format";
import { nameOf } from "../lib/names";
import { go } from "../lib/route";
import { useShares } from "../state/server";
import { Badge, Button, Card, Empty, ErrorNote, Field, Head, LinkButton, Loading } from "../ui/basic";
import { Dialog } from "../ui/dialog";
import { FolderField } from "../ui/folder_field";
import { HealthBadge } from "../ui/health";
import { useAction, useNow } from "../ui/hooks";
import { Icon } from "../ui/icon";
import { Name } from "../ui/name";
import type { WireName } from "../lib/names";

function ShareRow({ share }: { share: Share }) {
    const now = useNow();
    const published = share.version > 0;

    return (
        <li class="row between">
            <div class="grow stack tight">
                <a class="main" href={`#/shares/${share.id}`}>
                    <Name name={nameOf(share, "title")} />
                </a>
                <span class="small muted">
                    {published
                        ? `Version ${share.version}, ${ago(share.published, now)} · ${bytes(share.bytes)} in ${counted(share.entries, "entry", "entries")}`
                        : "Not published yet"}
                </span>
            </div>
            <div class="row">
                {share.job != null && (
                    <a href={`#/jobs/${share.job}`}>
                        <Badge tone="accent">job {share.job} is at work</Badge>
                    </a>
                )}
                {published && <HealthBadge health={share.health} />}
                <a href={`#/shares/${share.id}`} tabIndex={-1} aria-hidden="true">
                    <Icon name="next" />
                </a>
            </div>
        </li>
    );
}

/** The state folder was lost, or another computer goes on: take a share over by its write key. */
function AdoptDialog({ onClose }: { onClose: () => void }) {
    const [key, setKey] = useState("");
    const [folder, setFolder] = useState<WireName>();
    const acting = useAction();
    const submit = async () => {
        const done = await acting.run(async () => {
            const started = await post("/api/adopts", {
                body: { write_key: key.trim(), paths: folder === undefined ? [] : [folder] },
            });

            go(`#/jobs/${started.job}`);
        });

        if (done) {
            onClose();
        }
    };

    return (
        <Dialog title="Take a share over" onClose={onClose} wide>
            <p>
                With its write key a published share goes on here: the next version comes under the same link,
                and only what changed is posted. Files are not downloaded.
            </p>
            <Field
                label="Write key"
                hint="It begins with usyncw1. It is kept in the state folder, nowhere else."
            >
                {(ids) => (
                    <input
                        {...ids}
                        class="input"
                        type="password"
                        autocomplete="off"
                        value={key}
                        onInput={(event) => setKey(event.currentTarget.value)}
                    />
                )}
            </Field>
            <FolderField label="The folder that it is made from" value={folder} onValue={setFolder} />
            {acting.error !== undefined && <ErrorNote error={acting.error} />}
            <div class="row end">
                <Button onClick={onClose}>Not now</Button>
                <Button
                    kind="primary"
                    disabled={acting.busy || key.trim() === "" || folder === undefined}
                    onClick={() => void submit()}
                >
                    Take it over
                </Button>
            </div>
        </Dialog>
    );
}

export function Shares() {
    const { data, error, reload } = useShares();
    const [adopting, setAdopting] = useState(false);

    return (
        <>
            <Head
                title="Shares"
                actions={
                    <>
                        <LinkButton kind="primary" icon="send" to="#/share">
                            Share a folder
                        </LinkButton>
                        <Button icon="key" onClick={() => setAdopting(true)}>
                            Take one over
                        </Button>
                    </>
                }
            >
                What you have shared from this computer. Open one for its link, its versions and its health.
            </Head>
            {error !== undefined && <ErrorNote error={error} onRetry={reload} />}
            {data === undefined && error === undefined && <Loading />}
            {data?.length === 0 && (
                <Card>
                    <Empty
                        icon="shares"
                        title="No shares yet"
                        actions={
                            <LinkButton kind="primary" icon="send" to="#/share">
                                Share a folder
                            </LinkButton>
                        }
                    >
                        <p>
                            A share is a folder that you have put on Usenet. It has one link for all its
                            versions: publish it again after a change, and who has the link finds the new
                            version by itself.
                        </p>
                    </Empty>
                </Card>
            )}
            {data !== undefined && data.length > 0 && (
                <Card flush>
                    <ul class="rows">
                        {data.map((share) => (
                            <ShareRow share={share} key={share.id} />
                        ))}
                    </ul>
                </Card>
            )}
            {adopting && <AdoptDialog onClose={() => setAdopting(false)} />}
        </>
    );
}
