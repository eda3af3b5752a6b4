// What happens on the terminal while a run goes: the live line, and Ctrl-C. Once ends the run in
// order, with what was measured; twice ends it at once.

import type { Plan } from "#config";
import { type Progress, startProgress } from "#report";
import type { Log } from "./log.ts";
import type { Run, RunOutcome } from "./run.ts";
import type { Terminal } from "./surroundings.ts";

/** Exit statuses of a run that a signal ended. */
const STATUS = { SIGINT: 130, SIGTERM: 143 } as const;

export interface Attended {
  readonly outcome: RunOutcome;
  /** The status that a signal asks for; undefined when none came. */
  readonly signalStatus: number | undefined;
}

/** Waits for the run, showing how far it is. */
export async function attend(
  run: Run,
  plan: Plan,
  log: Log,
  terminal: Terminal,
): Promise<Attended> {
  const live = terminal.isTerminal && plan.runtime.ui !== "none";
  let signalStatus: number | undefined;
  const progress: Progress = startProgress({
    read: () => run.progress(),
    write: (text) => process.stderr.write(text),
    isTerminal: live,
    width: terminal.width,
  });
  if (live) log.through((line) => progress.print(line));

  const onSignal = (signal: keyof typeof STATUS) => {
    if (signalStatus !== undefined) process.exit(signalStatus);
    signalStatus = STATUS[signal];
    log.warn("interrupted: giving up what is in flight, keeping what was measured; again to quit");
    run.interrupt();
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  try {
    return { outcome: await run.outcome, signalStatus };
  } finally {
    progress.stop();
    process.off("SIGINT", onSignal);
    process.off("SIGTERM", onSignal);
    log.through(undefined);
  }
}
