// Questions that must be answered before anything goes on: the browser's own modal dialog keeps the
// focus inside, closes by Escape and gives the focus back.
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { route } from "../lib/route";
import { createStore, useStore } from "../state/store";
import { Button, ErrorNote } from "./basic";
import { useAction } from "./hooks";

interface DialogProps {
    title: ComponentChildren;
    children: ComponentChildren;
    onClose: () => void;
    wide?: boolean;
}

export function Dialog({ title, children, onClose, wide = false }: DialogProps) {
    const box = useRef<HTMLDialogElement>(null);
    const id = useId();

    useEffect(() => {
        box.current?.showModal();
        return () => box.current?.close();
    }, []);
    return (
        <dialog
            ref={box}
            class={wide ? "wide" : ""}
            aria-labelledby={id}
            onCancel={(event) => {
                event.preventDefault();
                onClose();
            }}
        >
            <div class="stack wide">
                <h2 id={id}>{title}</h2>
                {children}
            </div>
        </dialog>
    );
}

export interface Question {
    title: ComponentChildren;
    /** what will happen, named */
    body: ComponentChildren;
    /** the words on the button: what it does, never "OK" */
    action: string;
    danger?: boolean;
    run: () => Promise<unknown>;
}

const asked = createStore<Question | undefined>(undefined);

/** Ask before doing something that cannot be taken back. */
export function ask(question: Question): void {
    asked.set(question);
}

export function Questions() {
    const question = useStore(asked);
    const place = useStore(route);

    useEffect(() => asked.set(undefined), [place]); // who goes elsewhere has answered
    return question === undefined ? null : <QuestionBox question={question} />;
}

function QuestionBox({ question }: { question: Question }) {
    const acting = useAction();
    const close = () => asked.set(undefined);
    const act = async () => {
        if (await acting.run(question.run)) {
            close();
        }
    };

    return (
        <Dialog title={question.title} onClose={close}>
            <div class="stack">{question.body}</div>
            {acting.error !== undefined && <ErrorNote error={acting.error} />}
            <div class="row end">
                <Button onClick={close}>Keep it as it is</Button>
                <Button
                    kind={question.danger === true ? "danger" : "primary"}
                    disabled={acting.busy}
                    onClick={() => void act()}
                >
                    {question.action}
                </Button>
            </div>
        </Dialog>
    );
}
