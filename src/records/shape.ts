// Learns what a stream's usual event looks like, so that the next ones need no parsing. What is
// learnt is proved: the event is read again with probes in the place of its text, its names and its
// numbers, and only if each comes out where it belongs, or means nothing, the look holds for all.

import type { Usage } from "#core";
import { type EndpointRow, emptyFacts, looseObject, type ReplyFacts } from "#endpoint";
import { HOLES_MAX, type StreamHole, type StreamLook } from "#ffi";

/** What events of a look say, beside their text. */
export interface Meaning {
  /** Undefined where they have no text. */
  readonly fact: "text" | "reasoning" | "tool" | undefined;
  /** Undefined where they say nothing of tokens. */
  readonly usage: Usage | undefined;
  /** Counts of that usage that are what fills a hole. */
  readonly counts: readonly Count[];
}

interface Count {
  readonly field: keyof Usage;
  readonly hole: number;
}

export type Shape = StreamLook<Meaning>;

/** An event longer than this around its text is not worth comparing. */
const AROUND_MAX_BYTES = 4096;
/** One event of one line, whose name, if it has any, says nothing more than its data. */
const FRAME = /^(?:event: ?(?!error\b)[\w.]+\r?\n)?data: ?(\{.*\})[ \t]*(?:\r\n\r\n|\n\n)$/;
/** Keys under which endpoints keep a chunk's text. */
const TEXT_KEYS = [
  "content",
  "text",
  "reasoning_content",
  "reasoning",
  "delta",
  "thinking",
  "arguments",
  "partial_json",
].map((key) => `"${key}":`);
const FACTS = ["text", "reasoning", "tool"] as const;
const PROBE = "\u0001probe";
const PROBE_NAME = "another-name";
/** The first of the numbers that stand in for others; no server counts that far. */
const PROBE_NUMBER = 7_001_002_003_004;
/** Names that differ from stream to stream, and numbers that may differ from event to event. */
const HOLE = /"(?:item_)?id": ?"([^"\\]+)"|": ?(-?(?:0|[1-9]\d{0,14})(?:\.\d{1,8})?)(?=[,}\] ])/dg;

/**
 * The shape of a segment that is exactly one event with some text; undefined when its bytes do not
 * show that any other text in its place would mean the same.
 */
export function shapeOf(segment: Buffer, row: EndpointRow): Shape | undefined {
  const event = segment.toString("utf8");
  const frame = FRAME.exec(event);
  if (frame === null || event.length > 2 * AROUND_MAX_BYTES) return undefined;
  for (const key of TEXT_KEYS) {
    const open = textAfter(event, key);
    if (open === -1) continue;
    const close = textEnd(event, open);
    if (close === -1) return undefined;
    const parts = [event.slice(0, open), event.slice(close)] as const;
    const holes = holesIn(parts);
    // What a number changes is then left to the bytes that stand there.
    const shape = proved(row, parts, holes) ?? proved(row, parts, []);
    if (shape === undefined) continue;
    return shape.before.length + shape.after.length <= AROUND_MAX_BYTES ? shape : undefined;
  }
  return undefined;
}

/** The same of an event without text, all of which is then `before`. */
export function silentShapeOf(segment: Buffer, row: EndpointRow): Shape | undefined {
  const event = segment.toString("utf8");
  if (!FRAME.test(event) || event.length > AROUND_MAX_BYTES) return undefined;
  const parts = [event, ""] as const;
  return proved(row, parts, holesIn(parts), "") ?? proved(row, parts, [], "");
}

/** Which kind of text an event has. */
export function factOf(facts: ReplyFacts): Meaning["fact"] {
  return FACTS.find((fact) => facts[fact] !== "");
}

/** Where the text of a key begins; -1 when it has none. */
function textAfter(event: string, key: string): number {
  const found = event.indexOf(key);
  if (found === -1) return -1;
  const at = found + key.length;
  if (event[at] === '"') return at + 1;
  return event[at] === " " && event[at + 1] === '"' ? at + 2 : -1;
}

type Parts = readonly [before: string, after: string];

/** A hole by its place in a part, in characters. */
interface Gap {
  readonly part: 0 | 1;
  readonly from: number;
  readonly to: number;
  readonly isNumber: boolean;
}

function holesIn(parts: Parts): readonly Gap[] {
  const gaps = parts.flatMap((part, index) => {
    // The event's name, before the JSON, stays as it is.
    const json = index === 0 ? part.indexOf("{") : 0;
    return [...part.matchAll(HOLE)].flatMap(({ indices }): Gap[] => {
      const name = indices?.[1];
      const [from, to] = name ?? indices![2]!;
      return from < json ? [] : [{ part: index as 0 | 1, from, to, isNumber: name === undefined }];
    });
  });
  return gaps.slice(0, HOLES_MAX);
}

/** The shape, if the event reads as it should whatever fills the gaps. */
function proved(
  row: EndpointRow,
  parts: Parts,
  gaps: readonly Gap[],
  text = PROBE,
): Shape | undefined {
  const event = factsOf(row, parts, text);
  const probed = factsOf(row, filled(parts, gaps), text);
  const fact = text === "" ? undefined : FACTS.find((one) => probed?.[one] === text);
  if (event === undefined || probed === undefined) return undefined;
  if (fact === undefined ? text !== "" : event[fact] !== text) return undefined;
  if (!saysNothingElse(event, fact)) return undefined;
  if (!saysNothingElse(probed, fact)) return undefined;
  const counts = countsIn(event.usage, probed.usage);
  if (counts === undefined) return undefined;
  const beforeBytes = Buffer.byteLength(parts[0]);
  const holes = gaps.map(({ part, from, to, isNumber }): StreamHole => {
    const at = part * beforeBytes + Buffer.byteLength(parts[part].slice(0, from));
    return { at, bytes: Buffer.byteLength(parts[part].slice(from, to)), isNumber };
  });
  return {
    before: Buffer.from(parts[0]),
    after: Buffer.from(parts[1]),
    holes,
    meaning: { fact, usage: event.usage, counts },
  };
}

/** Which counts follow which holes; undefined when one follows them in another way. */
function countsIn(event: Usage | undefined, probed: Usage | undefined): Count[] | undefined {
  if (event === undefined || probed === undefined) return event === probed ? [] : undefined;
  const counts: Count[] = [];
  for (const field of Object.keys(probed) as (keyof Usage)[]) {
    if (probed[field] === event[field]) continue;
    const hole = (probed[field] ?? Number.NaN) - PROBE_NUMBER;
    if (!(Number.isInteger(hole) && hole >= 0 && hole < HOLES_MAX)) return undefined;
    counts.push({ field, hole });
  }
  return counts;
}

/** The parts with a probe in each gap. */
function filled(parts: Parts, gaps: readonly Gap[]): Parts {
  const [before, after] = parts.map((text, part) => {
    let written = "";
    let at = 0;
    for (const [index, gap] of gaps.entries()) {
      if (gap.part !== part) continue;
      written += text.slice(at, gap.from) + (gap.isNumber ? PROBE_NUMBER + index : PROBE_NAME);
      at = gap.to;
    }
    return written + text.slice(at);
  });
  return [before!, after!];
}

/** What an event with some text says; undefined when it is no object. */
function factsOf(row: EndpointRow, [before, after]: Parts, text: string): ReplyFacts | undefined {
  const json = before.slice(before.indexOf("{")) + JSON.stringify(text).slice(1, -1) + after;
  try {
    const object = looseObject(JSON.parse(json));
    if (object === undefined) return undefined;
    const facts = emptyFacts();
    row.read(object, facts);
    return facts;
  } catch {
    return undefined;
  }
}

/** Whether one fact, and what is said of tokens, is all that there is. */
function saysNothingElse(facts: ReplyFacts, fact: Meaning["fact"]): boolean {
  return Object.entries(NO_FACTS).every(
    ([name, absent]) =>
      name === fact || name === "usage" || facts[name as keyof ReplyFacts] === absent,
  );
}

const NO_FACTS = emptyFacts();

function textEnd(text: string, open: number): number {
  for (let i = open; i < text.length; i++) {
    if (text[i] === '"') return i;
    if (text[i] === "\\") i++;
  }
  return -1;
}
