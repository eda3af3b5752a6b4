// What the sending side must know of a reply while it comes: whether content has begun, and what
// the reply will be in the next request. It is for those requests that need it; the measuring
// side reads every reply by itself, later and on another thread.

import type { EndpointRow } from "./endpoint.ts";
import { compressionOf, Inflater, inflated } from "./inflate.ts";
import { ReplyMemory } from "./memory.ts";
import { clearFacts, emptyFacts, hasContent, looseObject } from "./reply.ts";
import { type SseEvent, SseReader } from "./sse.ts";

export class ReplyListener {
  /** True once any content was there: text, reasoning or a tool call. */
  hasContent = false;
  readonly memory = new ReplyMemory();

  readonly #row: EndpointRow;
  readonly #sse = new SseReader();
  readonly #facts = emptyFacts();
  readonly #pieces: Buffer[] = [];
  #isDone = false;
  #isFirst = true;
  #inflater: Inflater | undefined;

  constructor(row: EndpointRow) {
    this.#row = row;
  }

  reset(): void {
    this.hasContent = false;
    this.memory.clear();
    this.#sse.reset();
    this.#pieces.length = 0;
    this.#isDone = false;
    this.#isFirst = true;
    this.#inflater?.close();
    this.#inflater = undefined;
  }

  /** Bytes of an event stream, valid during this call. */
  events(bytes: Buffer): void {
    if (this.#isFirst) {
      this.#isFirst = false;
      const compression = compressionOf(bytes, 0);
      if (compression !== undefined) this.#inflater = new Inflater(compression);
    }
    if (this.#inflater === undefined) this.#take(bytes);
    else this.#inflater.push(bytes, this.#take);
  }

  readonly #take = (bytes: Buffer): void => {
    if (!this.#isDone) this.#sse.push(bytes, this.#event);
  };

  /** Bytes of any other body; they are read when it is whole. */
  piece(bytes: Buffer): void {
    this.#pieces.push(Buffer.from(bytes));
  }

  /** The reply is complete. */
  finish(): void {
    if (this.#pieces.length > 0) {
      const bytes = Buffer.concat(this.#pieces);
      const compression = compressionOf(bytes, 0) ?? "";
      this.#json((inflated(bytes, compression) ?? bytes).toString("utf8"));
    } else if (!this.#isDone) this.#sse.end(this.#event);
  }

  readonly #event = ({ data }: SseEvent): void => {
    if (data === "[DONE]") this.#isDone = true;
    else if (data !== undefined && data !== "") this.#json(data);
  };

  #json(text: string): void {
    let json: unknown = text;
    try {
      json = JSON.parse(text);
    } catch {
      // What is not JSON means something to few endpoints; the record will say so of the others.
    }
    const facts = this.#facts;
    clearFacts(facts);
    const object = looseObject(json);
    if (object === undefined) this.#row.readOther?.(json, facts);
    else this.#row.read(object, facts);
    if (hasContent(facts)) this.hasContent = true;
    if (object !== undefined) this.#row.remember?.(object, this.memory);
  }
}
