// The program's log: one line an event, on the terminal as far as the user wants it and in
// logs/aiperf.log always.

import { appendFileSync } from "node:fs";
import { type ConsolaReporter, createConsola, type LogType } from "consola";
import type { LogLevel } from "#config";

export interface Log {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
  /** From here on, lines go to this file too; what was said before is put at its start. */
  toFile(path: string): void;
  /** Shows lines by this function for a while; undefined goes back to the usual one. */
  through(write: ((line: string) => void) | undefined): void;
}

/** consola's numbers for the levels that a user may ask for. */
const LEVELS: { readonly [level in LogLevel]: number } = {
  trace: 5,
  debug: 4,
  info: 3,
  warning: 1,
  error: 0,
  critical: 0,
};

const NAMES: Partial<Record<LogType, string>> = { warn: "WARNING" };

/** A log that shows what is at least as grave as `level` through `write`. */
export function createLog(level: LogLevel, write: (line: string) => void, now: () => Date): Log {
  let file: string | undefined;
  let shown = write;
  let early = "";
  const shownUpTo = LEVELS[level];

  const reporter: ConsolaReporter = {
    log(entry) {
      const name = (NAMES[entry.type] ?? entry.type).toUpperCase();
      const line = `${timeOf(now())} ${name.padEnd(8)} ${entry.args.join(" ")}`;
      if (entry.level <= shownUpTo) shown(line);
      if (file === undefined) early += `${line}\n`;
      else keep(file, `${line}\n`);
    },
  };
  const consola = createConsola({ level: Number.POSITIVE_INFINITY, reporters: [reporter] });
  return {
    debug: (message) => consola.debug(message),
    info: (message) => consola.info(message),
    warn: (message) => consola.warn(message),
    error: (message) => consola.error(message),
    toFile(path) {
      file = path;
      keep(path, early);
      early = "";
    },
    through(other) {
      shown = other ?? write;
    },
  };
}

/** A log that cannot be kept must not end a run. */
function keep(path: string, text: string): void {
  try {
    appendFileSync(path, text);
  } catch {}
}

function timeOf(date: Date): string {
  const two = (value: number) => String(value).padStart(2, "0");
  const ms = String(date.getMilliseconds()).padStart(3, "0");
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${ms}`;
}
