// Add a provider, or change one: every field explained, everything tried before it is kept.
import { useEffect, useRef, useState } from "preact/hooks";
import { get, post } from "../api/client";
import { asApiError, type ApiError } from "../api/errors";
import type { Server, ServerStep } from "../api/types";
import { go } from "../lib/route";
import { useServers } from "../state/server";
import { Button, Card, ErrorNote, Head, LinkButton, Loading, Note } from "../ui/basic";
import { useLoad } from "../ui/hooks";
import { runServerTest, StepList } from "../ui/server_steps";
import { say } from "../ui/toast";
import {
    AccountFields,
    EMPTY,
    formOf,
    MoreFields,
    nameFor,
    NEWSD,
    ServerFields,
    settingsOf,
    SeveralFields,
    wrongOf,
    type FieldsProps,
    type Form,
    type NamedSettings,
} from "./provider_fields";

interface Trying {
    steps: readonly ServerStep[];
    state: "idle" | "trying" | "saving" | "bad";
    error: ApiError | undefined;
}

/** Try the settings and keep them when they work. */
function useTryAndKeep(keep: (settings: NamedSettings, works: boolean) => Promise<void>) {
    const [trying, setTrying] = useState<Trying>({ steps: [], state: "idle", error: undefined });
    const abort = useRef<AbortController | undefined>(undefined);

    useEffect(() => () => abort.current?.abort(), []);
    const save = async (settings: NamedSettings, works: boolean) => {
        setTrying((old) => ({ ...old, state: "saving", error: undefined }));
        try {
            await keep(settings, works);
        } catch (thrown) {
            setTrying((old) => ({ ...old, state: "bad", error: asApiError(thrown) }));
        }
    };
    const start = async (settings: NamedSettings) => {
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
                await save(settings, true);
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
    const end = useRef<HTMLDivElement>(null);

    // It lies below the form: whoever pressed the button is to see what came of it.
    useEffect(() => end.current?.scrollIntoView({ block: "nearest" }), [trying.state, trying.steps.length]);
    if (trying.state === "idle") {
        return null;
    }
    return (
        <Card title="The test">
            <div class="stack" ref={end}>
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
    const settings = settingsOf(form, name, old);
    const { trying, start, save } = useTryAndKeep(async (kept, works) => {
        await (old === undefined
            ? post("/api/servers", { body: kept })
            : post("/api/servers/{name}", { path: { name: old.name }, body: kept }));
        say(works ? `${name} works and is kept.` : `${name} is kept. It does not work yet.`);
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
                    <SeveralFields {...fields} />
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
            <TryCard trying={trying} onAnyway={() => void save(settings, false)} />
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
