// The news servers: how they do, and what can be done with them.
import { useState } from "preact/hooks";
import { post } from "../api/client";
import type { Connection, Counters, Server, ServerFacts, ServerRole } from "../api/types";
import { ago, bytes, count } from "../lib/format";
import { useServers } from "../state/server";
import {
    Badge,
    Button,
    Card,
    Empty,
    ErrorNote,
    Facts,
    Figures,
    Head,
    LinkButton,
    Loading,
    Note,
} from "../ui/basic";
import { ask, Dialog } from "../ui/dialog";
import { useLive, useNow } from "../ui/hooks";
import { Name } from "../ui/name";
import { ServerSteps, useServerTest } from "../ui/server_steps";
import { Slots, slotWords } from "../ui/slots";
import { doAndSay } from "../ui/toast";
import { sentence } from "../api/errors";
import { NewsdCommand } from "../ui/newsd_command";

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

type Now = { counters: Counters | undefined; paused: boolean; live: readonly Connection[]; spent: number };

const isUsedUp = (server: Server, now: Now) => server.quota != null && now.spent >= server.quota;

function StateOf({ server, now }: { server: Server; now: Now }) {
    if (now.paused) {
        return <Badge tone="warn">paused</Badge>;
    }
    if (isUsedUp(server, now)) {
        return <Badge tone="warn">used up</Badge>;
    }
    return now.counters?.last_error !== undefined ? (
        <Badge tone="bad">failing</Badge>
    ) : (
        <Badge tone="good">in use</Badge>
    );
}

function ServerActions({ server, paused, onTest }: { server: Server; paused: boolean; onTest: () => void }) {
    const toggle = () =>
        doAndSay(
            () =>
                post(paused ? "/api/servers/{name}/resume" : "/api/servers/{name}/pause", path(server.name)),
            paused ? `${server.name} is used again.` : `${server.name} is paused.`,
        );

    return (
        <>
            <Button small icon="plug" onClick={onTest} label={`Test ${server.name}`}>
                Test
            </Button>
            <Button
                small
                icon={paused ? "play" : "pause"}
                label={`${paused ? "Resume" : "Pause"} ${server.name}`}
                onClick={() => void toggle()}
            >
                {paused ? "Resume" : "Pause"}
            </Button>
            <LinkButton small icon="edit" to={`#/providers/edit/${encodeURIComponent(server.name)}`}>
                Change
            </LinkButton>
            <Button
                small
                kind="quiet"
                icon="trash"
                label={`Remove ${server.name}`}
                onClick={() => remove(server)}
            />
        </>
    );
}

function LastError({ counters }: { counters: Counters | undefined }) {
    if (counters?.last_error === undefined) {
        return null;
    }
    return (
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
    );
}

const ROLE_WORDS: Record<ServerRole, string> = {
    post: "posting",
    read: "fetching",
    confirm: "checking",
};

const roleWords = (roles: readonly ServerRole[]): string =>
    roles.length === Object.keys(ROLE_WORDS).length
        ? "everything"
        : roles.map((role) => ROLE_WORDS[role]).join(", ");

/** What the last test found that is worth a word. */
function oddities(facts: ServerFacts): string[] {
    return [
        facts.posts ? "" : "It took no article: nothing is posted through it.",
        facts.too_small ? "It takes only small articles: others are posted to, if there are any." : "",
        facts.changes_ids ? "It gives articles other names: the heads of shares go to others." : "",
        facts.stat === "lies"
            ? "It says yes to everything it is asked for: it must show an article's head."
            : "",
        facts.stat === "late" ? "It sees an article only some time after it took it." : "",
        facts.headers.length === 0
            ? ""
            : `It writes lines of its own into every article, which may tell who posted it: ${facts.headers.join(", ")}.`,
    ].filter((words) => words !== "");
}

function Tested({ facts }: { facts: ServerFacts }) {
    const now = useNow();
    const odd = oddities(facts);

    return (
        <div class="stack tight">
            <span>{ago(facts.tested, now)}</span>
            {odd.map((words) => (
                <span class="small muted" key={words}>
                    <Name name={words} />
                </span>
            ))}
        </div>
    );
}

const connectionWords = (server: Server, live: readonly Connection[]): string =>
    live.length === 0
        ? `none now, up to ${server.connections}`
        : `${slotWords(live)}; up to ${server.connections}`;

function ServerFactsView({ server, now }: { server: Server; now: Now }) {
    const account = (
        <>
            <Name name={server.user} />
            {server.has_password ? ", with a password" : ", without a password"}
        </>
    );
    const place = (
        <>
            <Name name={server.host} />, port {server.port},{" "}
            {server.tls ? "encrypted (TLS)" : "not encrypted"}
        </>
    );

    return (
        <Facts
            items={[
                ["Server", place],
                ["Account", server.user === "" ? "no login" : account],
                ["Posts to", <Name name={server.group} />],
                ["Connections", connectionWords(server, now.live)],
                ["Used for", roleWords(server.roles)],
                ...(server.quota == null
                    ? []
                    : ([
                          ["Bytes paid for", `${bytes(now.spent)} of ${bytes(server.quota)} used up`],
                      ] as const)),
                ["Last tested", server.facts === null ? "never" : <Tested facts={server.facts} />],
            ]}
        />
    );
}

const countersShown = (counters: Counters): readonly (readonly [string, string])[] => [
    ["Posted", count(counters.posted)],
    ["Fetched", count(counters.fetched)],
    ["Asked for", count(counters.stats)],
    ["Sent", bytes(counters.bytes_out)],
    ["Received", bytes(counters.bytes_in)],
    ["Not found", count(counters.missing)],
    ["Refused", count(counters.rejected)],
    ["Retries", count(counters.retries)],
    ["Reconnects", count(counters.reconnects)],
];

function ServerCard({ server }: { server: Server }) {
    const [testing, setTesting] = useState(false);
    const moving = useLive((state) => state.servers[server.name]);
    const now: Now = {
        counters: moving?.counters ?? server.counters,
        paused: moving?.paused ?? server.paused ?? false,
        live: moving?.live ?? server.live ?? [],
        spent: moving?.counters.spent ?? server.spent,
    };
    const title = (
        <span class="row">
            <Name name={server.name} />
            <StateOf server={server} now={now} />
        </span>
    );

    return (
        <Card
            title={title}
            actions={<ServerActions server={server} paused={now.paused} onTest={() => setTesting(true)} />}
        >
            <div class="stack wide">
                <LastError counters={now.counters} />
                <ServerFactsView server={server} now={now} />
                <Slots connections={now.live} name={server.name} />
                {now.counters !== undefined && <Figures items={countersShown(now.counters)} />}
            </div>
            {testing && <TestDialog name={server.name} onClose={() => setTesting(false)} />}
        </Card>
    );
}

/** As they are asked: by their turn. */
const inTurn = (servers: readonly Server[]): Server[] =>
    [...servers].sort((a, b) => a.order - b.order || (a.name < b.name ? -1 : 1));

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
                The news servers that your shares go to and come from, in the order they are asked. Figures
                count since the daemon started.
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
                            <NewsdCommand />
                        </div>
                        <a href="#/providers/add/newsd">and add it with these settings</a>
                    </Empty>
                </Card>
            )}
            {inTurn(data ?? []).map((server) => (
                <ServerCard server={server} key={server.name} />
            ))}
        </>
    );
}
