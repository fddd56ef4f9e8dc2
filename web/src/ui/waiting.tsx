// What is not loaded yet, or could not be.
import { ErrorNote, Loading } from "./basic";
import type { Loaded } from "./hooks";

export function Waiting({ loaded }: { loaded: Loaded<unknown> }) {
    const { data, error, reload } = loaded;

    if (error !== undefined) {
        return <ErrorNote error={error} onRetry={reload} />;
    }
    return data === undefined ? <Loading /> : null;
}
