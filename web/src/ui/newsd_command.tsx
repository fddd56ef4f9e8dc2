// How the small news server that comes along is started, for who has no provider.
import { get } from "../api/client";
import { CopyBox } from "./copy";
import { useLoad } from "./hooks";

/** `program` as a shell takes it: by its name where shells look for it, else by its path. */
export function commandOf(program: string | null | undefined): string {
    if (program == null || /^\/usr\/(local\/)?bin\/usenetsync$/.test(program)) {
        return "usenetsync";
    }
    return /^[\w./+-]+$/.test(program) ? program : `'${program.replaceAll("'", "'\\''")}'`;
}

export function NewsdCommand() {
    const status = useLoad(() => get("/api/status"), []);

    return (
        <CopyBox
            text={`${commandOf(status.data?.program)} newsd --listen 127.0.0.1:1119 --spool ~/newsd`}
            what="The command"
        />
    );
}
