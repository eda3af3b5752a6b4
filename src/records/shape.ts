// Learns what a stream's usual event looks like, so that the next ones need no parsing. What is
// learnt is proved: the event is read again with a probe in the place of its text, and only if the
// probe comes out as the text, and nothing else comes out, the shape holds for any text.

import { type EndpointRow, emptyFacts, looseObject, type ReplyFacts } from "#endpoint";
import type { StreamName } from "#ffi";

export interface Shape {
  readonly before: Buffer;
  readonly after: Buffer;
  /** Where the stream's own name lies in `before`, if it was proved to mean nothing. */
  readonly name: StreamName | undefined;
}

/** An event longer than this around its text is not worth comparing. */
const AROUND_MAX_BYTES = 4096;
/** One event of one line, whose name, if it has any, says nothing more than its data. */
const FRAME = /^(?:event: ?(?!error\b)[\w.]+\r?\n)?data: ?(\{.*\})[ \t]*(?:\r\n\r\n|\n\n)$/;
const PROBE = "\u0001probe";
const ID_KEY = '"id":"';
const PROBE_ID = "another-name";
/** Keys under which endpoints keep a chunk's text. */
const TEXT_KEYS = ['"content":"', '"text":"'] as const;

/**
 * The shape of a segment that is exactly one event with some text; undefined when its bytes do not
 * show that any other text in its place would mean the same.
 */
export function shapeOf(segment: Buffer, row: EndpointRow): Shape | undefined {
  const event = segment.toString("utf8");
  const frame = FRAME.exec(event);
  if (frame === null || event.length > 2 * AROUND_MAX_BYTES) return undefined;
  for (const key of TEXT_KEYS) {
    const found = event.indexOf(key);
    if (found === -1) continue;
    const open = found + key.length;
    const close = textEnd(event, open);
    if (close === -1) return undefined;
    const before = event.slice(0, open);
    const after = event.slice(close);
    if (!provesText(row, before, after)) continue;
    const name = nameIn(row, before, after);
    const shape = { before: Buffer.from(before), after: Buffer.from(after), name };
    const around = shape.before.length + shape.after.length;
    return around <= AROUND_MAX_BYTES ? shape : undefined;
  }
  return undefined;
}

/** The reply's `id`, if another one in its place changes nothing. */
function nameIn(row: EndpointRow, before: string, after: string): StreamName | undefined {
  const found = before.indexOf(ID_KEY);
  if (found === -1) return undefined;
  const open = found + ID_KEY.length;
  const close = textEnd(before, open);
  if (close === -1 || close === open) return undefined;
  const other = before.slice(0, open) + PROBE_ID + before.slice(close);
  if (!provesText(row, other, after)) return undefined;
  const at = Buffer.byteLength(before.slice(0, open));
  return { at, bytes: Buffer.byteLength(before.slice(open, close)) };
}

function provesText(row: EndpointRow, before: string, after: string): boolean {
  const json = before.slice(before.indexOf("{")) + JSON.stringify(PROBE).slice(1, -1) + after;
  try {
    const object = looseObject(JSON.parse(json));
    if (object === undefined) return false;
    const facts = emptyFacts();
    row.read(object, facts);
    return facts.text === PROBE && saysNothingElse(facts);
  } catch {
    return false;
  }
}

/** Whether a text is all that the facts have. */
function saysNothingElse(facts: ReplyFacts): boolean {
  return Object.entries(NO_FACTS).every(
    ([fact, absent]) => fact === "text" || facts[fact as keyof ReplyFacts] === absent,
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
