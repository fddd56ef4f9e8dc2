// The link of a share: to copy, to scan, and what it gives away.
import { post } from "../api/client";
import { go } from "../lib/route";
import { beginGet } from "../state/get_form";
import { Button, ErrorNote, Loading, Note } from "./basic";
import { CopyBox, QrCode } from "./copy";
import { useLoad } from "./hooks";

function getItHere(link: string | undefined): void {
    beginGet(link ?? "");
    go("#/get");
}

export function ShareLink({ share, version }: { share: number; version: number }) {
    const { data, error, reload } = useLoad(
        (signal) => post("/api/link", { body: { share }, signal }),
        [share, version],
    );

    if (data?.link === undefined) {
        return error === undefined ? <Loading /> : <ErrorNote error={error} onRetry={reload} />;
    }
    return (
        <div class="share-link">
            <div class="stack">
                <CopyBox text={data.link} what="The link" />
                <Note tone="warn">
                    <strong>The link is the key.</strong>
                    <span>
                        Whoever has it can read everything in this share, in all its versions, now and as long
                        as the articles live. It cannot be taken back. It says nothing about you, your
                        provider or where the files lay.
                    </span>
                </Note>
                <p class="small muted">
                    To get the share: paste the link under Get, or run <code>usenetsync get LINK FOLDER</code>{" "}
                    on any computer with UsenetSync and a provider.
                </p>
                <div class="row">
                    <Button small icon="get" onClick={() => getItHere(data.link)}>
                        Get it here, into another folder
                    </Button>
                </div>
            </div>
            <QrCode text={data.link} label="QR code of the link" />
        </div>
    );
}
