// Settings: limits and timetable, defaults, what the page may see, how it looks, sessions.
import { useEffect, useState } from "preact/hooks";
import { post } from "../api/client";
import { dropSession } from "../api/session";
import type { Redundancy, Settings } from "../api/types";
import { bytes, parseRate } from "../lib/format";
import { nameKey, type WireName } from "../lib/names";
import { useSettings } from "../state/server";
import { showTheme, type Theme } from "../state/theme";
import { Button, Card, Check, Choices, ErrorNote, Field, Head, Loading, TextField } from "../ui/basic";
import { ask } from "../ui/dialog";
import { useAction } from "../ui/hooks";
import { Icon } from "../ui/icon";
import { Name } from "../ui/name";
import { REDUNDANCIES } from "./share_folder";
import { RATE_WRONG, saveBy, type PartProps } from "./settings_part";
import { TimetableCard } from "./timetable";

/** Round where that is exact: saving the form must not change what nobody touched. */
export function rateText(value: number | null): string {
    const round = value === null ? "" : bytes(value);

    return value === null || parseRate(round) === value ? round : `${value} B`;
}

interface LimitForm {
    upload: string;
    download: string;
    connections: string;
    workers: string;
    nice: string;
    memory: string;
    atOnce: string;
}

function limitFormOf({ limits }: Settings): LimitForm {
    return {
        upload: rateText(limits.upload_rate),
        download: rateText(limits.download_rate),
        connections: String(limits.connections ?? ""),
        workers: String(limits.workers ?? ""),
        nice: String(limits.nice ?? ""),
        memory: rateText(limits.memory),
        atOnce: String(limits.jobs_at_once),
    };
}

const noneIfZero = (value: number | null | undefined) => (value === 0 ? null : value);

/** undefined: it is not understood. */
const wholeOf = (text: string): number | null | undefined =>
    text.trim() === "" ? null : /^\d+$/.test(text.trim()) ? Number(text) : undefined;

/** The form as the daemon wants it, and what is wrong with it. */
export function limitsOf(form: LimitForm) {
    const upload = noneIfZero(parseRate(form.upload));
    const download = noneIfZero(parseRate(form.download));
    const memory = noneIfZero(parseRate(form.memory));
    const connections = wholeOf(form.connections);
    const workers = wholeOf(form.workers);
    const nice = noneIfZero(wholeOf(form.nice));
    const atOnce = wholeOf(form.atOnce);
    const between = (value: number | null | undefined, least: number, most: number) =>
        value === null || (value !== undefined && value >= least && value <= most);
    const wrong: Partial<Record<keyof LimitForm, string>> = {
        ...(between(upload, 1024, Infinity) ? {} : { upload: RATE_WRONG }),
        ...(between(download, 1024, Infinity) ? {} : { download: RATE_WRONG }),
        ...(between(memory, 64 * 1024 ** 2, Infinity)
            ? {}
            : { memory: "At least 64 MiB; empty: what the program finds best." }),
        ...(between(connections, 1, 6400)
            ? {}
            : { connections: "A number from 1; empty: all that the providers allow." }),
        ...(between(workers, 1, 64) ? {} : { workers: "From 1 to 64; empty: as many as there are cores." }),
        ...(between(nice, 1, 19) ? {} : { nice: "From 1 to 19; empty: like any other program." }),
        ...(atOnce != null && between(atOnce, 1, 8) ? {} : { atOnce: "From 1 to 8." }),
    };

    return {
        wrong,
        change: {
            upload_rate: upload ?? null,
            download_rate: download ?? null,
            memory: memory ?? null,
            connections: connections ?? null,
            workers: workers ?? null,
            nice: nice ?? null,
            jobs_at_once: atOnce ?? 2,
        },
    };
}

function LimitsCard({ settings, onSaved }: PartProps) {
    const [form, setForm] = useState(() => limitFormOf(settings));
    const acting = useAction();
    const save = saveBy(acting, onSaved);
    const { wrong, change } = limitsOf(form);
    const field = (key: keyof LimitForm, label: string, hint: string, placeholder: string) => (
        <TextField
            label={label}
            value={form[key]}
            onValue={(value) => setForm((old) => ({ ...old, [key]: value }))}
            hint={hint}
            wrong={wrong[key]}
            placeholder={placeholder}
        />
    );

    useEffect(() => setForm(limitFormOf(settings)), [JSON.stringify(settings.limits)]);
    return (
        <Card title="Limits">
            <form
                class="stack wide"
                noValidate
                onSubmit={(event) => {
                    event.preventDefault();
                    if (Object.keys(wrong).length === 0) {
                        void save({ limits: change });
                    }
                }}
            >
                <div class="fields">
                    {field("upload", "Sending, a second", "Like 5 MiB. Jobs share it fairly.", "no limit")}
                    {field("download", "Fetching, a second", "Like 20 MiB.", "no limit")}
                    {field(
                        "connections",
                        "Connections",
                        "Over all providers, never more than each allows.",
                        "all allowed",
                    )}
                    {field("atOnce", "Jobs at once", "The others wait in order.", "2")}
                    {field("memory", "Memory", "For articles under way, like 256 MiB.", "automatic")}
                    {field("workers", "Threads", "They read, seal and reckon.", "automatic")}
                    {field(
                        "nice",
                        "Niceness",
                        "Threads give way to other programs: 1 a little, 19 always.",
                        "0",
                    )}
                </div>
                {acting.error !== undefined && <ErrorNote error={acting.error} />}
                <div class="row">
                    <Button submit kind="primary" disabled={acting.busy || Object.keys(wrong).length > 0}>
                        Save limits
                    </Button>
                </div>
            </form>
        </Card>
    );
}

function DefaultsCard({ settings, onSaved }: PartProps) {
    const [redundancy, setRedundancy] = useState<Redundancy>(settings.defaults.redundancy);
    const [ignore, setIgnore] = useState(settings.defaults.ignore);
    const [oneFileSystem, setOneFileSystem] = useState(settings.defaults.one_file_system);
    const acting = useAction();
    const save = saveBy(acting, onSaved);

    return (
        <Card title="Defaults for new shares">
            <form
                class="stack wide"
                onSubmit={(event) => {
                    event.preventDefault();
                    void save({ defaults: { redundancy, ignore, one_file_system: oneFileSystem } });
                }}
            >
                <Choices
                    legend="Recovery data"
                    value={redundancy}
                    options={REDUNDANCIES}
                    onValue={setRedundancy}
                />
                <Field label="Ignore rules" hint="One a line, as in a .gitignore file.">
                    {(ids) => (
                        <textarea
                            {...ids}
                            class="input"
                            value={ignore}
                            spellcheck={false}
                            onInput={(event) => setIgnore(event.currentTarget.value)}
                        />
                    )}
                </Field>
                <Check label="Stay on one file system" checked={oneFileSystem} onChecked={setOneFileSystem} />
                {acting.error !== undefined && <ErrorNote error={acting.error} />}
                <div class="row">
                    <Button submit kind="primary" disabled={acting.busy}>
                        Save defaults
                    </Button>
                </div>
            </form>
        </Card>
    );
}

function RootsCard({ settings, onSaved }: PartProps) {
    const [path, setPath] = useState("");
    const acting = useAction();
    const save = saveBy(acting, onSaved);
    const roots = settings.roots as WireName[];
    const put = async (next: WireName[]) => {
        await save({ roots: next });
        setPath("");
    };

    return (
        <Card title="Folders this page may use">
            <div class="stack">
                <p class="muted">
                    The page looks, shares and restores only within these. The command line may go everywhere.
                </p>
                <ul class="chosen">
                    {roots.map((root) => (
                        <li key={nameKey(root)}>
                            <Icon name="folder" />
                            <span class="grow">
                                <Name name={root} />
                            </span>
                            {roots.length > 1 && (
                                <Button
                                    small
                                    kind="quiet"
                                    icon="stop"
                                    label="Take this folder out of the list"
                                    onClick={() =>
                                        void put(roots.filter((other) => nameKey(other) !== nameKey(root)))
                                    }
                                />
                            )}
                        </li>
                    ))}
                </ul>
                <form
                    class="row new-folder"
                    onSubmit={(event) => {
                        event.preventDefault();
                        void put([...roots, path.trim()]);
                    }}
                >
                    <div class="grow">
                        <TextField
                            label="Another folder"
                            value={path}
                            onValue={setPath}
                            placeholder="/mnt/photos"
                        />
                    </div>
                    <Button submit icon="plus" disabled={acting.busy || !path.trim().startsWith("/")}>
                        Add it
                    </Button>
                </form>
                {acting.error !== undefined && <ErrorNote error={acting.error} />}
            </div>
        </Card>
    );
}

const THEMES: readonly { value: Theme; title: string; text: string }[] = [
    { value: "system", title: "As the system", text: "Changes when the system does." },
    { value: "light", title: "Light", text: "Dark letters on light ground." },
    { value: "dark", title: "Dark", text: "Light letters on dark ground." },
];

function LookCard({ settings, onSaved }: PartProps) {
    const acting = useAction();
    const choose = async (theme: Theme) => {
        showTheme(theme);
        if (await acting.run(() => post("/api/settings", { body: { theme } }))) {
            onSaved();
        }
    };

    return (
        <Card title="Look">
            <div class="stack">
                <Choices
                    legend="Theme"
                    value={settings.theme}
                    options={THEMES}
                    onValue={(value) => void choose(value)}
                />
                {acting.error !== undefined && <ErrorNote error={acting.error} />}
            </div>
        </Card>
    );
}

function logOut(all: boolean): void {
    ask({
        title: all ? "Log out everywhere?" : "Log out here?",
        body: (
            <p>
                {all
                    ? "Every browser that is logged in must log in again."
                    : "This browser must log in again."}{" "}
                Jobs go on. <code>usenetsync ui</code> in a terminal opens the page again.
            </p>
        ),
        action: "Log out",
        run: async () => {
            await post("/api/session/logout", { body: { all } });
            dropSession();
        },
    });
}

function SessionCard() {
    return (
        <Card title="Who is logged in">
            <div class="stack">
                <p class="muted">
                    This page belongs to the account that runs the daemon. A session ends when it is not used
                    for long.
                </p>
                <div class="row">
                    <Button onClick={() => logOut(false)}>Log out here</Button>
                    <Button onClick={() => logOut(true)}>Log out everywhere</Button>
                </div>
            </div>
        </Card>
    );
}

export function SettingsPage() {
    const { data, error, reload } = useSettings();

    return (
        <>
            <Head title="Settings">What you change here holds at once, for running jobs too.</Head>
            {error !== undefined && <ErrorNote error={error} onRetry={reload} />}
            {data === undefined && error === undefined && <Loading />}
            {data !== undefined && (
                <>
                    <LimitsCard settings={data} onSaved={reload} />
                    <TimetableCard settings={data} onSaved={reload} />
                    <DefaultsCard settings={data} onSaved={reload} />
                    <RootsCard settings={data} onSaved={reload} />
                    <LookCard settings={data} onSaved={reload} />
                    <SessionCard />
                </>
            )}
        </>
    );
}
