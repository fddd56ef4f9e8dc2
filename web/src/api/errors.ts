// What went wrong, as the daemon says it: a code, a sentence, and what a person can do about it here.

export class ApiError extends Error {
    constructor(
        readonly code: string,
        readonly kind: string,
        readonly text: string,
        readonly status: number,
    ) {
        super(text);
        this.name = "ApiError";
    }
}

/** What to do, in words of this page, and the page where it is done. */
export interface Advice {
    text: string;
    to?: string;
    label?: string;
}

const PROVIDER = { to: "#/providers", label: "Look at your providers" };

const ADVICE: Record<string, Advice> = {
    ERR_DISK_FULL: { text: "Free some space on that disk, then resume the job." },
    ERR_DISK_IO: { text: "Check the disk, then resume the job." },
    ERR_READ_ONLY: { text: "Choose another place, or make this one writable." },
    ERR_PERMISSION: {
        text: "Check who may read and write there. The daemon has the rights of the user who runs it.",
    },
    ERR_HELPER: {
        text: "What it wrote is kept: resume the job. The daemon's log says how the process ended.",
    },
    ERR_NOT_EMPTY: {
        text: "Choose an empty folder, or say what to do with the files that are there already.",
    },
    ERR_NOT_DIRECTORY: { text: "Choose a folder." },
    ERR_NOT_FOUND: { text: "It may have been moved or deleted since. Choose again." },
    ERR_OUTSIDE: {
        text: "This page may only go where the settings allow it. Folders can be added there.",
        to: "#/settings",
        label: "Folders in the settings",
    },
    ERR_DNS: { text: "Check the host name of the provider for typing mistakes.", ...PROVIDER },
    ERR_CONNECT: { text: "Check host and port of the provider, and your network.", ...PROVIDER },
    ERR_CONNECTION_LOST: { text: "Nothing is lost. Resume the job when the network is back." },
    ERR_TIMEOUT: { text: "Test the provider; if it answers, resume the job.", ...PROVIDER },
    ERR_TLS: { text: "Check that port and encryption fit: 563 with TLS, 119 without.", ...PROVIDER },
    ERR_TLS_CERTIFICATE: {
        text: "Check the host name. A server with a certificate of its own needs that certificate named.",
        ...PROVIDER,
    },
    ERR_PLAIN_PASSWORD: { text: "Switch encryption (TLS) on, or allow it expressly.", ...PROVIDER },
    ERR_TLS_NEEDED: { text: "Switch encryption (TLS) on for this provider.", ...PROVIDER },
    ERR_PROTOCOL: { text: "Check host and port: another kind of server may listen there.", ...PROVIDER },
    ERR_LOGIN: { text: "Check user name and password with your provider.", ...PROVIDER },
    ERR_LOGIN_NEEDED: { text: "Add user name and password of your account.", ...PROVIDER },
    ERR_POSTING_DENIED: { text: "Ask your provider for an account that may post.", ...PROVIDER },
    ERR_NO_GROUP: { text: "Choose another newsgroup in the provider's settings.", ...PROVIDER },
    ERR_TOO_BIG: { text: "Ask your provider for the largest article it takes." },
    ERR_TOO_MANY_CONNECTIONS: { text: "Lower the number of connections.", ...PROVIDER },
    ERR_TOO_MANY_ADDRESSES: { text: "Stop other programs that use the same account elsewhere." },
    ERR_ACCOUNT: { text: "Look at your account with the provider.", ...PROVIDER },
    ERR_RETRIES_USED_UP: { text: "Test the provider; when it is well, resume the job.", ...PROVIDER },
    ERR_NO_PROVIDER: {
        text: "A provider is the news server of your account. Add one first.",
        to: "#/providers",
        label: "Add a provider",
    },
    ERR_LINK_TYPO: { text: "Copy the whole link again from where you got it." },
    ERR_LINK_BAD: { text: "A link begins with usync1 and has only letters and digits." },
    ERR_LINK_KIND: { text: "A link to read a share begins with usync1." },
    ERR_SHARE_NOT_FOUND: {
        text: "Check that the link is whole, and that your provider still keeps articles that old.",
    },
    ERR_NOT_KEPT: { text: "Nothing of yours is lost. Test the provider, and try again later.", ...PROVIDER },
    ERR_OLDER_VERSION: { text: "Try again later, or choose an older version." },
    ERR_NO_VERSION: { text: "Choose another version of the share." },
    ERR_ARTICLES_LOST: { text: "What could be restored is there. The log names the other files." },
    ERR_JOB_STATE: { text: "Look at what the job is doing now.", to: "#/", label: "Jobs" },
    ERR_NO_JOB: { text: "It may have been taken out of the history." },
    ERR_STORE_CORRUPT: {
        text: "Stop the daemon and run `usenetsync recover` in a terminal: it keeps the damaged file and rebuilds what it can.",
    },
    ERR_STORE: { text: "Look at the free space and the rights of the state folder." },
    ERR_NOTHING_TO_SHARE: { text: "Choose something that is there, or change the ignore rules." },
    ERR_BUG: {
        text: "Please report it with the support bundle.",
        to: "#/activity",
        label: "Activity",
    },
    NO_DAEMON: { text: "It may be stopped or restarting. This page tries again by itself." },
};

/** What to do about an error; undefined: the sentence says it all. */
export function adviceFor(code: string): Advice | undefined {
    return ADVICE[code];
}

/** Sentences begin with a capital and end with a full stop, wherever they come from. */
export function sentence(text: string): string {
    const trimmed = text.trim();

    if (trimmed === "") {
        return "";
    }
    const whole = /[.!?…:]$/.test(trimmed) ? trimmed : `${trimmed}.`;

    return whole.charAt(0).toUpperCase() + whole.slice(1);
}

/** Anything that was thrown, as an error of ours. */
export function asApiError(thrown: unknown): ApiError {
    if (thrown instanceof ApiError) {
        return thrown;
    }
    const text = thrown instanceof Error ? thrown.message : String(thrown);

    return new ApiError("ERR_BUG", "bug", `The page made a mistake: ${text}`, 0);
}

/** An answer's body as an error; what is not the daemon's shape becomes one that says so. */
export function errorOfBody(body: unknown, status: number): ApiError {
    const inner = (body as { error?: Record<string, unknown> } | null)?.error;

    if (inner !== undefined && typeof inner["code"] === "string") {
        const text = typeof inner["text"] === "string" ? inner["text"] : inner["code"];
        const kind = typeof inner["kind"] === "string" ? inner["kind"] : "bug";

        return new ApiError(inner["code"], kind, text, status);
    }
    return new ApiError("ERR_BUG", "bug", `the daemon answered ${status} without saying why`, status);
}
