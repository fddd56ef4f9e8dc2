// Text from outside: file names, titles, what servers say. Always text nodes, isolated in direction,
// with everything shown that a screen would obey.
import { nameParts, nameText, type WireName } from "../lib/names";

interface Props {
    name: WireName;
    /** one line, cut with an ellipsis; the whole text as tooltip */
    line?: boolean;
}

export function Name({ name, line = false }: Props) {
    const parts = nameParts(name);

    return (
        <bdi class={line ? "name line" : "name"} title={line ? nameText(name) : undefined}>
            {parts.map((part) => (part.coded ? <span class="coded">{part.text}</span> : part.text))}
        </bdi>
    );
}
