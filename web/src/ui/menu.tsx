// A button that opens a short list of things to do.
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { Icon, type IconName } from "./icon";

interface Props {
    label: string;
    icon: IconName;
    words?: string;
    items: readonly { words: string; run: () => void }[];
    small?: boolean;
    disabled?: boolean;
}

/** Close it when one presses outside; the first item has the focus while it is open. */
function useOpen(box: { current: HTMLDivElement | null }) {
    const [open, setOpen] = useState(false);

    useEffect(() => {
        if (!open) {
            return;
        }
        const outside = (event: Event) => {
            if (!(event.target instanceof Node && box.current?.contains(event.target) === true)) {
                setOpen(false);
            }
        };

        itemsOf(box.current)[0]?.focus();
        addEventListener("pointerdown", outside);
        return () => removeEventListener("pointerdown", outside);
    }, [open]);
    return [open, setOpen] as const;
}

const itemsOf = (box: HTMLDivElement | null): HTMLButtonElement[] => [
    ...(box?.querySelectorAll<HTMLButtonElement>("[role=menuitem]") ?? []),
];

/** The arrow keys go round through the items. */
function step(box: HTMLDivElement | null, key: string): boolean {
    const all = itemsOf(box);
    const at = all.indexOf(document.activeElement as HTMLButtonElement);
    const by = key === "ArrowDown" ? 1 : key === "ArrowUp" ? -1 : 0;

    if (by !== 0) {
        all[(at + by + all.length) % all.length]?.focus();
    }
    return by !== 0;
}

export function Menu({ label, icon, words, items, small = false, disabled = false }: Props) {
    const box = useRef<HTMLDivElement>(null);
    const [open, setOpen] = useOpen(box);
    const id = useId();
    const close = () => {
        setOpen(false);
        box.current?.querySelector("button")?.focus();
    };
    const onKey = (event: KeyboardEvent) => {
        if (open && (event.key === "Escape" || event.key === "Tab")) {
            close();
            event.stopPropagation();
        } else if (open && step(box.current, event.key)) {
            event.preventDefault();
        }
    };

    return (
        <div class="menu" ref={box} onKeyDown={onKey}>
            <button
                type="button"
                class={`button ${words === undefined ? "quiet icon" : ""} ${small ? "small" : ""}`}
                aria-haspopup="menu"
                aria-expanded={open}
                aria-controls={open ? id : undefined}
                aria-label={label}
                title={words === undefined ? label : undefined}
                disabled={disabled}
                onClick={() => setOpen(!open)}
            >
                <Icon name={icon} size={small ? 16 : 18} />
                {words}
            </button>
            {open && <MenuList id={id} label={label} items={items} onChosen={close} />}
        </div>
    );
}

function MenuList({
    id,
    label,
    items,
    onChosen,
}: {
    id: string;
    label: string;
    items: Props["items"];
    onChosen: () => void;
}) {
    return (
        <div class="menu-list" role="menu" id={id} aria-label={label}>
            {items.map((item) => (
                <button
                    type="button"
                    role="menuitem"
                    tabIndex={-1}
                    onClick={() => {
                        onChosen();
                        item.run();
                    }}
                >
                    {item.words}
                </button>
            ))}
        </div>
    );
}
