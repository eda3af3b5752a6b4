// What is to be sent, prepared before the run and shared by all workers: bodies that are ready, so
// that sending one costs a copy into the socket's buffer, and sessions whose later bodies cannot
// be ready because they repeat replies.

import { assert, type Pieces, pieceFiller, type Session } from "#core";
import type { EncodedBody } from "#endpoint";

/** One session as it is packed. */
export interface StoredSession {
  readonly session: Session;
  /** The body of each turn; undefined for one that carries the replies to those before it. */
  readonly bodies: readonly (EncodedBody | undefined)[];
}

/** Structured-cloneable; the memory is shared, not copied. */
export interface BodyStore {
  readonly bytes: SharedArrayBuffer;
  /** Body i is `bytes[offsets[i], offsets[i + 1])`; then come the ids, then the sessions. */
  readonly offsets: SharedArrayBuffer;
  /** Session i consists of bodies `[firstTurns[i], firstTurns[i + 1])`. */
  readonly firstTurns: SharedArrayBuffer;
  /** For each body: its pause, and its time after the schedule's zero; NaN without one. */
  readonly delaysNs: SharedArrayBuffer;
  readonly timestampsNs: SharedArrayBuffer;
  /** Texts that are put into bodies only when they are sent; undefined when all are in them. */
  readonly pieces: Pieces | undefined;
}

/** Packs the sessions; only those that need it are packed as sessions, too. */
export function packBodies(stored: readonly StoredSession[], pieces?: Pieces): BodyStore {
  const turns = stored.flatMap(({ session }) => session.turns);
  const texts = [
    ...stored.flatMap(({ bodies }) => bodies.map((body) => body ?? "")),
    ...stored.map(({ session }) => session.id),
    ...stored.map(({ session, bodies }) =>
      bodies.includes(undefined) ? JSON.stringify(session) : "",
    ),
  ];
  assert(turns.length > 0, "there is something to send");
  assert(texts.length === turns.length + 2 * stored.length, "each turn has its body");

  const offsets = new SharedArrayBuffer((texts.length + 1) * 8);
  const offset = new Float64Array(offsets);
  for (let i = 0; i < texts.length; i++) offset[i + 1] = offset[i]! + Buffer.byteLength(texts[i]!);
  const bytes = new SharedArrayBuffer(Math.max(1, offset[texts.length]!));
  const view = Buffer.from(bytes);
  for (let i = 0; i < texts.length; i++) {
    const text = texts[i]!;
    if (typeof text === "string") view.write(text, offset[i]!, "utf8");
    else view.set(text, offset[i]!);
  }

  const firstTurns = new SharedArrayBuffer((stored.length + 1) * 4);
  const first = new Uint32Array(firstTurns);
  for (let i = 0; i < stored.length; i++) first[i + 1] = first[i]! + stored[i]!.bodies.length;
  return {
    bytes,
    offsets,
    firstTurns,
    delaysNs: numbers(turns.map((turn) => turn.delayNs)),
    timestampsNs: numbers(turns.map((turn) => turn.timestampNs ?? Number.NaN)),
    pieces,
  };
}

function numbers(values: readonly number[]): SharedArrayBuffer {
  const memory = new SharedArrayBuffer(values.length * 8);
  new Float64Array(memory).set(values);
  return memory;
}

export interface BodyReader {
  readonly sessions: number;
  /** Bodies of a session: first index and one past the last. */
  turnsOf(session: number): readonly [first: number, end: number];
  /** False for a body that has to be made when its turn has come. */
  isReady(index: number): boolean;
  body(index: number): Uint8Array;
  /** A body that was made from a session, with the texts that its marks stand for. */
  filled(body: Uint8Array): Uint8Array;
  delayNs(index: number): number;
  /** NaN without one. */
  timestampNs(index: number): number;
  id(session: number): string;
  /** A session of which some bodies are not ready. */
  session(session: number): Session;
}

export function readBodies(store: BodyStore): BodyReader {
  const bytes = new Uint8Array(store.bytes);
  const offsets = new Float64Array(store.offsets);
  const firstTurns = new Uint32Array(store.firstTurns);
  const delaysNs = new Float64Array(store.delaysNs);
  const timestampsNs = new Float64Array(store.timestampsNs);
  const sessions = firstTurns.length - 1;
  const bodies = firstTurns[sessions]!;
  const at = (index: number) => bytes.subarray(offsets[index]!, offsets[index + 1]!);
  const filled =
    store.pieces === undefined ? (body: Uint8Array) => body : pieceFiller(store.pieces);
  // A decoder does not take shared memory, a Buffer does.
  const text = (index: number) => Buffer.from(at(index)).toString("utf8");
  return {
    sessions,
    turnsOf: (session) => [firstTurns[session]!, firstTurns[session + 1]!],
    isReady: (index) => offsets[index + 1]! > offsets[index]!,
    body: (index) => filled(at(index)),
    filled,
    delayNs: (index) => delaysNs[index]!,
    timestampNs: (index) => timestampsNs[index]!,
    id: (session) => text(bodies + session),
    session: (session) => JSON.parse(text(bodies + sessions + session)) as Session,
  };
}
