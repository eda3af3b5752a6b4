// The events that a server's replies are made of, as far as they repeat but for names, numbers and a
// text. One set for all replies of a thread, in the order in which they were met: what follows an
// event is most likely what followed it in the reply before.

import type { EndpointRow, ReplyFacts } from "#endpoint";
import type { SegmentMemory } from "#ffi";
import { KnownEvent } from "./known-event.ts";
import { shapeOf, silentShapeOf } from "./shape.ts";

/** More kinds than that are no kinds. */
const EVENTS_MAX = 8;
/** Events that never repeat are parsed, without trying for ever to learn them. */
const LESSONS_MAX = 16;
/** Events that lessons must have saved to be worth others, as when a second has gone by. */
const LESSONS_PAY = 64;

const DONE = Buffer.from("data: [DONE]\n\n");
/** What comes after an event; each line end is one of its line's and one of the blank line's. */
const ENDS = ["\n\n", "\r\n\r\n"] as const;

/** How {@link KnownEvents.take} answers, beside a place. */
export const UNKNOWN = -1;

export class KnownEvents {
  readonly #row: EndpointRow;
  readonly #events: KnownEvent[] = [];
  #memory: SegmentMemory | undefined;
  #view: DataView = new DataView(new ArrayBuffer(0));
  /** Which one is tried first. */
  #next = 0;
  #oldest = 0;
  #lessons = 0;
  #saved = 0;

  constructor(row: EndpointRow) {
    this.#row = row;
  }

  /**
   * Reads the event at `start`, if it is like one that was learnt, into cleared facts.
   * @returns where it ends, or {@link UNKNOWN}
   */
  take(memory: SegmentMemory, start: number, end: number, facts: ReplyFacts): number {
    if (memory !== this.#memory) this.#look(memory);
    const events = this.#events;
    for (let tried = 0, at = this.#next; tried < events.length; tried++, at++) {
      if (at >= events.length) at = 0;
      const event = events[at]!;
      const to = event.match(this.#view, start, end);
      if (to === UNKNOWN) continue;
      event.tell(memory.bytes, facts);
      this.#next = at + 1;
      this.#saved++;
      return to;
    }
    return UNKNOWN;
  }

  /** Whether the stream's last event is at `start`, spelled as most servers spell it. */
  isDone({ bytes }: SegmentMemory, start: number, end: number): boolean {
    if (end - start < DONE.length || bytes[start + 6] !== DONE[6]) return false;
    for (let i = 0; i < DONE.length; i++) if (bytes[start + i] !== DONE[i]) return false;
    return true;
  }

  /** Learns the event that some bytes begin with, which was parsed. */
  learn(bytes: Buffer): void {
    if (this.#saved >= LESSONS_PAY) this.#lessons = 0;
    if (this.#lessons >= LESSONS_MAX) return;
    const ends = ENDS.map((end) => ({ at: bytes.indexOf(end), bytes: end.length }));
    const first = ends.filter(({ at }) => at !== -1).sort((a, b) => a.at - b.at)[0];
    if (first === undefined) return;
    this.#lessons++;
    this.#saved = 0;
    const event = bytes.subarray(0, first.at + first.bytes);
    const shape = shapeOf(event, this.#row) ?? silentShapeOf(event, this.#row);
    if (shape === undefined) return;
    if (this.#events.length < EVENTS_MAX) this.#events.push(new KnownEvent(shape));
    else this.#events[this.#oldest++ % EVENTS_MAX] = new KnownEvent(shape);
  }

  #look(memory: SegmentMemory): void {
    const { buffer, byteOffset, byteLength } = memory.bytes;
    this.#memory = memory;
    this.#view = new DataView(buffer, byteOffset, byteLength);
  }
}
