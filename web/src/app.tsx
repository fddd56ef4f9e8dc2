// The frame around the views: navigation, the state of the connection, what is asked and said.
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { session } from "./api/session";
import { route } from "./lib/route";
import { announceJobs, titleProgress } from "./state/announce";
import { connect, disconnect, link } from "./state/live";
import { useStore } from "./state/store";
import { showTheme } from "./state/theme";
import { useSettings } from "./state/server";
import { Button, Loading } from "./ui/basic";
import { Boundary } from "./ui/boundary";
import { Questions } from "./ui/dialog";
import { useLive } from "./ui/hooks";
import { Icon, Mark, type IconName } from "./ui/icon";
import { Toasts } from "./ui/toast";
import { Activity } from "./views/activity";
import { Get } from "./views/get";
import { Home } from "./views/home";
import { JobPage } from "./views/job";
import { Login } from "./views/login";
import { Providers } from "./views/providers";
import { ProviderForm } from "./views/provider_form";
import { SettingsPage } from "./views/settings";
import { ShareFolder } from "./views/share_folder";
import { SharePage } from "./views/share";
import { Shares } from "./views/shares";

interface Place {
    to: string;
    words: string;
    /** for the narrow bar of a phone */
    short?: string;
    icon: IconName;
    /** the first words of the routes that belong to it */
    routes: readonly string[];
    /** not in the bar at the bottom of a phone, but behind "More" */
    rest?: true;
}

const PLACES: readonly Place[] = [
    { to: "#/", words: "Home", icon: "home", routes: ["", "jobs"] },
    { to: "#/share", words: "Share a folder", short: "Share", icon: "send", routes: ["share"] },
    { to: "#/shares", words: "Shares", icon: "shares", routes: ["shares"] },
    { to: "#/get", words: "Get", icon: "get", routes: ["get"] },
    { to: "#/providers", words: "Providers", icon: "server", routes: ["providers"], rest: true },
    { to: "#/activity", words: "Activity", icon: "activity", routes: ["activity"], rest: true },
    { to: "#/settings", words: "Settings", icon: "settings", routes: ["settings"], rest: true },
];

function PlaceLink({ place, first, onGo }: { place: Place; first: string; onGo?: () => void }) {
    return (
        <a href={place.to} aria-current={place.routes.includes(first) ? "page" : undefined} onClick={onGo}>
            <Icon name={place.icon} size={20} />
            {place.short === undefined ? (
                place.words
            ) : (
                <>
                    <span class="wide-only">{place.words}</span>
                    <span class="narrow-only">{place.short}</span>
                </>
            )}
        </a>
    );
}

function More({ first }: { first: string }) {
    const [open, setOpen] = useState(false);
    const box = useRef<HTMLLIElement>(null);

    useEffect(() => {
        const outside = (event: Event) => {
            if (!(event.target instanceof Node && box.current?.contains(event.target) === true)) {
                setOpen(false);
            }
        };

        addEventListener("click", outside);
        return () => removeEventListener("click", outside);
    }, []);
    return (
        <li
            class="more"
            ref={box}
            onKeyDown={(event) => {
                if (event.key === "Escape") {
                    setOpen(false);
                }
            }}
        >
            <button type="button" aria-expanded={open} onClick={() => setOpen(!open)}>
                <Icon name="more" size={20} />
                More
            </button>
            {open && (
                <ul>
                    {PLACES.filter((place) => place.rest === true).map((place) => (
                        <li>
                            <PlaceLink place={place} first={first} onGo={() => setOpen(false)} />
                        </li>
                    ))}
                </ul>
            )}
        </li>
    );
}

function State() {
    const { state } = useStore(link);
    const version = useLive((value) => value.version);

    return (
        <div class="state">
            <span>
                <span class={`dot ${state === "on" ? "on" : state === "lost" ? "off" : ""}`} />
                {state === "on" ? "Connected" : state === "lost" ? "Not connected" : "Connecting …"}
            </span>
            {version !== undefined && <span>UsenetSync {version}</span>}
        </div>
    );
}

function Side({ first }: { first: string }) {
    return (
        <header class="side">
            <a
                class="skip"
                href="#/"
                onClick={(event) => {
                    event.preventDefault();
                    document.querySelector<HTMLElement>("main h1")?.focus();
                }}
            >
                Skip to the page
            </a>
            <a class="brand" href="#/">
                <Mark />
                UsenetSync
            </a>
            <nav class="nav" aria-label="Pages">
                <ul>
                    {PLACES.map((place) => (
                        <li class={place.rest === true ? "rest" : ""}>
                            <PlaceLink place={place} first={first} />
                        </li>
                    ))}
                    <More first={first} />
                </ul>
            </nav>
            <State />
        </header>
    );
}

/** Seconds until the next try, counted down. */
function useSecondsUntil(time: number): number {
    const [now, setNow] = useState(performance.now());

    useEffect(() => {
        const timer = setInterval(() => setNow(performance.now()), 1000);

        return () => clearInterval(timer);
    }, []);
    return Math.max(0, Math.ceil((time - now) / 1000));
}

function LostBanner() {
    const lost = useStore(link);
    const seconds = useSecondsUntil(lost.nextTry);

    return (
        <section class="banner" aria-label="Connection">
            <Icon name="warn" />
            <span class="grow">
                <strong role="alert">The connection to the daemon is lost.</strong> What you see is how things
                were. Jobs go on without this page; if the daemon itself ended, they go on when it starts
                again.
            </span>
            <span class="small number" aria-hidden="true">
                {seconds > 0 ? `next try in ${seconds} s` : "trying …"}
            </span>
            <Button small icon="retry" onClick={connect}>
                Try now
            </Button>
        </section>
    );
}

const FIXED: Record<string, () => ComponentChildren> = {
    "": () => <Home />,
    share: () => <ShareFolder />,
    get: () => <Get />,
    activity: () => <Activity />,
    settings: () => <SettingsPage />,
};

function View({ words }: { words: string[] }) {
    const [first = "", second] = words;

    if (first === "jobs" && second !== undefined && /^\d+$/.test(second)) {
        return <JobPage key={second} id={Number(second)} />;
    }
    if (first === "shares") {
        return second !== undefined && /^\d+$/.test(second) ? (
            <SharePage key={second} id={Number(second)} />
        ) : (
            <Shares />
        );
    }
    if (first === "providers") {
        return second === undefined ? (
            <Providers />
        ) : (
            <ProviderForm key={words.join("/")} how={second} name={words[2]} />
        );
    }
    return <>{(FIXED[first] ?? FIXED[""])?.()}</>;
}

const TITLES: Record<string, string> = {
    share: "Share a folder",
    shares: "Shares",
    get: "Get",
    providers: "Providers",
    activity: "Activity",
    settings: "Settings",
    jobs: "Job",
};

/** A new page begins at its top, with the focus on its heading and its name in the title. */
function useEntered(words: string[]): void {
    const key = words.join("/");
    const before = useRef<string | undefined>(undefined);
    const progress = useLive((state) => titleProgress(Object.values(state.jobs ?? {})));
    const title = TITLES[words[0] ?? ""];

    useEffect(() => {
        document.title = [progress, title, "UsenetSync"].filter((part) => part != null).join(" · ");
    }, [progress, title]);

    useEffect(() => {
        if (before.current !== undefined && before.current !== key) {
            scrollTo(0, 0);
            document.querySelector<HTMLElement>("main h1")?.focus({ preventScroll: true });
        }
        before.current = key;
    }, [key]);
}

function Inside() {
    const words = useStore(route);
    const { state } = useStore(link);
    const settings = useSettings().data;

    useEntered(words);
    useEffect(() => {
        const silent = announceJobs();

        connect();
        return () => {
            silent();
            disconnect();
        };
    }, []);
    useEffect(() => {
        if (settings !== undefined) {
            showTheme(settings.theme);
        }
    }, [settings?.theme]);
    return (
        <div class="frame">
            <Side first={words[0] ?? ""} />
            <div>
                {state === "lost" && <LostBanner />}
                <main class="page">
                    <div class="column">
                        <Boundary key={words.join("/")}>
                            <View words={words} />
                        </Boundary>
                    </div>
                </main>
            </div>
        </div>
    );
}

export function App() {
    const who = useStore(session);

    return (
        <>
            {who === "in" && <Inside />}
            {who === "out" && <Login />}
            {who === "asking" && (
                <main class="page">
                    <Loading what="Asking the daemon" />
                </main>
            )}
            <Questions />
            <Toasts />
        </>
    );
}
