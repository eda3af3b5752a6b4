// The bodies of all requests, rendered before the run and shared by all workers: sending one costs
// a copy into the socket's buffer and nothing else. Of prompts that are too large to be kept, only
// the places of their pieces in a common corpus are; such a body is put together when it is sent.

import { assert } from "#core";

/** Structured-cloneable; the memory is shared, not copied. */
export interface BodyStore {
  readonly bytes: SharedArrayBuffer;
  /** Body i is `bytes[offsets[i], offsets[i + 1])`, with its pieces of the corpus put in. */
  readonly offsets: SharedArrayBuffer;
  /** Session i consists of bodies `[firstTurns[i], firstTurns[i + 1])`. */
  readonly firstTurns: SharedArrayBuffer;
  /** Undefined when every body is whole. */
  readonly pieces: BodyPieces | undefined;
}

export interface BodyPieces {
  /** Text as it stands in a JSON string: nothing in it needs escaping. */
  readonly corpus: SharedArrayBuffer;
  /** Start and length of each piece in the corpus, those of body 0 first. */
  readonly spans: SharedArrayBuffer;
  /** Body i has pieces `[firstSpans[i], firstSpans[i + 1])`. */
  readonly firstSpans: SharedArrayBuffer;
  /** Where in `bytes` the pieces of body i go. */
  readonly gaps: SharedArrayBuffer;
}

/** A body with a gap, and what is to fill it: start and length of each piece in the corpus. */
export interface GappedBody {
  readonly before: string;
  readonly spans: Uint32Array;
  readonly after: string;
}

/**
 * Packs the bodies of each session's turns.
 * @param corpus what the spans of gapped bodies speak of
 */
export function packBodies(
  sessions: readonly (readonly (string | GappedBody)[])[],
  corpus?: SharedArrayBuffer,
): BodyStore {
  const bodies = sessions.flat();
  assert(bodies.length > 0, "there is something to send");
  const offsets = new SharedArrayBuffer((bodies.length + 1) * 8);
  const offset = new Float64Array(offsets);
  let total = 0;
  for (let i = 0; i < bodies.length; i++) {
    const body = bodies[i]!;
    total += Buffer.byteLength(typeof body === "string" ? body : body.before + body.after);
    offset[i + 1] = total;
  }
  const bytes = new SharedArrayBuffer(Math.max(1, total));
  const view = Buffer.from(bytes);
  for (let i = 0; i < bodies.length; i++) {
    const body = bodies[i]!;
    view.write(typeof body === "string" ? body : body.before + body.after, offset[i]!, "utf8");
  }

  const firstTurns = new SharedArrayBuffer((sessions.length + 1) * 4);
  const first = new Uint32Array(firstTurns);
  for (let i = 0; i < sessions.length; i++) first[i + 1] = first[i]! + sessions[i]!.length;
  const pieces = corpus === undefined ? undefined : packPieces(bodies, offset, corpus);
  return { bytes, offsets, firstTurns, pieces };
}

function packPieces(
  bodies: readonly (string | GappedBody)[],
  offset: Float64Array,
  corpus: SharedArrayBuffer,
): BodyPieces {
  const firstSpans = new SharedArrayBuffer((bodies.length + 1) * 4);
  const gaps = new SharedArrayBuffer(bodies.length * 8);
  const first = new Uint32Array(firstSpans);
  const gap = new Float64Array(gaps);
  for (const [i, body] of bodies.entries()) {
    const gapped = typeof body === "string" ? undefined : body;
    first[i + 1] = first[i]! + (gapped === undefined ? 0 : gapped.spans.length / 2);
    gap[i] = gapped === undefined ? offset[i]! : offset[i]! + Buffer.byteLength(gapped.before);
  }
  const spans = new SharedArrayBuffer(Math.max(8, first[bodies.length]! * 8));
  const span = new Uint32Array(spans);
  for (const [i, body] of bodies.entries())
    if (typeof body !== "string") span.set(body.spans, first[i]! * 2);
  return { corpus, spans, firstSpans, gaps };
}

export interface BodyReader {
  readonly sessions: number;
  /** Bodies of a session: first index and one past the last. */
  turnsOf(session: number): readonly [first: number, end: number];
  /** A body, whole; a view where it is kept whole, else memory of its own. */
  body(index: number): Uint8Array;
}

export function readBodies(store: BodyStore): BodyReader {
  const bytes = new Uint8Array(store.bytes);
  const offsets = new Float64Array(store.offsets);
  const firstTurns = new Uint32Array(store.firstTurns);
  const kept = (index: number) => bytes.subarray(offsets[index]!, offsets[index + 1]!);
  const filled = store.pieces === undefined ? kept : filler(store.pieces, bytes, offsets, kept);
  return {
    sessions: firstTurns.length - 1,
    turnsOf: (session) => [firstTurns[session]!, firstTurns[session + 1]!],
    body: filled,
  };
}

/** Puts bodies together: a copy for each piece, some 10 GB/s. */
function filler(
  pieces: BodyPieces,
  bytes: Uint8Array,
  offsets: Float64Array,
  kept: (index: number) => Uint8Array,
): (index: number) => Uint8Array {
  const corpus = new Uint8Array(pieces.corpus);
  const spans = new Uint32Array(pieces.spans);
  const firstSpans = new Uint32Array(pieces.firstSpans);
  const gaps = new Float64Array(pieces.gaps);
  return (index) => {
    const [first, end] = [firstSpans[index]!, firstSpans[index + 1]!];
    if (first === end) return kept(index);
    const [start, gap, stop] = [offsets[index]!, gaps[index]!, offsets[index + 1]!];
    let length = stop - start;
    for (let span = first; span < end; span++) length += spans[2 * span + 1]!;
    const body = Buffer.allocUnsafeSlow(length);
    body.set(bytes.subarray(start, gap));
    let at = gap - start;
    for (let span = first; span < end; span++) {
      const from = spans[2 * span]!;
      const size = spans[2 * span + 1]!;
      body.set(corpus.subarray(from, from + size), at);
      at += size;
    }
    body.set(bytes.subarray(gap, stop), at);
    return body;
  };
}
