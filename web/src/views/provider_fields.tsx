// What is asked about a provider: the fields of its form, what is wrong with them, and what they say.
import type { Server, ServerRole, ServerSettings } from "../api/types";
import { bytes, parseRate } from "../lib/format";
import { Check, Choices, TextField } from "../ui/basic";

export interface Form {
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
    roles: readonly ServerRole[];
    order: string;
    quota: string;
    /** its account was filled up: what was used counts no more */
    filledUp: boolean;
}

const ROLES: readonly { value: ServerRole; title: string; text: string }[] = [
    { value: "post", title: "Posting", text: "Your shares go out through it." },
    { value: "read", title: "Fetching", text: "Articles are fetched from it." },
    { value: "confirm", title: "Checking", text: "It is asked whether it has what was posted." },
];

const ALL_ROLES = ROLES.map(({ value }) => value);

export const EMPTY: Form = {
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
    roles: ALL_ROLES,
    order: "",
    quota: "",
    filledUp: false,
};

export const NEWSD: Form = {
    ...EMPTY,
    name: "newsd",
    host: "127.0.0.1",
    port: "1119",
    tls: false,
    connections: "4",
};

export const formOf = (server: Server): Form => ({
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
    roles: server.roles,
    order: String(server.order),
    quota: server.quota == null ? "" : bytes(server.quota),
    filledUp: false,
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

export type Wrong = Partial<Record<keyof Form, string>>;

export function wrongOf(form: Form): Wrong {
    const wrong: Wrong = {};
    const port = Number(form.port);
    const connections = Number(form.connections);
    const order = Number(form.order);

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
    if (!(Number.isInteger(order) && order >= 0 && order <= 1000)) {
        wrong.order = "A number from 0 to 1000.";
    }
    if (parseRate(form.quota) === undefined) {
        wrong.quota = "A size like 500 GB, or nothing.";
    }
    if (form.roles.length === 0) {
        wrong.roles = "At least one.";
    }
    return wrong;
}

/** A limit that was shown and not touched stays to the byte. */
function quotaOf(form: Form, old: Server | undefined): Pick<ServerSettings, "quota" | "spent"> {
    const untouched = old?.quota != null && form.quota === bytes(old.quota);

    return {
        ...(untouched ? {} : { quota: parseRate(form.quota) || null }),
        ...(form.filledUp ? { spent: 0 } : {}),
    };
}

export type NamedSettings = ServerSettings & { name: string; host: string };

export function settingsOf(form: Form, name: string, old: Server | undefined): NamedSettings {
    return {
        name,
        host: form.host.trim(),
        port: form.port === "" ? null : Number(form.port),
        tls: form.tls,
        tls_ca: form.tlsCa.trim(),
        user: form.user.trim(),
        plain_password: form.plainPassword,
        connections: Number(form.connections),
        roles: form.roles.length === ALL_ROLES.length ? null : [...form.roles],
        ...(form.order.trim() === "" ? {} : { order: Number(form.order) }),
        ...quotaOf(form, old),
        ...(form.group.trim() === "" ? {} : { group: form.group.trim() }),
        ...(form.password === "" ? {} : { password: form.password }),
    };
}

export interface FieldsProps {
    form: Form;
    wrong: Wrong;
    set: (part: Partial<Form>) => void;
    old: Server | undefined;
}

export function ServerFields({ form, wrong, set }: FieldsProps) {
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

export function AccountFields({ form, set, old }: FieldsProps) {
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

export function MoreFields({ form, wrong, set, old }: FieldsProps) {
    const look = (["name", "connections"] as const).some((key) => wrong[key] !== undefined);

    return (
        <details open={look}>
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

function Roles({ form, wrong, set }: FieldsProps) {
    const toggle = (role: ServerRole, on: boolean) =>
        set({ roles: ALL_ROLES.filter((one) => (one === role ? on : form.roles.includes(one))) });

    return (
        <fieldset aria-describedby={wrong.roles === undefined ? undefined : "roles-wrong"}>
            <legend class="legend">What it is for</legend>
            <div class="fields">
                {ROLES.map(({ value, title, text }) => (
                    <Check
                        key={value}
                        label={title}
                        hint={text}
                        checked={form.roles.includes(value)}
                        onChecked={(on) => toggle(value, on)}
                    />
                ))}
            </div>
            {wrong.roles !== undefined && (
                <span class="wrong" id="roles-wrong">
                    {wrong.roles}
                </span>
            )}
        </fieldset>
    );
}

/** For who has several of them, or pays by the byte. */
export function SeveralFields(props: FieldsProps) {
    const { form, wrong, set, old } = props;
    const look = (["roles", "order", "quota"] as const).some((key) => wrong[key] !== undefined);

    return (
        <details open={look}>
            <summary>Several providers, and accounts paid by the byte</summary>
            <div class="stack">
                <Roles {...props} />
                <div class="fields">
                    <TextField
                        label="Turn"
                        value={form.order}
                        onValue={(order) => set({ order })}
                        wrong={wrong.order}
                        placeholder="behind the others"
                        hint="The lower is asked first; those with the same number share the work."
                    />
                    <TextField
                        label="Bytes paid for"
                        value={form.quota}
                        onValue={(quota) => set({ quota })}
                        wrong={wrong.quota}
                        placeholder="no limit"
                        hint="Like 500 GB. When so much was sent and fetched, it is only asked what it has."
                    />
                </div>
                {old?.quota != null && (
                    <Check
                        label="The account was filled up again"
                        hint={`${bytes(old.spent)} are used up; counting begins anew.`}
                        checked={form.filledUp}
                        onChecked={(filledUp) => set({ filledUp })}
                    />
                )}
            </div>
        </details>
    );
}
