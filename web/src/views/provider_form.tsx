// Add a provider, or change one: every field explained, everything tried before it is kept.
import { useEffect, useRef, useState } from "preact/hooks";
import { get, post } from "../api/client";
import { asApiError, type ApiError } from "../api/errors";
import type { Server, ServerSettings, ServerStep } from "../api/types";
import { go } from "../lib/route";
import { useServers } from "../state/server";
import {
    Button,
    Card,
    Check,
    Choices,
    ErrorNote,
    Head,
    LinkButton,
    Loading,
    Note,
    TextField,
} from "../ui/basic";
import { useLoad } from "../ui/hooks";
import { runServerTest, StepList } from "../ui/server_steps";
import { say } from "../ui/toast";

interface Form {
    name: string;
    host: string;
    port: string;
    tls: boolean;
    tlsCa: string;
    user: string;
    password: string;
    plainPassword: boolean;
    connections: string;
    group: string;
}

const EMPTY: Form = {
    name: "",
    host: "",
    port: "",
    tls: true,
    tlsCa: "",
    user: "",
    password: "",
    plainPassword: false,
    connections: "10",
    group: "",
};

const NEWSD: Form = {
    ...EMPTY,
    name: "newsd",
    host: "127.0.0.1",
    port: "1119",
    tls: false,
    connections: "4",
};

const formOf = (server: Server): Form => ({
    name: server.name,
    host: server.host,
    port: String(server.port),
    tls: server.tls,
    tlsCa: server.tls_ca,
    user: server.user,
    password: "",
    plainPassword: server.plain_password ?? false,
    connections: String(server.connections),
    group: server.group,
});

/** A name from the host: "news.example.com" is "example"; the second of this name gets a 2. */
export function nameFor(host: string, taken: readonly string[]): string {
    const words = host
        .toLowerCase()
        .split(".")
        .filter((word) => /^[a-z0-9-]+$/.test(word));
    const plain =
        /^[\d.:]+$/.test(host) || words.length === 0
            ? "server"
            : (words[words.length - 2] ?? words[0] ?? "server");

    for (let i = 1; ; i++) {
        const name = i === 1 ? plain : `${plain}${i}`;

        if (!taken.includes(name)) {
            return name;
        }
    }
}

type Wrong = Partial<Record<keyof Form, string>>;

function wrongOf(form: Form): Wrong {
    const wrong: Wrong = {};
    const port = Number(form.port);
    const connections = Number(form.connections);

    if (form.host.trim() === "" || /\s/.test(form.host.trim())) {
        wrong.host = "A host name has no spaces, like news.example.com.";
    }
    if (form.port !== "" && !(Number.isInteger(port) && port >= 1 && port <= 65535)) {
        wrong.port = "A port is a number from 1 to 65535.";
    }
    if (!(Number.isInteger(connections) && connections >= 1 && connections <= 200)) {
        wrong.connections = "From 1 to 200.";
    }
    if (form.name !== "" && !/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$/.test(form.name)) {
        wrong.name = "Letters, digits, dots, _ and -, at most 64.";
    }
    return wrong;
}

function settingsOf(form: Form, name: string): ServerSettings & { name: string; host: string } {
    return {
        name,
        host: form.host.trim(),
        port: form.port === "" ? null : Number(form.port),
        tls: form.tls,
        tls_ca: form.tlsCa.trim(),
        user: form.user.trim(),
        plain_password: form.plainPassword,
        connections: Number(form.connections),
        ...(form.group.trim() === "" ? {} : { group: form.group.trim() }),
        ...(form.password === "" ? {} : { password: form.password }),
    };
}

interface FieldsProps {
    form: Form;
    wrong: Wrong;
    set: (part: Partial<Form>) => void;
    old: Server | undefined;
}

function ServerFields({ form, wrong, set }: FieldsProps) {
    return (
        <>
            <div class="fields">
                <TextField
                    label="Host"
                    value={form.host}
                    onValue={(host) => set({ host })}
                    wrong={wrong.host}
                    placeholder="news.example.com"
                    hint="The name of the news server, from your provider's help pages."
                    required
                />
                <TextField
                    label="Port"
                    value={form.port}
                    onValue={(port) => set({ port })}
                    wrong={wrong.port}
                    placeholder={form.tls ? "563" : "119"}
                    hint={`Empty: ${form.tls ? "563" : "119"}, which nearly everybody has.`}
                />
            </div>
            <Choices
                legend="Encryption on the way to the server"
                value={form.tls ? "tls" : "plain"}
                options={[
                    { value: "tls", title: "Encrypted (TLS)", text: "Right for every provider." },
                    {
                        value: "plain",
                        title: "Not encrypted",
                        text: "For a server on this computer or in your own network.",
                    },
                ]}
                onValue={(value) => set({ tls: value === "tls" })}
            />
        </>
    );
}

function AccountFields({ form, set, old }: FieldsProps) {
    return (
        <div class="stack">
            <div class="fields">
                <TextField
                    label="User name"
                    value={form.user}
                    onValue={(user) => set({ user })}
                    hint="Empty where none is needed."
                />
                <TextField
                    label="Password"
                    type="password"
                    autocomplete="new-password"
                    value={form.password}
                    onValue={(password) => set({ password })}
                    placeholder={old?.has_password === true ? "unchanged" : ""}
                    hint="It goes into a file that only your account can read, and is never shown again, not here either."
                />
            </div>
            {!form.tls && form.user !== "" && (
                <Check
                    label="Send the password unencrypted"
                    hint="Needed only when the server is not on this computer. Anybody on the way can read it."
                    checked={form.plainPassword}
                    onChecked={(plainPassword) => set({ plainPassword })}
                />
            )}
        </div>
    );
}

function MoreFields({ form, wrong, set, old }: FieldsProps) {
    return (
        <details open={wrong.name !== undefined || wrong.connections !== undefined}>
            <summary>Connections, name and more</summary>
            <div class="stack">
                <div class="fields">
                    <TextField
                        label="Connections"
                        value={form.connections}
                        onValue={(connections) => set({ connections })}
                        wrong={wrong.connections}
                        hint="How many your account may have at once; 10 is a good beginning."
                    />
                    {old === undefined && (
                        <TextField
                            label="Name"
                            value={form.name}
                            onValue={(name) => set({ name })}
                            wrong={wrong.name}
                            placeholder={form.host === "" ? "" : nameFor(form.host.trim(), [])}
                            hint="What it is called here. Empty: from the host."
                        />
                    )}
                    <TextField
                        label="Newsgroup"
                        value={form.group}
                        onValue={(group) => set({ group })}
                        placeholder="alt.binaries.test"
                        hint="Where articles are posted to. The usual one is right."
                    />
                </div>
                {form.tls && (
                    <TextField
                        label="File with the server's own certificate"
                        value={form.tlsCa}
                        onValue={(tlsCa) => set({ tlsCa })}
                        placeholder="the certificates of this computer"
                        hint="Only for a private server that signed its certificate itself: the whole path of the file."
                    />
                )}
            </div>
        </details>
    );
}

interface Trying {
    steps: readonly ServerStep[];
    state: "idle" | "trying" | "saving" | "bad";
    error: ApiError | undefined;
}

/** Try the settings and keep them when they work. */
function useTryAndKeep(keep: (settings: ServerSettings & { name: string; host: string }) => Promise<void>) {
    const [trying, setTrying] = useState<Trying>({ steps: [], state: "idle", error: undefined });
    const abort = useRef<AbortController | undefined>(undefined);

    useEffect(() => () => abort.current?.abort(), []);
    const save = async (settings: ServerSettings & { name: string; host: string }) => {
        setTrying((old) => ({ ...old, state: "saving", error: undefined }));
        try {
            await keep(settings);
        } catch (thrown) {
            setTrying((old) => ({ ...old, state: "bad", error: asApiError(thrown) }));
        }
    };
    const start = async (settings: ServerSettings & { name: string; host: string }) => {
        const mine = new AbortController();

        abort.current?.abort();
        abort.current = mine;
        setTrying({ steps: [], state: "trying", error: undefined });
        try {
            const verdict = await runServerTest({ settings }, mine.signal, (step) =>
                setTrying((old) => ({ ...old, steps: [...old.steps, step] })),
            );

            if (verdict === "bad") {
                setTrying((old) => ({ ...old, state: "bad" }));
            } else {
                await save(settings);
            }
        } catch (thrown) {
            if (!mine.signal.aborted) {
                setTrying((old) => ({ ...old, state: "bad", error: asApiError(thrown) }));
            }
        }
    };

    return { trying, start, save };
}

function TryCard({ trying, onAnyway }: { trying: Trying; onAnyway: () => void }) {
    if (trying.state === "idle") {
        return null;
    }
    return (
        <Card title="The test">
            <div class="stack">
                <StepList steps={trying.steps} />
                {trying.state === "trying" && (
                    <p class="muted" role="status">
                        Trying … a real article is posted and read back.
                    </p>
                )}
                {trying.error !== undefined && <ErrorNote error={trying.error} />}
                {trying.state === "bad" && (
                    <Note tone="warn" alert>
                        <strong>It does not work yet, and was not kept.</strong>
                        <span>The step that failed says why. Change what is wrong above and test again.</span>
                        <div class="row">
                            <Button small onClick={onAnyway}>
                                Keep it anyway
                            </Button>
                        </div>
                    </Note>
                )}
            </div>
        </Card>
    );
}

function FormBody({ begin, old, taken }: { begin: Form; old: Server | undefined; taken: readonly string[] }) {
    const [form, setForm] = useState(begin);
    const [tried, setTried] = useState(false);
    const wrong = wrongOf(form);
    const shown = tried ? wrong : {};
    const name = old?.name ?? (form.name === "" ? nameFor(form.host.trim(), taken) : form.name);
    const settings = settingsOf(form, name);
    const { trying, start, save } = useTryAndKeep(async (kept) => {
        await (old === undefined
            ? post("/api/servers", { body: kept })
            : post("/api/servers/{name}", { path: { name: old.name }, body: kept }));
        say(`${name} works and is kept.`);
        go(old === undefined && taken.length === 0 ? "#/" : "#/providers");
    });
    const fields: FieldsProps = {
        form,
        wrong: shown,
        old,
        set: (part) => setForm((before) => ({ ...before, ...part })),
    };
    const busy = trying.state === "trying" || trying.state === "saving";

    return (
        <>
            <Card>
                <form
                    class="stack wide"
                    noValidate
                    onSubmit={(event) => {
                        event.preventDefault();
                        setTried(true);
                        if (Object.keys(wrong).length === 0) {
                            void start(settings);
                        }
                    }}
                >
                    <ServerFields {...fields} />
                    <AccountFields {...fields} />
                    <MoreFields {...fields} />
                    <div class="row">
                        <Button submit kind="primary" icon="plug" disabled={busy}>
                            {old === undefined ? "Test and add" : "Test and save"}
                        </Button>
                        <LinkButton kind="quiet" to="#/providers">
                            Not now
                        </LinkButton>
                    </div>
                </form>
            </Card>
            <TryCard trying={trying} onAnyway={() => void save(settings)} />
        </>
    );
}

/** `how`: "add", or "edit" with the provider's name; "add" with "newsd" fills in the small server. */
export function ProviderForm({ how, name }: { how: string; name: string | undefined }) {
    const editing = how === "edit" && name !== undefined;
    const servers = useServers();
    const { data: old, error } = useLoad(
        async () => (editing ? await get("/api/servers/{name}", { path: { name } }) : undefined),
        [editing, name],
    );
    const ready = servers.data !== undefined && (!editing || old !== undefined);

    return (
        <>
            <Head title={editing ? `Change ${name}` : "Add a provider"}>
                {editing
                    ? "What you change is tried before it is kept."
                    : "What your provider gave you goes in here. It is tried with a real article before it is kept."}
            </Head>
            {error !== undefined && <ErrorNote error={error} />}
            {!ready && error === undefined && <Loading />}
            {ready && (
                <FormBody
                    begin={old !== undefined ? formOf(old) : name === "newsd" ? NEWSD : EMPTY}
                    old={old}
                    taken={(servers.data ?? []).map((server) => server.name)}
                />
            )}
        </>
    );
}
