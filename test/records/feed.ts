// Feeds an assembler with the frames of made-up requests, through a real ring.

import type { RequestRecord } from "#core";
import { endpointRow } from "#endpoint";
import { type AssemblerOptions, assembler } from "#records";
import {
  createRing,
  ENDED,
  emptyEnd,
  endEncoder,
  FRAME_BODY,
  FRAME_END,
  FRAME_EVENTS,
  type RequestEnd,
  ringReader,
  ringWriter,
} from "#ring";
import type { Tokenizer } from "#tokenizer";

/** When the made-up request starts; its frames come every 10 ns from `FIRST_NS` on. */
export const START_NS = 1000;
export const FIRST_NS = 2000;
export const STEP_NS = 10;

/** A token is a character. */
export const characters: Tokenizer = {
  name: "characters",
  engine: "javascript",
  encode: (text) => Uint32Array.from([...text], (char) => char.codePointAt(0)!),
  count: (text) => [...text].length,
  countBatch: (texts) => Uint32Array.from(texts, (text) => [...text].length),
  decode: (ids) => String.fromCodePoint(...Array.from(ids)),
  share() {
    throw new Error("no test shares it");
  },
};

export type FeedOptions = Partial<Omit<AssemblerOptions, "visit">>;

export interface FedReply {
  readonly slot?: number;
  /** Each becomes one frame. */
  readonly pieces: readonly (string | Uint8Array)[];
  /** What the END says, beside the usual: a stream with status 200. */
  readonly end?: Partial<RequestEnd>;
}

/** An assembler and a ring into it. */
export function feeder(options: FeedOptions = {}) {
  const records: RequestRecord[] = [];
  const memory = createRing(2 ** 21);
  const writer = ringWriter(memory);
  const reader = ringReader(memory);
  const encode = endEncoder();
  const take = assembler({
    row: endpointRow("chat"),
    streaming: true,
    useServerTokenCount: false,
    tokenizer: characters,
    entries: [{ conversationId: "session_000000", inputTokens: 7, requestedTokens: 9 }],
    phases: ["profiling"],
    worker: 0,
    recorder: 0,
    visit: (record) => records.push(record),
    ...options,
  });

  function put(kind: number, slot: number, stampNs: number, bytes: Uint8Array): void {
    if (!writer.begin(kind, slot, stampNs, bytes.length)) throw new Error("the ring is full");
    writer.append(bytes, 0, bytes.length);
    writer.commit();
    reader.drain(take, Number.POSITIVE_INFINITY);
  }

  return {
    records,
    piece(slot: number, stampNs: number, bytes: string | Uint8Array, contentType = EVENTS) {
      const kind = contentType.startsWith(EVENTS) ? FRAME_EVENTS : FRAME_BODY;
      put(kind, slot, stampNs, Buffer.from(bytes as string));
    },
    end(slot: number, stampNs: number, end: Partial<RequestEnd> = {}) {
      const whole = { ...emptyEnd(), ...USUAL_END, ...end };
      put(FRAME_END, slot, stampNs, encode(whole));
    },
    /** One reply from its first frame to its END; returns its record. */
    feed({ slot = 0, pieces, end = {} }: FedReply): RequestRecord {
      let stampNs = FIRST_NS;
      for (const piece of pieces) {
        this.piece(slot, stampNs, piece, end.contentType);
        stampNs += STEP_NS;
      }
      this.end(slot, stampNs, end);
      return records.at(-1)!;
    },
  };
}

const EVENTS = "text/event-stream";

const USUAL_END: Partial<RequestEnd> = {
  phase: 0,
  credit: 0,
  session: 0,
  turn: 0,
  entry: 0,
  outcome: ENDED,
  dueNs: START_NS - 5,
  startNs: START_NS,
  sentNs: START_NS + 5,
  status: 200,
  reused: 0,
  dnsNs: 0,
  connectNs: 0,
  bytesSent: 1,
  bytesReceived: 1,
  chunksReceived: 1,
  framesLost: 0,
  reason: "OK",
  contentType: `${EVENTS}; charset=utf-8`,
};

/** One event of a stream. */
export function event(data: unknown): string {
  return `data: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`;
}

/** A chunk of a chat with this delta. */
export function delta(fields: object, rest: object = {}): string {
  return event({
    id: "x",
    object: "chat.completion.chunk",
    choices: [{ index: 0, delta: fields, finish_reason: null }],
    ...rest,
  });
}

export const DONE = event("[DONE]");
