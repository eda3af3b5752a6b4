// A terminal of so many columns for the program to run on, and the screen that a person would see.

import { rmSync } from "node:fs";
import { BINARY, bareEnvironment, type RunOptions, scratch } from "./aiperf.ts";

export interface Shown {
  readonly status: number;
  /** Every byte that was written, control codes included. */
  readonly raw: string;
}

const TIME_LIMIT_MS = 15_000;

/** Runs the program on a terminal to its end; `act` may type meanwhile. */
export async function onTerminal(
  args: readonly string[],
  columns: number,
  env: RunOptions["env"] = {},
  act: (type: (keys: string) => void, shown: () => string) => Promise<void> = async () => {},
): Promise<Shown> {
  const cwd = scratch();
  const decoder = new TextDecoder();
  let raw = "";
  const child = Bun.spawn([BINARY, ...args], {
    cwd,
    env: bareEnvironment(cwd, { TERM: "xterm-256color", ...env }),
    terminal: {
      cols: columns,
      rows: 40,
      data: (_, bytes) => {
        raw += decoder.decode(bytes, { stream: true });
      },
    },
  });
  const limit = setTimeout(() => child.kill("SIGKILL"), TIME_LIMIT_MS);
  await act(
    (keys) => void child.terminal?.write(keys),
    () => raw,
  );
  const status = await child.exited;
  clearTimeout(limit);
  // What the program wrote last may still be on its way through the terminal.
  await Bun.sleep(50);
  child.terminal?.close();
  rmSync(cwd, { recursive: true, force: true });
  return { status, raw };
}

/**
 * The lines that stay on a screen: a carriage return goes to a line's start, what is written there
 * replaces what was, and ESC [ K clears the rest.
 */
export function screenOf(raw: string): readonly string[] {
  const withoutColor = raw.replace(/\x1b\[[\d;]*m/g, "");
  return withoutColor.split("\n").map((line) => {
    let shown: string[] = [];
    let at = 0;
    for (const [piece] of line.matchAll(/\x1b\[K|[^\x1b]|\x1b/gu)) {
      if (piece === "\r") at = 0;
      else if (piece === "\x1b[K") shown = shown.slice(0, at);
      else shown[at++] = piece;
    }
    return shown.join("");
  });
}
