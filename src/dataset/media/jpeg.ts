// JPEG files, baseline (ITU-T T.81): no subsampling, the standard's own tables. Small and plain; a
// library would bring decoders and scalers that nothing here needs.

import {
  AC_CHROMA,
  AC_LUMA,
  CODE_LENGTHS,
  codesOf,
  DC_CHROMA,
  DC_LUMA,
  QUANT_CHROMA,
  QUANT_LUMA,
  ZIGZAG,
} from "./jpeg-tables.ts";
import type { Pixels } from "./png.ts";

const QUALITY = 75;
const MARKER = { start: 0xd8, quant: 0xdb, frame: 0xc0, huffman: 0xc4, scan: 0xda, end: 0xd9 };

const luma = QUANT_LUMA.map(scaled);
const chroma = QUANT_CHROMA.map(scaled);
const CODES = {
  dcLuma: codesOf(CODE_LENGTHS.dcLuma, DC_LUMA),
  acLuma: codesOf(CODE_LENGTHS.acLuma, AC_LUMA),
  dcChroma: codesOf(CODE_LENGTHS.dcChroma, DC_CHROMA),
  acChroma: codesOf(CODE_LENGTHS.acChroma, AC_CHROMA),
};

/** cos((2x + 1)uπ/16) with its factor, row u, column x. */
const COSINES = Float64Array.from({ length: 64 }, (_, i) => {
  const [u, x] = [i >> 3, i & 7];
  return (u === 0 ? Math.SQRT1_2 : 1) * 0.5 * Math.cos(((2 * x + 1) * u * Math.PI) / 16);
});

export function encodeJpeg({ width, height, rgb }: Pixels): Uint8Array {
  const bits = bitWriter(2 * width * height);
  for (const byte of headers(width, height)) bits.plain(byte);
  const [y, cb, cr] = [new Float64Array(64), new Float64Array(64), new Float64Array(64)];
  const planes = [y, cb, cr];
  const last = [0, 0, 0];
  for (let top = 0; top < height; top += 8) {
    for (let left = 0; left < width; left += 8) {
      // Pixels beyond the edge repeat the edge.
      for (let i = 0; i < 64; i++) {
        const row = Math.min(top + (i >> 3), height - 1);
        const at = 3 * (row * width + Math.min(left + (i & 7), width - 1));
        const r = rgb[at]!;
        const g = rgb[at + 1]!;
        const b = rgb[at + 2]!;
        y[i] = 0.299 * r + 0.587 * g + 0.114 * b - 128;
        cb[i] = -0.168736 * r - 0.331264 * g + 0.5 * b;
        cr[i] = 0.5 * r - 0.418688 * g - 0.081312 * b;
      }
      for (let c = 0; c < 3; c++) {
        const dc = c === 0 ? CODES.dcLuma : CODES.dcChroma;
        const ac = c === 0 ? CODES.acLuma : CODES.acChroma;
        last[c] = block(planes[c]!, c === 0 ? luma : chroma, last[c]!, dc, ac, bits);
      }
    }
  }
  return bits.finish();
}

type Codes = ReturnType<typeof codesOf>;
type Bits = ReturnType<typeof bitWriter>;

const rows = new Float64Array(64);
const levels = new Int32Array(64);

/** Writes one block; returns its first coefficient, from which the next one's is counted. */
function block(
  samples: Float64Array,
  quant: readonly number[],
  before: number,
  dc: Codes,
  ac: Codes,
  bits: Bits,
): number {
  for (let y = 0; y < 8; y++)
    for (let u = 0; u < 8; u++) {
      let sum = 0;
      for (let x = 0; x < 8; x++) sum += COSINES[8 * u + x]! * samples[8 * y + x]!;
      rows[8 * y + u] = sum;
    }
  for (let v = 0; v < 8; v++)
    for (let u = 0; u < 8; u++) {
      let sum = 0;
      for (let y = 0; y < 8; y++) sum += COSINES[8 * v + y]! * rows[8 * y + u]!;
      levels[8 * v + u] = Math.round(sum / quant[8 * v + u]!);
    }

  const first = levels[0]!;
  number(first - before, 0, dc, bits);
  let zeros = 0;
  for (let i = 1; i < 64; i++) {
    const level = levels[ZIGZAG[i]!]!;
    if (level === 0) {
      zeros++;
      continue;
    }
    for (; zeros > 15; zeros -= 16) bits.code(ac, 0xf0);
    number(level, zeros << 4, ac, bits);
    zeros = 0;
  }
  if (zeros > 0) bits.code(ac, 0);
  return first;
}

/** A number as the code of its size, then as many bits; negative ones count from below. */
function number(value: number, prefix: number, codes: Codes, bits: Bits): void {
  const size = 32 - Math.clz32(Math.abs(value));
  bits.code(codes, prefix | size);
  if (size > 0) bits.bits(value < 0 ? value + (1 << size) - 1 : value, size);
}

function* headers(width: number, height: number): Generator<number> {
  const word = (value: number) => [value >> 8, value & 0xff];
  yield* [0xff, MARKER.start];
  for (const [id, table] of [luma, chroma].entries())
    yield* [0xff, MARKER.quant, ...word(67), id, ...ZIGZAG.map((at) => table[at]!)];
  yield* [0xff, MARKER.frame, ...word(17), 8, ...word(height), ...word(width), 3];
  yield* [1, 0x11, 0, 2, 0x11, 1, 3, 0x11, 1];
  const tables = [
    [0x00, CODE_LENGTHS.dcLuma, DC_LUMA],
    [0x10, CODE_LENGTHS.acLuma, AC_LUMA],
    [0x01, CODE_LENGTHS.dcChroma, DC_CHROMA],
    [0x11, CODE_LENGTHS.acChroma, AC_CHROMA],
  ] as const;
  for (const [id, lengths, values] of tables)
    yield* [0xff, MARKER.huffman, ...word(19 + values.length), id, ...lengths, ...values];
  yield* [0xff, MARKER.scan, ...word(12), 3, 1, 0x00, 2, 0x11, 3, 0x11, 0, 63, 0];
}

/** Bits from the left; a byte of all ones is followed by a zero byte, as the format wants it. */
function bitWriter(guess: number) {
  let bytes = Buffer.allocUnsafe(guess + 2048);
  let size = 0;
  let held = 0;
  let count = 0;
  const plain = (byte: number): void => {
    if (size === bytes.length) bytes = Buffer.concat([bytes], 2 * size);
    bytes[size++] = byte;
  };
  const bits = (value: number, length: number): void => {
    held = (held << length) | (value & ((1 << length) - 1));
    count += length;
    while (count >= 8) {
      count -= 8;
      const byte = (held >> count) & 0xff;
      plain(byte);
      if (byte === 0xff) plain(0);
    }
    held &= (1 << count) - 1;
  };
  return {
    plain,
    bits,
    code: (codes: Codes, symbol: number) => bits(codes.bits[symbol]!, codes.lengths[symbol]!),
    finish(): Uint8Array {
      if (count > 0) bits(0x7f, 8 - count);
      plain(0xff);
      plain(MARKER.end);
      return bytes.subarray(0, size);
    },
  };
}

function scaled(value: number): number {
  return Math.min(255, Math.max(1, Math.floor((value * (200 - 2 * QUALITY) + 50) / 100)));
}
