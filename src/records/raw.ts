// Keeps a request and its reply as they were, where somebody wants to see them: every event of a
// stream and every body with the time at which it was whole. Apart from the understanding of
// replies, which throws away most of what it reads.

import { compressionOf, Inflater, inflated, type SseEvent, SseReader } from "#endpoint";
import { FRAME_BODY, FRAME_EVENTS, FRAME_SENT, type Frame } from "#ring";

/** An event of a stream, or a body. */
export interface KeptResponse {
  readonly stampNs: number;
  /** The fields of an event; undefined for a body. */
  readonly packets: readonly KeptPacket[] | undefined;
  readonly text: string;
}

export interface KeptPacket {
  readonly name: string;
  readonly value: string;
}

/** What went over one slot since its last END. */
export interface Kept {
  /** The body that was sent; undefined when it was not, or is too large for the ring. */
  readonly body: string | undefined;
  readonly responses: readonly KeptResponse[];
}

export interface RawKeeper {
  /** To be called with every frame of a ring, before anyone else looks at it. */
  take(frame: Frame): void;
  /** What was kept of the slot's request, which has ended; forgets it. */
  release(slot: number): Kept;
}

/** A reply that is larger is cut: one request must not take all memory. */
const KEPT_BYTES_MAX = 64 * 2 ** 20;

export function rawKeeper(): RawKeeper {
  const slots: SlotKeeper[] = [];
  return {
    take(frame) {
      const { buffer, byteOffset } = frame.bytes;
      const bytes = Buffer.from(buffer, byteOffset + frame.start, frame.end - frame.start);
      const slot = (slots[frame.slot] ??= new SlotKeeper());
      if (frame.kind === FRAME_SENT) slot.body = bytes.toString("utf8");
      else if (frame.kind === FRAME_EVENTS) slot.events(bytes, frame.stampNs);
      else if (frame.kind === FRAME_BODY) slot.piece(bytes, frame.stampNs);
    },
    release(slot) {
      return (slots[slot] ??= new SlotKeeper()).release();
    },
  };
}

class SlotKeeper {
  body: string | undefined;
  readonly #sse = new SseReader();
  #responses: KeptResponse[] = [];
  #pieces: Buffer[] = [];
  #bytes = 0;
  #inflater: Inflater | undefined;
  #stampNs = 0;

  events(bytes: Buffer, stampNs: number): void {
    this.#stampNs = stampNs;
    if (this.#bytes === 0 && this.#inflater === undefined) {
      const compression = compressionOf(bytes, 0);
      if (compression !== undefined) this.#inflater = new Inflater(compression);
    }
    if (this.#inflater === undefined) this.#readEvents(bytes);
    else this.#inflater.push(bytes, this.#readEvents);
  }

  readonly #readEvents = (bytes: Buffer): void => {
    this.#bytes += bytes.length;
    if (this.#bytes <= KEPT_BYTES_MAX) this.#sse.push(bytes, this.#event);
  };

  piece(bytes: Buffer, stampNs: number): void {
    this.#stampNs = stampNs;
    this.#bytes += bytes.length;
    // The ring's memory is used again: what is kept is a copy.
    if (this.#bytes <= KEPT_BYTES_MAX) this.#pieces.push(Buffer.from(bytes));
  }

  release(): Kept {
    this.#sse.end(this.#event);
    if (this.#pieces.length > 0) {
      const bytes = Buffer.concat(this.#pieces);
      const compression = compressionOf(bytes, 0) ?? "";
      const text = (inflated(bytes, compression) ?? bytes).toString("utf8");
      this.#responses.push({ stampNs: this.#stampNs, packets: undefined, text });
    }
    const kept = { body: this.body, responses: this.#responses };
    this.body = undefined;
    this.#responses = [];
    this.#pieces = [];
    this.#bytes = 0;
    this.#inflater?.close();
    this.#inflater = undefined;
    this.#sse.reset();
    return kept;
  }

  readonly #event = (event: SseEvent): void => {
    const fields = [
      { name: "event", value: event.name },
      { name: "data", value: event.data },
      { name: "comment", value: event.comment },
    ];
    const packets = fields.filter((field): field is KeptPacket => field.value !== undefined);
    if (packets.length > 0) this.#responses.push({ stampNs: this.#stampNs, packets, text: "" });
  };
}
