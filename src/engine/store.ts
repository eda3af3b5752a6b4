// The bodies of all requests, rendered before the run and shared by all workers: sending one costs
// a copy into the socket's buffer and nothing else.

import { assert, type Pieces, pieceFiller } from "#core";

/** Structured-cloneable; the memory is shared, not copied. */
export interface BodyStore {
  readonly bytes: SharedArrayBuffer;
  /** Body i is `bytes[offsets[i], offsets[i + 1])`. */
  readonly offsets: SharedArrayBuffer;
  /** Session i consists of bodies `[firstTurns[i], firstTurns[i + 1])`. */
  readonly firstTurns: SharedArrayBuffer;
  /** Texts that are put into bodies only when they are sent; undefined when all are in them. */
  readonly pieces: Pieces | undefined;
}

/** Packs the bodies of each session's turns. */
export function packBodies(
  sessions: readonly (readonly string[])[],
  pieces?: Pieces,
): BodyStore {
  const bodies = sessions.flat();
  assert(bodies.length > 0, "there is something to send");
  const offsets = new SharedArrayBuffer((bodies.length + 1) * 8);
  const offset = new Float64Array(offsets);
  let total = 0;
  for (let i = 0; i < bodies.length; i++) {
    total += Buffer.byteLength(bodies[i]!);
    offset[i + 1] = total;
  }
  const bytes = new SharedArrayBuffer(Math.max(1, total));
  const view = Buffer.from(bytes);
  for (let i = 0; i < bodies.length; i++) view.write(bodies[i]!, offset[i]!, "utf8");

  const firstTurns = new SharedArrayBuffer((sessions.length + 1) * 4);
  const first = new Uint32Array(firstTurns);
  for (let i = 0; i < sessions.length; i++) first[i + 1] = first[i]! + sessions[i]!.length;
  return { bytes, offsets, firstTurns, pieces };
}

export interface BodyReader {
  readonly sessions: number;
  /** Bodies of a session: first index and one past the last. */
  turnsOf(session: number): readonly [first: number, end: number];
  body(index: number): Uint8Array;
}

export function readBodies(store: BodyStore): BodyReader {
  const bytes = new Uint8Array(store.bytes);
  const offsets = new Float64Array(store.offsets);
  const firstTurns = new Uint32Array(store.firstTurns);
  const filled =
    store.pieces === undefined ? (body: Uint8Array) => body : pieceFiller(store.pieces);
  return {
    sessions: firstTurns.length - 1,
    turnsOf: (session) => [firstTurns[session]!, firstTurns[session + 1]!],
    body: (index) => filled(bytes.subarray(offsets[index]!, offsets[index + 1]!)),
  };
}
