// How long bytes wait in this process before they are stamped. A datagram that carries the moment
// of its sending goes the way a chunk goes, kernel, event loop, clock, so its delay is a chunk's.
//
//   main ──▶ every 20 to 50 ms, "sent at t" ──▶ worker's loop: waited now − t
//
// When the whole process stands still nobody sends; each loop's own timer sees that.

import { type Clock, NS_PER_MS } from "#core";
import { threadClock } from "#ffi";

/** What a worker found out about its own promptness. */
export interface PulseReport {
  /** How long each pulse waited before it was stamped, in ns. */
  readonly waitsNs: Float64Array<ArrayBuffer>;
  /** How long the loop once came late to its own timer, at most, in ns; small ones count as 0. */
  readonly longestStallNs: number;
  /** The sum of all such times. */
  readonly stalledNs: number;
}

export interface PulseReceiver {
  /** Where pulses are awaited on the loopback; undefined when they cannot be. */
  readonly port: number | undefined;
  /** Begins to watch the loop; only what comes between the two is in the report. */
  begin(): void;
  end(): void;
  report(): PulseReport;
}

const HOST = "127.0.0.1";
const PULSE_BYTES = 8;

/** Timers come this late where nothing is wrong. */
const TIMER_GRAIN_MS = 5;
const TIMER_MS = 20;

/** What a watched loop saw between `begin` and `end`. */
export class PulseLog {
  readonly #now: Clock;
  #waitsNs = new Float64Array(1024);
  #count = 0;
  #isWatching = false;
  #beganNs = 0;
  #longestStallNs = 0;
  #stalledNs = 0;

  /** @param now agrees with the clock of whoever sends pulses */
  constructor(now: Clock = threadClock()) {
    this.#now = now;
  }

  begin(): void {
    this.#isWatching = true;
    this.#beganNs = this.#now();
  }
  end(): void {
    this.#isWatching = false;
  }

  /** A pulse came. */
  heard(nowNs: number, sentNs: number): void {
    // One that was sent to a loop that nobody watched may have waited for the watching itself.
    if (!this.#isWatching || !(sentNs >= this.#beganNs)) return;
    if (this.#count === this.#waitsNs.length) {
      const longer = new Float64Array(2 * this.#count);
      longer.set(this.#waitsNs);
      this.#waitsNs = longer;
    }
    this.#waitsNs[this.#count++] = nowNs - sentNs;
  }

  /** The loop came late to something of its own. */
  late(lateNs: number): void {
    if (!this.#isWatching || lateNs < TIMER_GRAIN_MS * NS_PER_MS) return;
    this.#longestStallNs = Math.max(this.#longestStallNs, lateNs);
    this.#stalledNs += lateNs;
  }

  report(): PulseReport {
    return {
      waitsNs: this.#waitsNs.slice(0, this.#count),
      longestStallNs: this.#longestStallNs,
      stalledNs: this.#stalledNs,
    };
  }
}

/** The receiving end, on Bun's loop. */
export async function openPulseReceiver(now: Clock): Promise<PulseReceiver> {
  const log = new PulseLog(now);
  let tickedNs = 0;
  let timer: Timer | undefined;

  const socket = await Bun.udpSocket({
    hostname: HOST,
    port: 0,
    socket: {
      data(_, datagram) {
        const nowNs = now();
        if (datagram.length === PULSE_BYTES) log.heard(nowNs, datagram.readDoubleLE(0));
      },
    },
  }).catch(() => undefined);

  function look(): void {
    const nowNs = now();
    log.late(nowNs - tickedNs - TIMER_MS * NS_PER_MS);
    tickedNs = nowNs;
  }

  return {
    port: socket?.port,
    begin() {
      log.begin();
      tickedNs = now();
      timer = setInterval(look, TIMER_MS);
    },
    end() {
      look();
      log.end();
      clearInterval(timer);
    },
    report: () => log.report(),
  };
}

/** The first pulses come close together, so that a short run has enough of them. */
const PULSE_MS = 20;
const CLOSE_PULSES = 150;
const LATER_PULSE_MS = 50;

/**
 * Sends pulses to each of the ports until it is told to stop.
 * @param now must agree with the receivers' clocks
 */
export async function startPulses(
  ports: readonly number[],
  now: Clock,
): Promise<{ stop(): void } | undefined> {
  const socket = await Bun.udpSocket({ hostname: HOST, port: 0 }).catch(() => undefined);
  if (socket === undefined || ports.length === 0) return undefined;
  const pulse = Buffer.alloc(PULSE_BYTES);
  let left = CLOSE_PULSES;
  const send = (): void => {
    for (const port of ports) {
      pulse.writeDoubleLE(now(), 0);
      socket.send(pulse, port, HOST);
    }
    if (--left !== 0) return;
    clearInterval(timer);
    timer = setInterval(send, LATER_PULSE_MS);
  };
  let timer = setInterval(send, PULSE_MS);
  return {
    stop() {
      clearInterval(timer);
      socket.close();
    },
  };
}
