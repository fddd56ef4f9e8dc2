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

export function Menu({ label, icon, words, items, small = false, disabled = false }: Props) {
    const [open, setOpen] = useState(false);
    const box = useRef<HTMLDivElement>(null);
    const id = useId();
    const buttons = () => [...(box.current?.querySelectorAll<HTMLButtonElement>("[role=menuitem]") ?? [])];

    useEffect(() => {
        if (!open) {
            return;
        }
        const outside = (event: Event) => {
            if (!(event.target instanceof Node && box.current?.contains(event.target) === true)) {
                setOpen(false);
            }
        };

        buttons()[0]?.focus();
        addEventListener("pointerdown", outside);
        return () => removeEventListener("pointerdown", outside);
    }, [open]);
    const close = () => {
        setOpen(false);
        box.current?.querySelector("button")?.focus();
    };
    const onKey = (event: KeyboardEvent) => {
        const all = buttons();
        const at = all.indexOf(document.activeElement as HTMLButtonElement);
        const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;

        if (!open) {
            return;
        }
        if (event.key === "Escape" || event.key === "Tab") {
            close();
            event.stopPropagation();
        } else if (step !== 0) {
            all[(at + step + all.length) % all.length]?.focus();
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
            {open && (
                <div class="menu-list" role="menu" id={id} aria-label={label}>
                    {items.map((item) => (
                        <button
                            type="button"
                            role="menuitem"
                            tabIndex={-1}
                            onClick={() => {
                                close();
                                item.run();
                            }}
                        >
                            {item.words}
                        </button>
                    ))}
                </div>
            )}
        </div>
    );
}
