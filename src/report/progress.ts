// Keeps the live line alive: redrawn in place on a terminal, a plain line now and then elsewhere,
// so that a log file stays readable.

import { type ProgressState, progressLine } from "./progress-line.ts";

export interface ProgressOptions {
  readonly read: () => ProgressState;
  readonly write: (text: string) => void;
  readonly isTerminal: boolean;
  /** Columns of the terminal; asked each time, because windows change. */
  readonly width: () => number;
  /** Between two plain lines where there is no terminal; 0 writes none. */
  readonly logEveryMs?: number;
  /** Calls back every so often until the answer is called; a test brings its own. */
  readonly every?: (ms: number, act: () => void) => () => void;
}

export interface Progress {
  /** Prints a line of text above the live line. */
  print(text: string): void;
  /** Draws the last state, for good. */
  stop(): void;
}

const REDRAW_EVERY_MS = 200;
const LOG_EVERY_MS = 30_000;
const CLEAR = "\r\x1b[K";

/** A plain line is not cut: no one knows how wide its reader is. */
const PLAIN_WIDTH = 120;

export function startProgress(options: ProgressOptions): Progress {
  const { read, write, isTerminal, width, every = repeat, logEveryMs = LOG_EVERY_MS } = options;

  if (!isTerminal) {
    const plain = (): void => write(`${progressLine(read(), PLAIN_WIDTH)}\n`);
    const cancel = logEveryMs > 0 ? every(logEveryMs, plain) : () => {};
    return { print: (text) => write(`${text}\n`), stop: cancel };
  }

  // One column stays free: a full line would make some terminals move on to the next.
  const draw = (ended = false): void =>
    write(CLEAR + progressLine({ ...read(), ended }, width() - 1));
  draw();
  const cancel = every(REDRAW_EVERY_MS, () => draw());
  let stopped = false;
  return {
    print(text) {
      write(stopped ? `${text}\n` : `${CLEAR}${text}\n`);
      if (!stopped) draw();
    },
    stop() {
      if (stopped) return;
      stopped = true;
      cancel();
      draw(true);
      write("\n");
    },
  };
}

function repeat(ms: number, act: () => void): () => void {
  const timer = setInterval(act, ms);
  timer.unref();
  return () => clearInterval(timer);
}
