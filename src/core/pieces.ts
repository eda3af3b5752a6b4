// Texts that are too many to be kept. A trace's prompts may be hundreds of millions of tokens, made
// of the same few words: what is kept is a corpus and, for each text, the places of its pieces in
// it. A mark stands for the text in a body, and is replaced when the body is sent.
//
//   corpus  "the river holds a long winter and the road …"
//   spans   text 0: (4, 11) (38, 8)   text 1: …           start and length of each piece
//   body    {"messages":[{"role":"user","content":"<<aiperf:0>>"}], …}

import { assert } from "./errors.ts";

/** Structured-cloneable; the memory is shared, not copied. */
export interface Pieces {
  /**
   * UTF-8 as it stands in a JSON string: nothing in it needs escaping. In chunks, of which all but
   * the last count as `chunkBytes` long; no piece goes beyond its chunk.
   */
  readonly corpus: readonly SharedArrayBuffer[];
  readonly chunkBytes: number;
  /** Start and length of each piece, those of text 0 first. */
  readonly spans: SharedArrayBuffer;
  /** Text i has pieces `[firstSpans[i], firstSpans[i + 1])`. */
  readonly firstSpans: SharedArrayBuffer;
}

const MARK = "<<aiperf:";
const MARK_END = ">>";

/** What stands in a turn for text `number` of the data set's pieces. */
export function pieceMark(number: number): string {
  return MARK + number + MARK_END;
}

/** Replaces the marks in a body by their texts: a copy for each piece, some GB a second. */
export type PieceFiller = (body: Uint8Array) => Uint8Array;

export function pieceFiller(pieces: Pieces): PieceFiller {
  const { chunkBytes } = pieces;
  const corpus = pieces.corpus.map((chunk) => Buffer.from(chunk));
  const spans = new Uint32Array(pieces.spans);
  const firstSpans = new Uint32Array(pieces.firstSpans);

  return (body) => {
    const source = Buffer.from(body.buffer, body.byteOffset, body.length);
    const marks: { readonly start: number; readonly end: number; readonly text: number }[] = [];
    let length = source.length;
    for (let start = source.indexOf(MARK); start >= 0; ) {
      const close = source.indexOf(MARK_END, start);
      const text = Number(source.toString("latin1", start + MARK.length, close));
      assert(text + 1 < firstSpans.length, "a mark stands for a text that there is");
      const end = close + MARK_END.length;
      marks.push({ start, end, text });
      length -= end - start;
      for (let span = firstSpans[text]!; span < firstSpans[text + 1]!; span++)
        length += spans[2 * span + 1]!;
      start = source.indexOf(MARK, end);
    }
    if (marks.length === 0) return body;

    const filled = Buffer.allocUnsafeSlow(length);
    let from = 0;
    let at = 0;
    for (const { start, end, text } of marks) {
      at += source.copy(filled, at, from, start);
      for (let span = firstSpans[text]!; span < firstSpans[text + 1]!; span++) {
        const place = spans[2 * span]!;
        const from = place % chunkBytes;
        const chunk = corpus[(place - from) / chunkBytes]!;
        at += chunk.copy(filled, at, from, from + spans[2 * span + 1]!);
      }
      from = end;
    }
    source.copy(filled, at, from);
    return filled;
  };
}
