// Prompts for the rows of a trace: the same id, the same text; another id, another. An id stands
// for a slice of a corpus that begins where no other's does, so nothing but places is kept.

import { assert, fail, integerBelow, type Pieces, pieceFiller, pieceMark, rngStream } from "#core";
import type { Tokenizer } from "#tokenizer";
import { type SpanCorpus, writeSpanCorpus } from "./span-corpus.ts";

/** What a prompt is to be: so many tokens, the first of them in these blocks. */
export interface PromptShape {
  readonly tokens: number;
  readonly hashIds: readonly number[];
  /** Where the row stands, for errors. */
  readonly line: number;
}

export interface BlockTexts {
  readonly pieces: Pieces;
  /** By how many tokens prompts may be off, with a tokenizer that joins words; 0 with others. */
  readonly deviation: number;
}

/** Tokens of a slice of what no block covers. */
const FRESH_TOKENS = 2_048;
/** What is looked at to see whether lengths are exact. */
const CHECKED_PROMPTS = 40;
const CHECKED_TOKENS = 200_000;

/**
 * The texts of some prompts, in order.
 * @param file what the trace is called in errors
 * @throws E_TRACE_BLOCK for a length that does not fit its blocks, or a block of two lengths
 */
export function writeBlocks(
  shapes: readonly PromptShape[],
  blockTokens: number,
  tokenizer: Tokenizer,
  seed: number,
  file: string,
): BlockTexts {
  const slices = slicesOf(shapes, blockTokens, file);
  const longest = Math.max(blockTokens, FRESH_TOKENS);
  const make = (marks: boolean): BlockTexts => {
    const rng = rngStream(seed, "dataset.prompt.blocks");
    const corpus = writeSpanCorpus(tokenizer, rng, slices.beginnings, longest, marks);
    const shift = integerBelow(rng, corpus.starts.length);
    const pieces = placed(shapes.length, slices, corpus, shift);
    return { pieces, deviation: deviationOf(pieces, shapes, tokenizer) };
  };
  const prose = make(true);
  if (prose.deviation === 0) return prose;
  const bare = make(false);
  return bare.deviation < prose.deviation ? bare : prose;
}

/** Slices by the number of their beginning and their tokens, row by row. */
interface Slices {
  readonly numbers: Uint32Array;
  readonly tokens: Uint32Array;
  /** Row r has slices `[firsts[r], firsts[r + 1])`. */
  readonly firsts: Uint32Array;
  readonly beginnings: number;
}

function slicesOf(shapes: readonly PromptShape[], blockTokens: number, file: string): Slices {
  const total = shapes.reduce((sum, { tokens, hashIds }) => {
    const rest = Math.max(0, tokens - hashIds.length * blockTokens);
    return sum + hashIds.length + Math.ceil(rest / FRESH_TOKENS);
  }, 0);
  const numbers = new Uint32Array(total);
  const tokens = new Uint32Array(total);
  const firsts = new Uint32Array(shapes.length + 1);
  const known = new Map<number, number>();
  const sizes: number[] = [];
  let beginnings = 0;
  let at = 0;
  const add = (number: number, size: number): void => {
    numbers[at] = number;
    tokens[at++] = size;
  };

  for (const [row, shape] of shapes.entries()) {
    const { hashIds, line } = shape;
    const last = lastBlock(shape, blockTokens, file);
    for (const [place, id] of hashIds.entries()) {
      const size = place === hashIds.length - 1 ? last : blockTokens;
      let number = known.get(id);
      if (number === undefined) {
        known.set(id, (number = beginnings++));
        sizes[number] = size;
      } else if (sizes[number] !== size) {
        const what = `${file} line ${line}: block ${id} has ${size} tokens here and ${sizes[number]} before`;
        fail("E_TRACE_BLOCK", what, "give the blocks' size with --isl-block-size");
      }
      add(number, size);
    }
    for (let rest = shape.tokens - hashIds.length * blockTokens; rest > 0; rest -= FRESH_TOKENS)
      add(beginnings++, Math.min(rest, FRESH_TOKENS));
    firsts[row + 1] = at;
  }
  assert(at === total, "every slice has its place");
  return { numbers, tokens, firsts, beginnings };
}

/** Tokens of a row's last block, which may be less than whole. */
function lastBlock({ tokens, hashIds, line }: PromptShape, blockTokens: number, file: string) {
  if (hashIds.length === 0) return 0;
  const last = Math.min(blockTokens, tokens - (hashIds.length - 1) * blockTokens);
  if (last >= 1) return last;
  const what = `${file} line ${line}: ${hashIds.length} blocks of ${blockTokens} tokens are more than its ${tokens}`;
  return fail("E_TRACE_BLOCK", what, "give the blocks' size with --isl-block-size");
}

/** Gives each beginning a place in the corpus; neighbours in the trace are far apart in it. */
function placed(
  texts: number,
  { numbers, tokens, firsts }: Slices,
  { text, ends, starts }: SpanCorpus,
  shift: number,
): Pieces {
  const stride = strideOf(starts.length);
  const spans = new SharedArrayBuffer(Math.max(8, numbers.length * 8));
  const span = new Uint32Array(spans);
  for (let row = 0; row < texts; row++) {
    for (let at = firsts[row]!; at < firsts[row + 1]!; at++) {
      const place = (numbers[at]! * stride + shift) % starts.length;
      const first = starts[place]!;
      // A prompt does not begin with the space before its first word.
      const start = (first === 0 ? 0 : ends[first - 1]!) + (at === firsts[row] ? 1 : 0);
      span[2 * at] = start;
      span[2 * at + 1] = ends[first + tokens[at]! - 1]! - start;
    }
  }
  const corpus = new SharedArrayBuffer(text.length);
  Buffer.from(corpus).write(text, "latin1");
  const firstSpans = new SharedArrayBuffer(firsts.byteLength);
  new Uint32Array(firstSpans).set(firsts);
  return { corpus: [corpus], chunkBytes: text.length, spans, firstSpans };
}

/** Near the golden section of a number, and without a common divisor: it comes round to every place. */
function strideOf(places: number): number {
  const common = (a: number, b: number): number => (b === 0 ? a : common(b, a % b));
  let stride = Math.max(1, Math.floor(places * 0.618));
  while (common(places, stride) !== 1) stride++;
  return stride;
}

/** The most that some of the prompts are off, counted by the tokenizer itself. */
function deviationOf(pieces: Pieces, shapes: readonly PromptShape[], tokenizer: Tokenizer): number {
  const text = pieceReader(pieces);
  const step = Math.max(1, Math.floor(shapes.length / CHECKED_PROMPTS));
  let worst = 0;
  let checked = 0;
  for (let row = 0; row < shapes.length && checked < CHECKED_TOKENS; row += step) {
    const counted = tokenizer.count(text(row));
    worst = Math.max(worst, Math.abs(counted - shapes[row]!.tokens));
    checked += counted;
  }
  return worst;
}

/** Reads the texts back. */
export function pieceReader(pieces: Pieces): (text: number) => string {
  const fill = pieceFiller(pieces);
  const encoder = new TextEncoder();
  return (text) => Buffer.from(fill(encoder.encode(pieceMark(text)))).toString("latin1");
}
