// A view that breaks takes only itself down, and says so.
import { Component, type ComponentChildren } from "preact";
import { asApiError, type ApiError } from "../api/errors";
import { ErrorNote } from "./basic";

interface Props {
    children: ComponentChildren;
}

interface State {
    error: ApiError | undefined;
}

export class Boundary extends Component<Props, State> {
    override state: State = { error: undefined };

    static override getDerivedStateFromError(thrown: unknown): State {
        return { error: asApiError(thrown) };
    }

    override componentDidCatch(thrown: unknown): void {
        console.error(thrown);
    }

    override render() {
        const { error } = this.state;

        return error === undefined ? (
            this.props.children
        ) : (
            <>
                <h1 tabIndex={-1}>This part of the page broke</h1>
                <ErrorNote error={error} onRetry={() => this.setState({ error: undefined })} />
            </>
        );
    }
}
