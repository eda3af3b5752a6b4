// A worker thread with typed messages, and without the trap that a thread whose file is missing
// makes the program wait for ever.

import { AiperfError } from "#core";

export interface Thread<To, From> {
  send(message: To): void;
  /** Resolves with the first message that `pick` recognises. Rejects when the thread dies. */
  wait<T extends From>(pick: (message: From) => message is T): Promise<T>;
  onMessage(listener: (message: From) => void): void;
  terminate(): void;
}

/** Starts the thread whose code is at `address`. */
export function startThread<To, From>(address: string, name: string): Thread<To, From> {
  const worker = new Worker(address, { name });
  const listeners = new Set<(message: From) => void>();
  const mourners = new Set<(error: Error) => void>();
  let death: Error | undefined;

  worker.onmessage = ({ data }: MessageEvent<From>) => {
    for (const listener of [...listeners]) listener(data);
  };
  worker.onerror = (event) => {
    death = new AiperfError(
      "E_THREAD",
      `the ${name} thread failed: ${firstLine(event.message)}`,
      "",
    );
    for (const mourner of [...mourners]) mourner(death);
  };

  return {
    send: (message) => worker.postMessage(message),
    wait: (pick) =>
      new Promise((resolve, reject) => {
        if (death !== undefined) return reject(death);
        const listener = (message: From) => {
          if (!pick(message)) return;
          listeners.delete(listener);
          mourners.delete(reject);
          resolve(message);
        };
        listeners.add(listener);
        mourners.add(reject);
      }),
    onMessage: (listener) => listeners.add(listener),
    terminate: () => worker.terminate(),
  };
}

/** Bun puts the source around the error into its message; the error's own line is what counts. */
function firstLine(message: string): string {
  const lines = message.split("\n").map((line) => line.trim());
  return lines.find((line) => /^\w*(Error|Exception)\b/.test(line)) ?? lines[0] ?? "";
}
