// The news servers: how they do, and what can be done with them.
import { useState } from "preact/hooks";
import { post } from "../api/client";
import type { Server } from "../api/types";
import { bytes, count } from "../lib/format";
import { useServers } from "../state/server";
import { Badge, Button, Card, Empty, ErrorNote, Facts, Figures, Head, LinkButton, Loading, Note } from "../ui/basic";
import { ask, Dialog } from "../ui/dialog";
import { useLive } from "../ui/hooks";
import { Name } from "../ui/name";
import { ServerSteps, useServerTest } from "../ui/server_steps";
import { Slots, slotWords } from "../ui/slots";
import { doAndSay } from "../ui/toast";
import { sentence } from "../api/errors";
import { NEWSD_COMMAND } from "./first_visit";
import { CopyBox } from "../ui/copy";

const path = (name: string) => ({ path: { name } });

function TestDialog({ name, onClose }: { name: string; onClose: () => void }) {
    const test = useServerTest({ kept: name });

    return (
        <Dialog title={<>Test of {name}</>} onClose={onClose}>
            <ServerSteps test={test} />
            <div class="row end">
                <Button disabled={test.running} icon="retry" onClick={test.start}>
                    Again
                </Button>
                <Button kind="primary" onClick={onClose}>
                    Done
                </Button>
            </div>
        </Dialog>
    );
}

function remove(server: Server): void {
    ask({
        title: `Remove the provider ${server.name}?`,
        body: (
            <>
                <p>
                    Its settings and its password go from this computer. What was posted there stays there;
                    shares that only this provider has cannot be read or checked until it is added again.
                </p>
            </>
        ),
        action: `Remove ${server.name}`,
        danger: true,
        run: () => post("/api/servers/{name}/remove", path(server.name)),
    });
}

function ServerCard({ server }: { server: Server }) {
    const [testing, setTesting] = useState(false);
    const now = useLive((state) => state.servers[server.name]);
    const counters = now?.counters ?? server.counters;
    const paused = now?.paused ?? server.paused ?? false;
    const slots = now?.live ?? server.live ?? [];

    return (
        <Card
            title={
                <span class="row">
                    <Name name={server.name} />
                    {paused ? (
                        <Badge tone="warn">paused</Badge>
                    ) : counters?.last_error !== undefined ? (
                        <Badge tone="bad">failing</Badge>
                    ) : (
                        <Badge tone="good">in use</Badge>
                    )}
                </span>
            }
            actions={
                <>
                    <Button small icon="plug" onClick={() => setTesting(true)} label={`Test ${server.name}`}>
                        Test
                    </Button>
                    <Button
                        small
                        icon={paused ? "play" : "pause"}
                        label={`${paused ? "Resume" : "Pause"} ${server.name}`}
                        onClick={() =>
                            void doAndSay(
                                () => post(paused ? "/api/servers/{name}/resume" : "/api/servers/{name}/pause", path(server.name)),
                                paused ? `${server.name} is used again.` : `${server.name} is paused.`,
                            )
                        }
                    >
                        {paused ? "Resume" : "Pause"}
                    </Button>
                    <LinkButton small icon="edit" to={`#/providers/edit/${encodeURIComponent(server.name)}`}>
                        Change
                    </LinkButton>
                    <Button small kind="quiet" icon="trash" label={`Remove ${server.name}`} onClick={() => remove(server)} />
                </>
            }
        >
            <div class="stack wide">
                {counters?.last_error !== undefined && (
                    <Note tone="bad">
                        <strong>
                            <Name name={sentence(counters.last_error)} />
                        </strong>
                        {counters.last_text !== undefined && counters.last_text !== "" && (
                            <span>
                                The server said: <Name name={counters.last_text} />
                            </span>
                        )}
                    </Note>
                )}
                <Facts
                    items={[
                        ["Server", <>{<Name name={server.host} />}, port {server.port}, {server.tls ? "encrypted (TLS)" : "not encrypted"}</>],
                        ["Account", server.user === "" ? "no login" : <><Name name={server.user} />{server.has_password ? ", with a password" : ", without a password"}</>],
                        ["Posts to", <Name name={server.group} />],
                        ["Connections", slots.length === 0 ? `up to ${server.connections}` : slotWords(slots)],
                    ]}
                />
                {now !== undefined && <Slots server={now} name={server.name} />}
                {counters !== undefined && (
                    <Figures
                        items={[
                            ["Posted", count(counters.posted)],
                            ["Fetched", count(counters.fetched)],
                            ["Asked for", count(counters.stats)],
                            ["Sent", bytes(counters.bytes_out)],
                            ["Received", bytes(counters.bytes_in)],
                            ["Not found", count(counters.missing)],
                            ["Refused", count(counters.rejected)],
                            ["Retries", count(counters.retries)],
                            ["Reconnects", count(counters.reconnects)],
                        ]}
                    />
                )}
            </div>
            {testing && <TestDialog name={server.name} onClose={() => setTesting(false)} />}
        </Card>
    );
}

export function Providers() {
    const { data, error, reload } = useServers();

    return (
        <>
            <Head
                title="Providers"
                actions={
                    <LinkButton kind="primary" icon="plus" to="#/providers/add">
                        Add a provider
                    </LinkButton>
                }
            >
                The news servers that your shares go to and come from. Figures count since the daemon started.
            </Head>
            {error !== undefined && <ErrorNote error={error} onRetry={reload} />}
            {data === undefined && error === undefined && <Loading />}
            {data?.length === 0 && (
                <Card>
                    <Empty
                        icon="server"
                        title="No provider yet"
                        actions={
                            <LinkButton kind="primary" icon="plus" to="#/providers/add">
                                Add a provider
                            </LinkButton>
                        }
                    >
                        <p>
                            A provider sells access to Usenet: the name of a server, a user name and a
                            password. With two of them, what one loses the other may still have.
                        </p>
                        <p>For a try without one, run the small news server that comes along:</p>
                        <div class="newsd-box">
                            <CopyBox text={NEWSD_COMMAND} what="The command" />
                        </div>
                        <a href="#/providers/add/newsd">and add it with these settings</a>
                    </Empty>
                </Card>
            )}
            {data?.map((server) => (
                <ServerCard server={server} key={server.name} />
            ))}
        </>
    );
}
