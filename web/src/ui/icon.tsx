// Line drawings of 24 by 24. They decorate: the words beside them are what is read aloud.

const PATHS = {
    home: "M3 11l9-7 9 7M5 10v10h5v-6h4v6h5V10",
    send: "M12 16V4M7 9l5-5 5 5M4 16v3a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2v-3",
    get: "M12 4v12M7 11l5 5 5-5M4 16v3a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2v-3",
    shares: "M4 6h16M4 12h16M4 18h10",
    server: "M4 4h16v7H4zM4 13h16v7H4zM8 7.5h.01M8 16.5h.01",
    activity: "M3 12h4l3-8 4 16 3-8h4",
    settings: "M4 7h10M18 7h2M4 17h2M10 17h10M16 4.5v5M8 14.5v5",
    more: "M4.2 12a.8.8 0 1 0 1.6 0a.8.8 0 1 0-1.6 0M11.2 12a.8.8 0 1 0 1.6 0a.8.8 0 1 0-1.6 0M18.2 12a.8.8 0 1 0 1.6 0a.8.8 0 1 0-1.6 0",
    folder: "M3 6a1 1 0 0 1 1-1h5l2 2h9a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1z",
    file: "M6 3h8l5 5v13H6zM14 3v5h5",
    symlink: "M9 15l6-6M10 6l1-1a4 4 0 0 1 6 6l-1 1M14 18l-1 1a4 4 0 0 1-6-6l1-1",
    other: "M12 12h.01M4 4h16v16H4z",
    pause: "M8 5v14M16 5v14",
    play: "M7 4l13 8-13 8z",
    stop: "M6 6l12 12M18 6L6 18",
    retry: "M4 12a8 8 0 1 1 2.5 5.8M4 20v-5h5",
    up: "M12 19V5M6 11l6-6 6 6",
    down: "M12 5v14M6 13l6 6 6-6",
    top: "M5 4h14M12 20V8M6 14l6-6 6 6",
    good: "M4 12.5l5.5 5.5L20 7",
    bad: "M12 7v6M12 17h.01M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z",
    warn: "M12 9v5M12 17.5h.01M12 3L2 20.5h20z",
    info: "M12 11v6M12 7h.01M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z",
    copy: "M9 9h11v12H9zM5 15H4V3h11v2",
    search: "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM16 16l5 5",
    trash: "M4 7h16M9 7V4h6v3M6 7l1 14h10l1-14",
    plus: "M12 5v14M5 12h14",
    back: "M15 5l-7 7 7 7",
    next: "M9 5l7 7-7 7",
    key: "M8 11a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM11 12l9-9M16 7l3 3",
    edit: "M4 20l1-5L16 4l4 4L9 19z",
    heart: "M12 20S4 15 4 9a4 4 0 0 1 8-1 4 4 0 0 1 8 1c0 6-8 11-8 11z",
    plug: "M9 3v5M15 3v5M6 8h12v4a6 6 0 0 1-12 0zM12 18v3",
    link: "M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1",
    eye: "M2 12s4-7 10-7 10 7 10 7-4 7-10 7S2 12 2 12zM12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6z",
    disk: "M4 14h16v6H4zM6 14l2-10h8l2 10M8 17h.01",
    clock: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7v5l3 2",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 18 }: { name: IconName; size?: number }) {
    return (
        <svg
            width={size}
            height={size}
            viewBox="0 0 24 24"
            fill="none"
            stroke="currentColor"
            stroke-width="1.9"
            stroke-linecap="round"
            stroke-linejoin="round"
            aria-hidden="true"
        >
            <path d={PATHS[name]} />
        </svg>
    );
}

/** The mark of the program. */
export function Mark({ size = 26 }: { size?: number }) {
    return (
        <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
            <rect width="32" height="32" rx="8" fill="currentColor" />
            <path
                class="mark-line"
                d="M10 14l6-6 6 6M16 8v10M8 18v4a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2v-4"
                fill="none"
                stroke-width="2.4"
                stroke-linecap="round"
                stroke-linejoin="round"
            />
        </svg>
    );
}
