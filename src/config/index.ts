// The door of config: a command line becomes one frozen Plan. The Plan's shapes are for every room;
// flags, their parsing and their help are for the front door.

export { wantsHelp } from "./argv.ts";
export { FILE_TYPES, TRACE_TYPES } from "./dataset-plan.ts";
export { ENDPOINT_KINDS, endpointFacts } from "./endpoint-kinds.ts";
export { knownFlagNames } from "./flags/table.ts";
export { profileHelp } from "./help.ts";
export { TEMPLATED } from "./notes.ts";
export type * from "./plan.ts";
export { type ProfileContext, parseProfile } from "./profile.ts";
export { secretsOf } from "./secrets.ts";
export { slosFrom } from "./slo.ts";
