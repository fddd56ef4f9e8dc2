// The shapes of docs/openapi.yaml under short names. Nothing else in the page names the wire.
import type { components, paths } from "./schema";

type Schemas = components["schemas"];

export type Attention = Schemas["Attention"];
export type Connection = Schemas["Connection"];
export type Counters = Schemas["Counters"];
export type EntryPage = Schemas["EntryPage"];
export type Estimate = Schemas["Estimate"];
export type Event = Schemas["Event"];
export type FolderItem = Schemas["FolderItem"];
export type FolderPage = Schemas["FolderPage"];
export type Health = Schemas["Health"];
export type Job = Schemas["Job"];
export type JobFile = Schemas["JobFile"];
export type JobResult = Schemas["JobResult"];
export type JobState = Schemas["JobState"];
export type Limits = Schemas["Limits"];
export type Link = Schemas["Link"];
export type LinkEntryPage = Schemas["LinkEntryPage"];
export type LinkShare = Schemas["LinkShare"];
export type LiveMessage = Schemas["LiveMessage"];
export type LiveServer = Schemas["LiveServer"];
export type LiveState = Schemas["LiveState"];
export type NamedEntry = Schemas["NamedEntry"];
export type Phase = Schemas["Phase"];
export type PreviewPage = Schemas["PreviewPage"];
export type Rates = Schemas["Rates"];
export type Redundancy = Schemas["Redundancy"];
export type Root = Schemas["Root"];
export type Server = Schemas["Server"];
export type ServerFacts = Schemas["ServerFacts"];
export type ServerRole = Schemas["ServerRole"];
export type ServerSettings = Schemas["ServerSettings"];
export type ServerStep = Schemas["ServerStep"];
export type Settings = Schemas["Settings"];
export type SettingsChange = Schemas["SettingsChange"];
export type Share = Schemas["Share"];
export type ShareDetail = Schemas["ShareDetail"];
export type ShareStarted = Schemas["ShareStarted"];
export type ShareVersion = Schemas["ShareVersion"];
export type TimetableRow = Schemas["TimetableRow"];

type Method = "get" | "post";

/** The paths that have this method. */
export type PathsOf<M extends Method> = {
    [P in keyof paths]: paths[P] extends Record<M, { responses: unknown }> ? P : never;
}[keyof paths];

type Operation<P extends keyof paths, M extends Method> = NonNullable<paths[P][M]>;

type JsonOf<R> = R extends { content: { "application/json": infer T } } ? T : never;

/** What a path answers when all is well. */
export type Answer<P extends keyof paths, M extends Method> =
    Operation<P, M> extends { responses: infer R } ? JsonOf<R[keyof R & (200 | 202)]> : never;

/** What it takes in the body. */
export type Body<P extends keyof paths> =
    Operation<P, "post"> extends { requestBody?: infer B }
        ? NonNullable<B> extends { content: { "application/json": infer T } }
            ? T
            : Record<string, never>
        : Record<string, never>;

/** What it takes in the query. */
export type Query<P extends keyof paths> =
    Operation<P, "get"> extends { parameters: { query?: infer Q } } ? NonNullable<Q> : never;

/** One row of a path that answers rows. */
export type Row<P extends keyof paths, M extends Method> =
    Answer<P, M> extends { items: (infer T)[] } ? T : never;
