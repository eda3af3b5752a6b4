// Requests for work that takes its time: the server answers at once and is then asked, over the
// same transport, until the work is done. For the exchange behind it, it is one request whose reply
// is the last answer.
//
//   POST ─▶ queued · pause · GET ─▶ running · pause · … GET ─▶ done (· GET what was made)
//   sent                                              head, body      ended

import { NS_PER_MS } from "#core";
import { type Job, type JobState, looseObject, type Target } from "#endpoint";
import type { ReplyHead } from "../head-reader.ts";
import type { Exchange, Failure, Transport } from "./transport.ts";

/** An answer about a job is some lines of JSON; of a longer one the rest is not gathered. */
const ANSWER_MAX_BYTES = 2 ** 20;

export interface JobOptions {
  readonly job: Job;
  /** Fetch what was made, as a part of the request. */
  readonly downloads: boolean;
}

/** A transport that follows jobs to their end. */
export function jobTransport(inner: Transport, options: JobOptions): Transport {
  const errands = new Map<Exchange, Errand>();
  const forget = (exchange: Exchange) => errands.delete(exchange);
  return {
    counts: inner.counts,
    start(exchange) {
      const errand = new Errand(exchange, inner, options, forget);
      errands.set(exchange, errand);
      inner.start(errand);
    },
    cancel(exchange) {
      errands.get(exchange)?.drop();
      errands.delete(exchange);
    },
    warm: (target, connections) => inner.warm(target, connections),
    close() {
      for (const errand of errands.values()) errand.drop();
      errands.clear();
      inner.close();
    },
  };
}

/** One request and the questions that follow it. */
class Errand implements Exchange {
  lookup: string | undefined;
  readonly #exchange: Exchange;
  readonly #inner: Transport;
  readonly #options: JobOptions;
  readonly #over: (exchange: Exchange) => void;
  #head: ReplyHead | undefined;
  #answer: Buffer[] = [];
  #answerBytes = 0;
  #stampNs = 0;
  #isDownload = false;
  #timer: Timer | undefined;

  constructor(
    exchange: Exchange,
    inner: Transport,
    options: JobOptions,
    over: (exchange: Exchange) => void,
  ) {
    this.#exchange = exchange;
    this.#inner = inner;
    this.#options = options;
    this.#over = over;
  }

  get target(): Target {
    return this.#exchange.target;
  }
  get requestId(): string {
    return this.#exchange.requestId;
  }
  get correlationId(): string {
    return this.#exchange.correlationId;
  }
  get body(): Uint8Array {
    return this.lookup === undefined ? this.#exchange.body : NO_BODY;
  }
  /** The connection is needed again; what the session says of it counts only at the end. */
  get endsSession(): boolean {
    return false;
  }

  /** Gives the errand up, wherever it is. */
  drop(): void {
    clearTimeout(this.#timer);
    this.#inner.cancel(this);
  }

  connected(nowNs: number, connectNs: number, reused: boolean): void {
    if (this.lookup === undefined) this.#exchange.connected(nowNs, connectNs, reused);
  }

  sent(nowNs: number): void {
    if (this.lookup === undefined) this.#exchange.sent(nowNs);
  }

  segment(nowNs: number): void {
    this.#stampNs = nowNs;
  }

  head(head: ReplyHead): void {
    this.#head = head;
    this.#answer = [];
    this.#answerBytes = 0;
  }

  span(bytes: Buffer, start: number, end: number): void {
    this.#answerBytes += end - start;
    if (!this.#isDownload && this.#answerBytes <= ANSWER_MAX_BYTES)
      this.#answer.push(Buffer.from(bytes.subarray(start, end)));
  }

  segmentEnd(): void {}

  ended(nowNs: number): void {
    const isGood = this.#head !== undefined && this.#head.status < 300;
    if (this.#isDownload) {
      if (isGood) this.#finish(nowNs);
      else this.#fail(nowNs, downloadFailure(this.#head));
      return;
    }
    const state: JobState = isGood ? this.#state() : { kind: "over" };
    if (state.kind === "pending") {
      const pauseMs = this.#options.job.pauseNs / NS_PER_MS;
      this.#timer = setTimeout(() => this.#ask(state.path), pauseMs);
      return;
    }
    this.#tell();
    if (state.kind === "done" && this.#options.downloads) {
      this.#isDownload = true;
      this.#ask(state.path);
    } else this.#finish(nowNs);
  }

  failed(nowNs: number, failure: Failure): void {
    this.#fail(nowNs, failure);
  }

  #state(): JobState {
    try {
      const json: unknown = JSON.parse(Buffer.concat(this.#answer).toString("utf8"));
      return this.#options.job.stateOf(looseObject(json));
    } catch {
      return { kind: "over" };
    }
  }

  #ask(path: string): void {
    this.lookup = path;
    this.#head = undefined;
    this.#inner.start(this);
  }

  /** Passes the last answer on, as it came. */
  #tell(): void {
    const answer = Buffer.concat(this.#answer);
    this.#exchange.segment(this.#stampNs, answer.length);
    this.#exchange.head(this.#head!);
    if (answer.length > 0) this.#exchange.span(answer, 0, answer.length);
    this.#exchange.segmentEnd();
  }

  #finish(nowNs: number): void {
    this.#over(this.#exchange);
    this.#exchange.ended(nowNs);
  }

  #fail(nowNs: number, failure: Failure): void {
    this.#over(this.#exchange);
    this.#exchange.failed(nowNs, failure);
  }
}

const NO_BODY = new Uint8Array(0);

function downloadFailure(head: ReplyHead | undefined): Failure {
  const status = head?.status ?? 0;
  return {
    type: "DownloadFailed",
    message: `what was made cannot be fetched: ${status} ${head?.reason ?? ""}; see --download-video-content`,
  };
}
