// The small things that pages are made of.
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { adviceFor, sentence, type ApiError } from "../api/errors";
import { Icon, type IconName } from "./icon";
import { Name } from "./name";

interface ButtonProps {
    children?: ComponentChildren;
    icon?: IconName;
    kind?: "plain" | "primary" | "danger" | "quiet";
    small?: boolean;
    disabled?: boolean;
    /** what it does, for who cannot see what it stands beside, or when it has no words */
    label?: string;
    submit?: boolean;
    pressed?: boolean;
    onClick?: () => void;
}

export function Button(props: ButtonProps) {
    const { kind = "plain", small = false, children, icon } = props;
    const bare = children === undefined;
    const classes = ["button", kind, small ? "small" : "", bare ? "icon" : ""].join(" ");

    return (
        <button
            type={props.submit === true ? "submit" : "button"}
            class={classes}
            disabled={props.disabled ?? false}
            aria-label={props.label}
            aria-pressed={props.pressed}
            title={bare ? props.label : undefined}
            onClick={props.onClick}
        >
            {icon !== undefined && <Icon name={icon} size={small ? 16 : 18} />}
            {children}
        </button>
    );
}

export function LinkButton(props: {
    to: string;
    children: ComponentChildren;
    icon?: IconName;
    kind?: "plain" | "primary" | "quiet";
    small?: boolean;
}) {
    const classes = ["button", props.kind ?? "plain", props.small === true ? "small" : ""].join(" ");

    return (
        <a class={classes} href={props.to}>
            {props.icon !== undefined && <Icon name={props.icon} />}
            {props.children}
        </a>
    );
}

export type Tone = "plain" | "good" | "warn" | "bad" | "accent";

export function Badge({ tone = "plain", children }: { tone?: Tone; children: ComponentChildren }) {
    return <span class={`badge ${tone}`}>{children}</span>;
}

const NOTE_ICONS = { plain: "info", good: "good", warn: "warn", bad: "bad" } as const;

interface NoteProps {
    tone?: keyof typeof NOTE_ICONS;
    children: ComponentChildren;
    /** read aloud when it appears */
    alert?: boolean;
}

export function Note({ tone = "plain", children, alert = false }: NoteProps) {
    return (
        <div class={`note ${tone}`} role={alert ? "alert" : undefined}>
            <Icon name={NOTE_ICONS[tone]} />
            <div class="body">{children}</div>
        </div>
    );
}

/** An error: the sentence, what to do, the code for who asks about it. */
export function ErrorNote({ error, onRetry }: { error: ApiError; onRetry?: () => void }) {
    const advice = adviceFor(error.code);

    return (
        <Note tone="bad" alert>
            <strong>
                <Name name={sentence(error.text)} />
            </strong>
            {advice !== undefined && <span>{advice.text}</span>}
            <span class="small muted">Error code: {error.code}</span>
            {(advice?.to !== undefined || onRetry !== undefined) && (
                <div class="row">
                    {onRetry !== undefined && (
                        <Button small icon="retry" onClick={onRetry}>
                            Try again
                        </Button>
                    )}
                    {advice?.to !== undefined && (
                        <LinkButton small to={advice.to}>
                            {advice.label}
                        </LinkButton>
                    )}
                </div>
            )}
        </Note>
    );
}

interface EmptyProps {
    icon: IconName;
    title: string;
    children: ComponentChildren;
    actions?: ComponentChildren;
}

/** Nothing here yet: what would be, and how it comes. */
export function Empty({ icon, title, children, actions }: EmptyProps) {
    return (
        <div class="empty">
            <Icon name={icon} />
            <h2>{title}</h2>
            {children}
            {actions !== undefined && <div class="row">{actions}</div>}
        </div>
    );
}

interface HeadProps {
    title: ComponentChildren;
    children?: ComponentChildren;
    actions?: ComponentChildren;
}

/** The top of a page. Its heading takes the focus when the page is entered (see app.tsx). */
export function Head({ title, children, actions }: HeadProps) {
    return (
        <header class="head">
            <div>
                <h1 tabIndex={-1}>{title}</h1>
                {children !== undefined && <p>{children}</p>}
            </div>
            {actions !== undefined && <div class="actions">{actions}</div>}
        </header>
    );
}

interface CardProps {
    title?: ComponentChildren;
    actions?: ComponentChildren;
    children: ComponentChildren;
    flush?: boolean;
}

export function Card({ title, actions, children, flush = false }: CardProps) {
    return (
        <section class={flush ? "card flush" : "card"}>
            {(title !== undefined || actions !== undefined) && (
                <div class="title">
                    <h2>{title}</h2>
                    {actions !== undefined && <div class="row">{actions}</div>}
                </div>
            )}
            {children}
        </section>
    );
}

export interface FieldIds {
    id: string;
    "aria-describedby"?: string;
    "aria-invalid"?: "true";
}

interface FieldProps {
    label: string;
    hint?: ComponentChildren;
    wrong?: string | undefined;
    children: (ids: FieldIds) => ComponentChildren;
}

/** A label, its control, a hint, and what is wrong with it. */
export function Field({ label, hint, wrong, children }: FieldProps) {
    const id = useId();
    const described = [hint !== undefined ? `${id}-hint` : "", wrong !== undefined ? `${id}-wrong` : ""]
        .filter((part) => part !== "")
        .join(" ");

    return (
        <div class="field">
            <label for={id}>{label}</label>
            {children({
                id,
                ...(described !== "" ? { "aria-describedby": described } : {}),
                ...(wrong !== undefined ? { "aria-invalid": "true" as const } : {}),
            })}
            {hint !== undefined && (
                <span class="hint" id={`${id}-hint`}>
                    {hint}
                </span>
            )}
            {wrong !== undefined && (
                <span class="wrong" id={`${id}-wrong`}>
                    {wrong}
                </span>
            )}
        </div>
    );
}

interface TextProps {
    label: string;
    value: string;
    onValue: (value: string) => void;
    hint?: ComponentChildren;
    wrong?: string | undefined;
    type?: "text" | "password" | "time" | "search";
    placeholder?: string;
    autocomplete?: string;
    required?: boolean;
}

export function TextField(props: TextProps) {
    return (
        <Field label={props.label} hint={props.hint} wrong={props.wrong}>
            {(ids) => (
                <input
                    {...ids}
                    class="input"
                    type={(props.type ?? "text") as "text"}
                    value={props.value}
                    placeholder={props.placeholder}
                    autocomplete={(props.autocomplete ?? "off") as "off"}
                    spellcheck={false}
                    required={props.required ?? false}
                    onInput={(event) => props.onValue(event.currentTarget.value)}
                />
            )}
        </Field>
    );
}

interface CheckProps {
    label: ComponentChildren;
    hint?: ComponentChildren;
    checked: boolean;
    onChecked: (checked: boolean) => void;
    disabled?: boolean;
}

export function Check({ label, hint, checked, onChecked, disabled = false }: CheckProps) {
    return (
        <label class="check">
            <input
                type="checkbox"
                checked={checked}
                disabled={disabled}
                onChange={(event) => onChecked(event.currentTarget.checked)}
            />
            <span>
                {label}
                {hint !== undefined && <span class="hint">{hint}</span>}
            </span>
        </label>
    );
}

interface ChoicesProps<T extends string> {
    legend: string;
    value: T;
    options: readonly { value: T; title: string; text: string }[];
    onValue: (value: T) => void;
}

/** Radio buttons, each with its explanation. */
export function Choices<T extends string>({ legend, value, options, onValue }: ChoicesProps<T>) {
    const name = useId();

    return (
        <fieldset class="stack tight">
            <legend class="legend">{legend}</legend>
            <div class="choices">
                {options.map((option) => (
                    <label class="choice">
                        <input
                            type="radio"
                            name={name}
                            checked={option.value === value}
                            onChange={() => onValue(option.value)}
                        />
                        <span>
                            <strong>{option.title}</strong>
                            {option.text}
                        </span>
                    </label>
                ))}
            </div>
        </fieldset>
    );
}

interface BarProps {
    label: string;
    /** 0..1000; null: not known how far */
    permille: number | null;
    look?: "" | "done" | "stopped" | "failed";
    /** it is under way: with `permille` null it moves to show that */
    moving?: boolean;
}

export function Bar({ label, permille, look = "", moving = false }: BarProps) {
    const unknown = permille === null && moving;
    const width = permille === null ? 0 : Math.max(0, Math.min(1000, permille)) / 10;

    return (
        <div
            class={`bar ${look} ${unknown ? "unknown" : ""}`}
            role="progressbar"
            aria-label={label}
            aria-valuemin={0}
            aria-valuemax={100}
            aria-valuenow={permille === null ? undefined : Math.floor(width)}
        >
            <span style={unknown ? undefined : { width: `${width}%` }} />
        </div>
    );
}

/** Figures with their names. What is not known is called unknown by who formats it. */
export function Figures({ items }: { items: readonly (readonly [string, ComponentChildren])[] }) {
    return (
        <dl class="figures">
            {items.map(([name, value]) => (
                <div>
                    <dt>{name}</dt>
                    <dd>{value}</dd>
                </div>
            ))}
        </dl>
    );
}

export function Facts({ items }: { items: readonly (readonly [string, ComponentChildren])[] }) {
    return (
        <dl class="facts">
            {items.map(([name, value]) => (
                <>
                    <dt>{name}</dt>
                    <dd>{value}</dd>
                </>
            ))}
        </dl>
    );
}

export function Loading({ what = "Loading" }: { what?: string }) {
    return (
        <p class="muted" role="status">
            {what} …
        </p>
    );
}
