// Share a folder: choose, see what stays out, see what it comes to, begin.
import { useEffect, useState } from "preact/hooks";
import { get, post } from "../api/client";
import type { FolderPage, Redundancy } from "../api/types";
import { baseName, nameKey, nameOf, nameText } from "../lib/names";
import { go } from "../lib/route";
import { useServers } from "../state/server";
import {
    Button,
    Card,
    Check,
    Choices,
    ErrorNote,
    Field,
    Head,
    LinkButton,
    Note,
    TextField,
} from "../ui/basic";
import { EstimateView, useEstimate, type EstimateAsked } from "../ui/estimate";
import { FileBrowser, TYPE_ICONS, toggled, type Choice, type Chosen } from "../ui/file_browser";
import { useAction, useLoad, useQuiet } from "../ui/hooks";
import { Icon } from "../ui/icon";
import { Name } from "../ui/name";
import { PreviewDialog } from "../ui/preview";

export const REDUNDANCIES: readonly { value: Redundancy; title: string; text: string }[] = [
    { value: "lean", title: "Lean, 5 %", text: "Smallest. For short times and good providers." },
    { value: "normal", title: "Normal, 10 %", text: "Right for nearly everything." },
    { value: "long-term", title: "Long-term, 15 %", text: "For what must be there in years." },
];

interface ChosenProps {
    choice: Choice;
    onChoice: (choice: Choice) => void;
}

function ChosenList({ choice, onChoice }: ChosenProps) {
    if (choice.size === 0) {
        return (
            <p class="muted">
                Nothing chosen yet. Tick what you want to share, or open a folder and choose all of it. One
                folder becomes the share itself; several things lie side by side in it.
            </p>
        );
    }
    return (
        <ul class="chosen" aria-label="Chosen">
            {[...choice.values()].map((one) => (
                <li key={nameKey(one.path)}>
                    <Icon name={TYPE_ICONS[one.type]} />
                    <span class="grow">
                        <Name name={one.path} />
                    </span>
                    <Button
                        small
                        kind="quiet"
                        icon="stop"
                        label={`Do not share ${nameText(one.path)}`}
                        onClick={() => onChoice(toggled(choice, one))}
                    />
                </li>
            ))}
        </ul>
    );
}

function Choosing({ choice, onChoice }: ChosenProps) {
    const [place, setPlace] = useState<FolderPage>();
    const here: Chosen | undefined =
        place === undefined ? undefined : { path: nameOf(place, "path"), type: "directory" };
    const isOn = here !== undefined && choice.has(nameKey(here.path));

    return (
        <Card
            title="1. Choose files and folders"
            actions={
                here !== undefined && (
                    <Button
                        small
                        icon={isOn ? "stop" : "plus"}
                        onClick={() => onChoice(toggled(choice, here))}
                    >
                        {isOn ? "Leave this folder out" : "Choose this whole folder"}
                    </Button>
                )
            }
        >
            <div class="stack">
                <FileBrowser choice={choice} onChoice={onChoice} onPlace={setPlace} />
                <ChosenList choice={choice} onChoice={onChoice} />
            </div>
        </Card>
    );
}

interface Options {
    title: string;
    redundancy: Redundancy;
    ignore: string;
    oneFileSystem: boolean;
}

interface OptionsProps {
    options: Options;
    onOptions: (options: Options) => void;
    choice: Choice;
}

/** The title that the daemon gives when none is said: the name of the first thing. */
function usualTitle(choice: Choice): string {
    const first = [...choice.values()][0];

    return first === undefined ? "" : nameText(baseName(first.path));
}

function LeaveOut({ options, onOptions, choice }: OptionsProps) {
    const [previewing, setPreviewing] = useState(false);
    const set = (part: Partial<Options>) => onOptions({ ...options, ...part });
    const all = [...choice.values()];
    const folders = all.filter((one) => one.type === "directory").map((one) => one.path);
    const hint = (
        <>
            One a line, as in a .gitignore file: <code>*.tmp</code>, <code>/cache/</code>,{" "}
            <code>!keep.tmp</code>. They stay with the share.
        </>
    );

    return (
        <details open={options.ignore !== ""}>
            <summary>Leave something out</summary>
            <div class="stack">
                <Field label="Ignore rules" hint={hint}>
                    {(ids) => (
                        <textarea
                            {...ids}
                            class="input"
                            value={options.ignore}
                            spellcheck={false}
                            onInput={(event) => set({ ignore: event.currentTarget.value })}
                        />
                    )}
                </Field>
                <div class="row">
                    <Button
                        small
                        icon="eye"
                        disabled={folders.length === 0}
                        onClick={() => setPreviewing(true)}
                    >
                        See what stays out
                    </Button>
                </div>
                <Check
                    label="Stay on one file system"
                    hint="Folders where another disk or network drive is mounted stay empty in the share."
                    checked={options.oneFileSystem}
                    onChecked={(oneFileSystem) => set({ oneFileSystem })}
                />
            </div>
            {previewing && (
                <PreviewDialog
                    paths={all.map((one) => one.path)}
                    folders={folders}
                    ignore={options.ignore}
                    onClose={() => setPreviewing(false)}
                />
            )}
        </details>
    );
}

function OptionFields(props: OptionsProps) {
    const { options, onOptions, choice } = props;

    return (
        <Card title="2. Options">
            <div class="stack wide">
                <TextField
                    label="Title"
                    value={options.title}
                    placeholder={usualTitle(choice)}
                    onValue={(title) => onOptions({ ...options, title })}
                    hint="Who has the link sees it. Empty: the name of what you chose."
                />
                <Choices
                    legend="Recovery data: how much may get lost before anything is lost"
                    value={options.redundancy}
                    options={REDUNDANCIES}
                    onValue={(redundancy) => onOptions({ ...options, redundancy })}
                />
                <LeaveOut {...props} />
            </div>
        </Card>
    );
}

function askedOf(choice: Choice, options: Options): EstimateAsked | undefined {
    const paths = [...choice.values()].map((one) => one.path);

    return paths.length === 0
        ? undefined
        : {
              paths,
              ignore: options.ignore,
              one_file_system: options.oneFileSystem,
              redundancy: options.redundancy,
          };
}

function NoProvider() {
    return (
        <Note tone="warn">
            <strong>There is no provider yet.</strong>
            <span>You can choose and look, but sharing needs a news server.</span>
            <div class="row">
                <LinkButton small to="#/providers/add">
                    Add a provider
                </LinkButton>
            </div>
        </Note>
    );
}

function Start({ asked, title, able }: { asked: EstimateAsked | undefined; title: string; able: boolean }) {
    const estimate = useEstimate(useQuiet(JSON.stringify(asked ?? null), 500));
    const acting = useAction();
    const begin = async (paths: EstimateAsked) => {
        const { job } = await post("/api/shares", { body: { ...paths, ...(title === "" ? {} : { title }) } });

        go(`#/jobs/${job}`);
    };

    return (
        <Card title="3. What it comes to">
            <div class="stack wide">
                <EstimateView state={estimate} />
                {acting.error !== undefined && <ErrorNote error={acting.error} />}
                <div class="row">
                    <Button
                        kind="primary"
                        icon="send"
                        disabled={asked === undefined || acting.busy || !able}
                        onClick={() => void (asked !== undefined && acting.run(() => begin(asked)))}
                    >
                        {estimate.last?.share != null ? "Publish the next version" : "Share it"}
                    </Button>
                    <span class="small muted">
                        What is posted cannot be taken back: nobody can delete Usenet. Without the link nobody
                        can read it.
                    </span>
                </div>
            </div>
        </Card>
    );
}

const BEGIN: Options = { title: "", redundancy: "normal", ignore: "", oneFileSystem: false };

export function ShareFolder() {
    const [choice, setChoice] = useState<Choice>(new Map());
    const [options, setOptions] = useState(BEGIN);
    const settings = useLoad(() => get("/api/settings"), []).data;
    const servers = useServers().data;

    useEffect(() => {
        if (settings !== undefined) {
            const { redundancy, ignore, one_file_system } = settings.defaults;

            setOptions((old) => ({ ...old, redundancy, ignore, oneFileSystem: one_file_system }));
        }
    }, [settings]);
    return (
        <>
            <Head title="Share a folder">
                It is encrypted here, posted to your provider, checked, and at the end there is one link.
                Nothing is changed on your disk.
            </Head>
            {servers?.length === 0 && <NoProvider />}
            <Choosing choice={choice} onChoice={setChoice} />
            <OptionFields options={options} onOptions={setOptions} choice={choice} />
            <Start
                asked={askedOf(choice, options)}
                title={options.title.trim()}
                able={servers?.length !== 0}
            />
        </>
    );
}
