// Nobody is logged in: how to get in.
import { useEffect, useState } from "preact/hooks";
import { hasPassword, logIn, loginError } from "../api/login";
import { adviceFor, sentence } from "../api/errors";
import { loginToken } from "../lib/route";
import { useStore } from "../state/store";
import { Button, Card, Note, TextField } from "../ui/basic";
import { Mark } from "../ui/icon";

/** The token in what somebody pasted: a whole link, or the token alone. */
export function tokenIn(text: string): string | undefined {
    const trimmed = text.trim();
    const hash = trimmed.indexOf("#");

    return loginToken(hash < 0 ? `#login=${trimmed}` : trimmed.slice(hash));
}

function LinkForm() {
    const [text, setText] = useState("");
    const [wrong, setWrong] = useState<string>();
    const submit = () => {
        const token = tokenIn(text);

        setWrong(token === undefined ? "This is not a login link." : undefined);
        if (token !== undefined) {
            void logIn({ token });
        }
    };

    return (
        <form
            class="stack"
            onSubmit={(event) => {
                event.preventDefault();
                submit();
            }}
        >
            <TextField
                label="Login link"
                value={text}
                onValue={setText}
                wrong={wrong}
                hint="As usenetsync ui --no-open prints it."
            />
            <div class="row">
                <Button submit kind="primary">
                    Log in
                </Button>
            </div>
        </form>
    );
}

function wayOut(code: string): string {
    if (code === "NO_DAEMON") {
        return adviceFor(code)?.text ?? "";
    }
    return code === "ERR_WRONG_PASSWORD"
        ? "Wait a moment before you try again: each wrong one makes the wait longer."
        : "A login link works once and for a minute. Make a new one.";
}

function PasswordForm() {
    const [text, setText] = useState("");

    return (
        <form
            class="stack"
            onSubmit={(event) => {
                event.preventDefault();
                void logIn({ password: text });
                setText("");
            }}
        >
            {/* what a browser keeps the password under */}
            <input hidden readOnly name="username" autocomplete="username" value="usenetsync" />
            <TextField
                label="Password"
                type="password"
                autocomplete="current-password"
                value={text}
                onValue={setText}
                hint="As it was set with usenetsync ui --set-password."
            />
            <div class="row">
                <Button submit kind="primary">
                    Log in
                </Button>
            </div>
        </form>
    );
}

export function Login() {
    const failed = useStore(loginError);
    const [password, setPassword] = useState(false);

    useEffect(() => void hasPassword().then(setPassword), []);

    return (
        <main class="page login">
            <div class="column">
                <div class="row">
                    <Mark size={36} />
                    <h1>UsenetSync</h1>
                </div>
                {failed !== undefined && (
                    <Note tone="bad" alert>
                        <strong>{sentence(failed.text)}</strong>
                        <span>{wayOut(failed.code)}</span>
                    </Note>
                )}
                {password && (
                    <Card title="Log in with the password">
                        <PasswordForm />
                    </Card>
                )}
                <Card title="Open this page with a login link">
                    <div class="stack">
                        <p>
                            Only who can use this computer's account may use this page. In a terminal of that
                            account, run
                        </p>
                        <p>
                            <code>usenetsync ui</code>
                        </p>
                        <p>and the page opens by itself, logged in.</p>
                        <details>
                            <summary>I have a login link</summary>
                            <LinkForm />
                        </details>
                    </div>
                </Card>
            </div>
        </main>
    );
}
