// A limit on how many of something there may be at a time, over all workers. Whoever wants one
// draws a ticket; ticket number t is served once limit + freed > t. That is one addition to take
// and one to give back, in the order of asking over all threads, and never one too many.

import type { Cap } from "#config";
import type { Clock } from "#core";
import { limitAt, usableAtNs } from "#schedule";
import type { Counter, PhaseControl } from "./control.ts";
import type { Waits } from "./wait.ts";

export interface PermitsOptions {
  readonly cap: Cap;
  readonly control: PhaseControl;
  readonly asked: Counter;
  readonly freed: Counter;
  readonly now: Clock;
  readonly waits: Waits;
}

interface Asker {
  readonly ticket: number;
  readonly go: () => void;
}

/** One worker's end of the limit. */
export class Permits {
  readonly #options: PermitsOptions;
  #queue: Asker[] = [];
  #isWatching = false;
  #isWaitingForRamp = false;

  constructor(options: PermitsOptions) {
    this.#options = options;
  }

  /** Calls `go` as soon as there is room, at once when there is. */
  request(go: () => void): void {
    const { control, asked } = this.#options;
    this.#queue.push({ ticket: control.add(asked, 1), go });
    this.#serve();
  }

  /** Gives one back. */
  free(): void {
    const { control, freed } = this.#options;
    control.add(freed, 1);
    control.announce(freed);
    this.#serve();
  }

  /** Forgets those who wait; to be used only when nobody anywhere may go any more. */
  abandon(): void {
    this.#queue = [];
  }

  #serve(): void {
    for (let head = this.#queue[0]; head !== undefined; head = this.#queue[0]) {
      if (head.ticket >= this.#room()) break;
      this.#queue.shift();
      head.go();
    }
    if (this.#queue.length > 0) this.#waitForRoom();
  }

  /** Tickets below this number may go. */
  #room(): number {
    const { cap, control, freed, now } = this.#options;
    return limitAt(cap, now() - control.startNs) + control.get(freed);
  }

  #waitForRoom(): void {
    const { cap, control, freed, now, waits } = this.#options;
    if (!this.#isWatching) {
      this.#isWatching = true;
      // Watching begins in a turn of its own, so that serving does not call itself.
      waits.at(0, () =>
        control.watch(freed, () => {
          this.#serve();
          this.#isWatching = this.#queue.length > 0;
          return this.#isWatching;
        }),
      );
    }
    const limit = limitAt(cap, now() - control.startNs);
    if (this.#isWaitingForRamp || limit >= cap.limit) return;
    this.#isWaitingForRamp = true;
    waits.at(control.startNs + usableAtNs(cap, limit), () => {
      this.#isWaitingForRamp = false;
      this.#serve();
    });
  }
}
