// The verbs. One file a verb; each answers with the process's exit status.

import { AiperfError, messageOf, VERSION } from "#core";
import { runAnalyzeTrace } from "./analyze-trace.ts";
import { runCalibrate } from "./calibrate.ts";
import { runMock } from "./mock.ts";
import { runProfile } from "./profile.ts";
import { type ReaderAddress, runReport } from "./report.ts";
import type { ThreadAddresses } from "./run.ts";
import { runSchema } from "./schema.ts";
import { sayOnStderr } from "./surroundings.ts";
import { runValidate } from "./validate.ts";

interface Verb {
  readonly name: string;
  readonly help: string;
  run(argv: string[], threads: Addresses): Promise<number>;
}

/** Of all threads' code. */
type Addresses = ThreadAddresses & ReaderAddress;

const VERBS: readonly Verb[] = [
  { name: "profile", help: "send load to a server and report how it did", run: runProfile },
  {
    name: "report",
    help: "make the figures of a run again from its records",
    run: runReport,
  },
  {
    name: "analyze-trace",
    help: "say what a trace asks of a server and of its prefix cache",
    run: runAnalyzeTrace,
  },
  {
    name: "calibrate",
    help: "find out how much load this machine can send and time",
    run: runCalibrate,
  },
  {
    name: "validate",
    help: "say what a data file is, and what is wrong with it",
    run: runValidate,
  },
  { name: "schema", help: "the shapes of the files that a run leaves", run: runSchema },
  { name: "mock", help: "an LLM server of known timing, to try things against", run: runMock },
];

/** Runs the verb that `argv` names. Errors become one line on stderr. */
export async function main(argv: string[], threads: Addresses): Promise<number> {
  const asked = argv[1];
  const [name, ...rest] = argv[0] === "help" && asked !== undefined ? [asked, "--help"] : argv;
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    console.log(overview());
    return name === undefined ? 1 : 0;
  }
  if (name === "--version" || name === "-V") {
    console.log(VERSION);
    return 0;
  }
  const verb = VERBS.find((row) => row.name === name);
  if (verb === undefined) {
    const names = VERBS.map((row) => row.name).join(", ");
    sayOnStderr(`aiperf: there is no command ${JSON.stringify(name)}; there are ${names}`);
    return 1;
  }
  try {
    return await verb.run(rest, threads);
  } catch (error) {
    if (error instanceof AiperfError) {
      sayOnStderr(`aiperf: ${error.message} [${error.code}]`);
      return error.exitCode;
    }
    sayOnStderr(`aiperf: unexpected: ${messageOf(error)}`);
    if (error instanceof Error && error.stack !== undefined) sayOnStderr(error.stack);
    return 1;
  }
}

function overview(): string {
  const rows = VERBS.map(({ name, help }) => `  aiperf ${name.padEnd(13)} ${help}`);
  return [
    "aiperf measures how fast an LLM server is, and says how far its own figures",
    "can be trusted.",
    "",
    ...rows,
    "",
    "aiperf COMMAND --help tells more; aiperf --version prints the version.",
  ].join("\n");
}
