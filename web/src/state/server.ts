// What the page asks for once and again when the daemon says that it changed.
import { get } from "../api/client";
import { useLoad, useRevision } from "../ui/hooks";

export const useServers = () => {
    const revision = useRevision((state) => state.servers_revision);

    return useLoad(() => get("/api/servers").then(({ items }) => items), [revision]);
};

export const useShares = () => {
    const revision = useRevision((state) => state.shares_revision);

    return useLoad(() => get("/api/shares").then(({ items }) => items), [revision]);
};

export const useSettings = () => {
    const revision = useRevision((state) => state.settings_revision);

    return useLoad(() => get("/api/settings"), [revision]);
};
