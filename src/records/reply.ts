// What has been understood of one reply so far. One object a slot, reused from request to request,
// so that a stream of half a million events leaves nothing to collect.

import type { MediaFacts, RequestError, Speculation, Usage } from "#core";
import {
  clearFacts,
  compressionOf,
  type EndpointRow,
  emptyFacts,
  gatheredUsage,
  hasContent,
  Inflater,
  inflated,
  looseObject,
  type ReplyFacts,
  readError,
  type SseEvent,
  SseReader,
} from "#endpoint";
import { type SegmentMemory, StreamShape } from "#ffi";
import { KnownEvents, UNKNOWN } from "./known-events.ts";
import { KnownShapes } from "./known-shapes.ts";
import { factOf, type Meaning, shapeOf } from "./shape.ts";

/** Text of a reply that is an error, as far as it is kept. */
const ERROR_TEXT_MAX_BYTES = 4096;
/** A body that is larger is no reply of a language model: it is not gathered any further. */
const BODY_MAX_BYTES = 64 * 2 ** 20;
/** A stream whose events never repeat is parsed, without trying for ever to learn it. */
const LESSONS_MAX = 4;
/** Events that a lesson must have saved to be worth another, as when a second has gone by. */
const LESSON_PAYS = 16;

/** Type of a reply whose bytes cannot be understood. */
export const MALFORMED_REPLY = "MalformedReply";

export class Reply {
  /** Arrival of each content response; the first `contents` are set. */
  contentNs = new Float64Array(64);
  contents = 0;
  firstOutputNs = Number.NaN;
  text = "";
  reasoning = "";
  usage: Usage | undefined;
  /** What the server's count of output tokens was when the first content came. */
  firstTokens: number | undefined;
  speculation: Speculation | undefined;
  media: MediaFacts | undefined;
  error: RequestError | undefined;
  sawEvents = false;
  /** Arrival of the first bytes; NaN before any came. */
  firstBytesNs = Number.NaN;

  readonly #row: EndpointRow;
  readonly #sse = new SseReader();
  readonly #shape = new StreamShape<Meaning>();
  readonly #known: KnownShapes;
  readonly #events: KnownEvents;
  #lessons = 0;
  #saved = 0;
  /** Whether the last content event was none of those that are recognised. */
  #strange = false;
  readonly #facts = emptyFacts();
  readonly #pieces: Buffer[] = [];
  #pieceBytes = 0;
  #done = false;
  #stampNs = 0;
  #speculations = 0;
  #inflater: Inflater | undefined;

  /**
   * @param known the shapes of streams that were learnt; shared by all replies of a thread
   * @param events what streams of the server are made of; shared as well
   */
  constructor(row: EndpointRow, known = new KnownShapes(), events = new KnownEvents(row)) {
    this.#row = row;
    this.#known = known;
    this.#events = events;
  }

  /** Bytes of an event stream: `memory.bytes[start, end)`. */
  events(memory: SegmentMemory, start: number, end: number, stampNs: number): void {
    this.#stampNs = stampNs;
    if (Number.isNaN(this.firstBytesNs)) {
      this.firstBytesNs = stampNs;
      this.sawEvents = true;
      const compression = compressionOf(memory.bytes, start);
      if (compression !== undefined) this.#inflater = new Inflater(compression);
    }
    if (this.#done) return;
    if (this.#inflater !== undefined) {
      if (!this.#inflater.push(memory.bytes.subarray(start, end), this.#readEvents))
        this.#fail(MALFORMED_REPLY, "the compressed stream is broken");
      return;
    }
    const whole = this.#sse.idle;
    if (whole && this.#recognised(memory, start, end)) return;
    this.#join();
    const before = this.contents;
    const from = whole ? this.#tell(memory, start, end) : start;
    if (from < end) {
      const rest = memory.bytes.subarray(from, end);
      this.#readEvents(rest);
      if (whole) this.#events.learn(rest);
    }
    if (!whole || before === 0 || this.contents !== before + 1) return;
    if (this.#changed(memory, start, end)) this.#strange = false;
    // One alone is most likely a reply's last, which no other follows.
    else if (!this.#strange) this.#strange = true;
    else this.#learn(memory.bytes.subarray(start, end));
  }

  /** Takes whole events of known kinds; answers where the first of another kind begins. */
  #tell(memory: SegmentMemory, start: number, end: number): number {
    const events = this.#events;
    const facts = this.#facts;
    for (let at = start; at < end; ) {
      if (events.isDone(memory, at, end)) {
        this.#done = true;
        return end;
      }
      clearFacts(facts);
      const next = events.take(memory, at, end, facts);
      if (next === UNKNOWN) return at;
      this.#take(facts);
      at = next;
    }
    return end;
  }

  readonly #readEvents = (bytes: Buffer): void => {
    if (!this.#sse.push(bytes, this.#event))
      this.#fail(MALFORMED_REPLY, "an event of the stream does not end");
  };

  /** Whether a compressed reply could be read all the same. */
  isInflated = false;

  /** Bytes of any other body; they are understood when it is whole. */
  piece(bytes: Buffer, stampNs: number): void {
    if (Number.isNaN(this.firstBytesNs)) this.firstBytesNs = stampNs;
    this.#pieceBytes += bytes.length;
    if (this.#pieceBytes <= BODY_MAX_BYTES) this.#pieces.push(Buffer.from(bytes));
    else this.#fail(MALFORMED_REPLY, `the reply is larger than ${BODY_MAX_BYTES / 2 ** 20} MiB`);
  }

  /**
   * The reply is complete: reads what only its end completes.
   * @param encoding what the head says of the body's compression; empty for none
   */
  finish(endNs: number, encoding = ""): void {
    this.#stampNs = endNs;
    this.#join();
    if (this.sawEvents) {
      // What its bytes were taken for has to be what the head says of them.
      this.isInflated = this.#inflater?.kind === encoding.replace(/^x-/, "");
      this.#sse.end(this.#event);
    } else if (this.#pieces.length > 0 && this.error === undefined) {
      const bytes = inflated(Buffer.concat(this.#pieces), encoding);
      this.isInflated = bytes !== undefined;
      if (bytes !== undefined) this.#json(bytes.toString("utf8"), "the reply");
    }
  }

  /** The body as text, for an error message; empty when it cannot be read. */
  bodyText(encoding: string): string {
    const bytes = inflated(Buffer.concat(this.#pieces), encoding) ?? Buffer.alloc(0);
    return bytes.subarray(0, ERROR_TEXT_MAX_BYTES).toString("utf8").trim();
  }

  reset(): void {
    this.contents = 0;
    this.#strange = false;
    this.firstOutputNs = Number.NaN;
    this.text = "";
    this.reasoning = "";
    this.usage = undefined;
    this.firstTokens = undefined;
    this.speculation = undefined;
    this.#speculations = 0;
    this.media = undefined;
    this.error = undefined;
    this.sawEvents = false;
    this.firstBytesNs = Number.NaN;
    this.isInflated = false;
    this.#inflater?.close();
    this.#inflater = undefined;
    this.#sse.reset();
    this.#shape.forget();
    this.#lessons = 0;
    this.#saved = 0;
    this.#pieces.length = 0;
    this.#pieceBytes = 0;
    this.#done = false;
  }

  readonly #event = (event: SseEvent): void => {
    if (this.#done) return;
    if (event.name === "error") {
      const stated = readError(looseObject(parse(event.data ?? "")) ?? {})?.message;
      const message = event.comment ?? stated ?? event.data ?? "the stream carried an error event";
      this.#fail("SSEResponseError", message, 502);
      return;
    }
    const { data } = event;
    if (data === undefined || data === "") return;
    if (data === "[DONE]") this.#done = true;
    else this.#json(data, "an event of the stream");
  };

  #json(text: string, where: string): void {
    const json = parse(text);
    const object = looseObject(json);
    const facts = this.#facts;
    clearFacts(facts);
    if (object !== undefined) this.#row.read(object, facts);
    else if (!this.#row.readOther?.(json === undefined ? text : json, facts)) {
      this.#fail(MALFORMED_REPLY, `${where} is not a JSON object: ${excerpt(text)}`);
      return;
    }
    this.#take(facts);
  }

  /** Takes in what an event, or a whole body, says. */
  #take(facts: ReplyFacts): void {
    if (facts.error !== undefined) this.error ??= facts.error;
    if (facts.usage !== undefined) this.#count(facts.usage);
    if (facts.media !== undefined) this.media = facts.media;
    // Of several accounts of the same reply none can be trusted.
    if (facts.speculation !== undefined)
      this.speculation = this.#speculations++ === 0 ? facts.speculation : undefined;
    if (facts.wholeText !== "" && this.text === "") facts.text = facts.wholeText;
    if (!hasContent(facts)) return;
    const output = facts.tool === "" ? facts.text : facts.tool;
    this.text += output;
    this.reasoning += facts.reasoning;
    if (this.contents === 0) this.firstTokens = facts.usage?.completionTokens;
    this.#content(output !== "" || facts.hasOther);
  }

  /** One more content response came with the bytes at hand. */
  #content(isOutput = true): void {
    if (this.contents === this.contentNs.length) {
      const grown = new Float64Array(this.contents * 2);
      grown.set(this.contentNs);
      this.contentNs = grown;
    }
    this.contentNs[this.contents++] = this.#stampNs;
    if (isOutput && Number.isNaN(this.firstOutputNs)) this.firstOutputNs = this.#stampNs;
  }

  /** Takes events that look like those before them; false when they have to be parsed. */
  #recognised(memory: SegmentMemory, start: number, end: number): boolean {
    const shape = this.#shape;
    if (shape.meaning === undefined) shape.adopt(this.#known.last);
    const { meaning } = shape;
    // How many tokens came with the first content is only read where it is parsed.
    if (meaning === undefined || (this.contents === 0 && meaning.usage !== undefined)) return false;
    const taken = shape.take(memory, start, end);
    for (let i = 0; i < taken; i++) this.#content(meaning.fact !== "reasoning");
    this.#saved += taken;
    if (taken > 0) this.#strange = false;
    return taken > 0;
  }

  /**
   * Goes over to the known shape of another kind of text, if the event that has just been parsed has
   * it: its text is in already.
   */
  #changed(memory: SegmentMemory, start: number, end: number): boolean {
    const fact = factOf(this.#facts);
    const known = this.#known.of(fact);
    const shape = this.#shape;
    if (known === undefined || shape.meaning?.fact === fact) return false;
    shape.adopt(known);
    const taken = shape.take(memory, start, end);
    shape.readText();
    return taken > 0;
  }

  /** Tries to make the event that has just been parsed the last one that needs to be. */
  #learn(segment: Buffer): void {
    if (this.#saved >= LESSON_PAYS) this.#lessons = 0;
    if (this.#lessons++ >= LESSONS_MAX) return;
    this.#saved = 0;
    const shape = shapeOf(segment, this.#row);
    if (shape === undefined) return;
    this.#shape.learn(shape);
    this.#known.learn(shape);
  }

  /** Adds what the shape took, so that what is parsed next comes after it. */
  #join(): void {
    const json = this.#shape.readText();
    const { meaning } = this.#shape;
    if (json === "" || meaning === undefined) return;
    const text = json.includes("\\") ? parse(`"${json}"`) : json;
    if (typeof text !== "string")
      this.#fail(MALFORMED_REPLY, `a text of the stream is not JSON: ${excerpt(json)}`);
    else if (meaning.fact === "reasoning") this.reasoning += text;
    else this.text += text;
    if (meaning.usage !== undefined) this.#count(this.#lastUsage(meaning, meaning.usage));
  }

  /** What the last event that the shape took says of tokens. */
  #lastUsage({ counts }: Meaning, usage: Usage): Usage {
    const told = counts.map(({ field, hole }) => [field, Number(this.#shape.filling(hole))]);
    return { ...usage, ...Object.fromEntries(told) };
  }

  #count(usage: Usage): void {
    this.usage = this.#row.gathersUsage ? gatheredUsage(this.usage, usage) : usage;
  }

  #fail(type: string, message: string, code?: number): void {
    this.error ??= { code, type, message };
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Some servers break a JSON string over several `data:` lines.
    if (!text.includes("\n")) return undefined;
    try {
      return JSON.parse(text.replaceAll("\n", "\\n"));
    } catch {
      return undefined;
    }
  }
}

function excerpt(text: string): string {
  const flat = text.replace(/\s+/g, " ").trim();
  return flat.length <= 120 ? flat : `${flat.slice(0, 120)}…`;
}
