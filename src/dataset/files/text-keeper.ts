// Keeps the long texts of a large file as the bytes that will be sent, outside of the collector's
// heap: a file of gigabytes then takes its own size, once, and not the tenfold.

import { type Pieces, pieceMark } from "#core";

export interface TextKeeper {
  /** The text itself, or for a long one the mark that stands for it. */
  keep(text: string): string;
  /** What the marks stand for; undefined when there are none. */
  pieces(): Pieces | undefined;
}

/** Files below this are read the plain way. */
const LARGE_FILE_BYTES = 16 * 2 ** 20;
const LONG_CHARACTERS = 256;
const CHUNK_BYTES = 16 * 2 ** 20;
/** Places are 32 bits wide; what comes after that many bytes stays in the heap. */
const KEPT_BYTES_MAX = 2 ** 32 - 2 ** 24;

/** A keeper for a file of this size; one that keeps nothing for a small file. */
export function keeperFor(path: string): TextKeeper {
  if (Bun.file(path).size < LARGE_FILE_BYTES)
    return { keep: (text) => text, pieces: () => undefined };
  return textKeeper();
}

/** @param chunkBytes size of what is asked of the system at a time; longer texts are not kept */
export function textKeeper(chunkBytes = CHUNK_BYTES): TextKeeper {
  const corpus: SharedArrayBuffer[] = [];
  const starts: number[] = [];
  const lengths: number[] = [];
  let chunk: Buffer = Buffer.alloc(0);
  let used = chunkBytes;

  return {
    keep(text) {
      if (text.length < LONG_CHARACTERS || corpus.length * chunkBytes > KEPT_BYTES_MAX) return text;
      const escaped = JSON.stringify(text).slice(1, -1);
      const bytes = Buffer.byteLength(escaped);
      if (bytes > chunkBytes) return text;
      if (used + bytes > chunkBytes) {
        const memory = new SharedArrayBuffer(chunkBytes);
        corpus.push(memory);
        chunk = Buffer.from(memory);
        used = 0;
      }
      chunk.write(escaped, used, "utf8");
      starts.push((corpus.length - 1) * chunkBytes + used);
      lengths.push(bytes);
      used += bytes;
      return pieceMark(lengths.length - 1);
    },
    pieces: () =>
      lengths.length === 0 ? undefined : { corpus, chunkBytes, ...places(starts, lengths) },
  };
}

/** One piece for each text. */
function places(
  starts: readonly number[],
  lengths: readonly number[],
): Pick<Pieces, "spans" | "firstSpans"> {
  const spans = new SharedArrayBuffer(lengths.length * 8);
  const firstSpans = new SharedArrayBuffer((lengths.length + 1) * 4);
  const span = new Uint32Array(spans);
  const first = new Uint32Array(firstSpans);
  for (const [text, length] of lengths.entries()) {
    span[2 * text] = starts[text]!;
    span[2 * text + 1] = length;
    first[text + 1] = text + 1;
  }
  return { spans, firstSpans };
}
