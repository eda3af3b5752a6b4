// Writes native/unicode.h: what the tokenizer in C must know of every character. The facts come
// from the regular expressions and the normaliser of the JavaScript engine that runs this script.

import {
  AFTER_UNICODE_9,
  AFTER_UNICODE_16,
  LOWER_IN_UNICODE_16,
  type Range,
  within,
} from "./unicode-ages.ts";

/** Bits of a character's class; the last one says that a text with it may not be in form NFC. */
const CLASS_BITS = [
  { name: "UPPER", pattern: /[\p{Lu}\p{Lt}]/u, of: "Lu Lt" },
  { name: "LOWER", pattern: /\p{Ll}/u, of: "Ll" },
  { name: "CASELESS", pattern: /[\p{Lm}\p{Lo}]/u, of: "Lm Lo" },
  { name: "MARK", pattern: /\p{M}/u, of: "M" },
  { name: "NUMBER", pattern: /\p{N}/u, of: "N" },
  { name: "SYMBOL", pattern: /[\p{P}\p{S}]/u, of: "P S" },
  { name: "SPACE", pattern: /\p{White_Space}/u, of: "White_Space" },
  { name: "UNSTABLE", pattern: undefined, of: "NFC must look" },
] as const;

const CODE_POINTS = 0x110000;
const BLOCK = 64;
const HANGUL: Range = [0xac00, 0xd7a3];

const characters: readonly number[] = Array.from({ length: CODE_POINTS }, (_, c) => c).filter(
  (c) => !within(c, [0xd800, 0xdfff]),
);

const newToNormaliser = new Set(
  characters.filter((c) => AFTER_UNICODE_9.some((range) => within(c, range))),
);

function codePoints(text: string): number[] {
  return Array.from(text, (character) => character.codePointAt(0)!);
}

/** The full canonical decomposition, or an empty list for a character that has none. */
function decomposition(codePoint: number): number[] {
  const text = String.fromCodePoint(codePoint);
  const parts = codePoints(text.normalize("NFD"));
  if (parts.length === 1 && parts[0] === codePoint) return [];
  return parts.some((part) => newToNormaliser.has(part)) ? [] : parts;
}

const decompositions = characters
  .filter((c) => !within(c, HANGUL))
  .map((from) => ({ from, to: decomposition(from) }))
  .filter(({ to }) => to.length > 0);

/** Pairs that NFC joins: all parts but the last are themselves one character by then. */
const compositions = decompositions
  .filter(({ from, to }) => to.length > 1 && stable(from))
  .map(({ from, to }) => {
    const head = codePoints(String.fromCodePoint(...to.slice(0, -1)).normalize("NFC"));
    if (head.length !== 1) throw new Error(`U+${from.toString(16)} is not made of a pair`);
    return { first: head[0]!, second: to.at(-1)!, made: from };
  })
  .sort((a, b) => a.first - b.first || a.second - b.second);

function stable(codePoint: number): boolean {
  const text = String.fromCodePoint(codePoint);
  return text.normalize("NFC") === text;
}

/**
 * Combining classes, renumbered from 1 upward. Normalisation needs only their order, and that is
 * seen by putting two marks the wrong way round: they change places when the second one is lower.
 */
function combiningClasses(): Map<number, number> {
  const LOWEST = 0x334;
  const HIGHEST = 0x345;
  const swaps = (first: number, second: number): boolean => {
    const text = String.fromCodePoint(first, second);
    const parts = codePoints(text.normalize("NFD"));
    return parts.at(-1) !== codePoints(String.fromCodePoint(second).normalize("NFD")).at(-1);
  };
  const marks = characters
    .filter((c) => /\p{M}/u.test(String.fromCodePoint(c)) && decomposition(c).length === 0)
    .filter((c) => !newToNormaliser.has(c))
    .filter((c) => c === HIGHEST || swaps(c, LOWEST) || swaps(HIGHEST, c))
    .sort((a, b) => (swaps(a, b) ? 1 : swaps(b, a) ? -1 : a - b));
  const classes = new Map<number, number>();
  let number = 0;
  marks.forEach((mark, index) => {
    if (index === 0 || swaps(mark, marks[index - 1]!)) number++;
    classes.set(mark, number);
  });
  return classes;
}

const classes = combiningClasses();

/** Whether a text with this character may change under NFC; every other text is left as it is. */
function unstable(codePoint: number): boolean {
  if (!stable(codePoint) || classes.has(codePoint)) return true;
  // Vowels and final consonants of Hangul join what stands before them.
  if (within(codePoint, [0x1161, 0x1175]) || within(codePoint, [0x11a8, 0x11c2])) return true;
  return seconds.has(codePoint);
}

const seconds = new Set(compositions.map(({ second }) => second));

function classOf(codePoint: number): number {
  const last = unstable(codePoint) ? 1 << (CLASS_BITS.length - 1) : 0;
  if (AFTER_UNICODE_16.some((range) => within(codePoint, range))) return last;
  if (codePoint === LOWER_IN_UNICODE_16) return 1 << 1;
  const text = String.fromCodePoint(codePoint);
  return CLASS_BITS.reduce(
    (bits, { pattern }, index) => (pattern?.test(text) ? bits | (1 << index) : bits),
    last,
  );
}

/** Equal blocks of the class table are kept once. */
function twoStages(): { index: number[]; blocks: number[] } {
  const table = new Uint8Array(CODE_POINTS);
  for (const character of characters) table[character] = classOf(character);
  // The one block that is looked up without a detour is ASCII's, and it comes first.
  const blocks: number[] = [];
  const known = new Map<string, number>();
  const index: number[] = [];
  for (let at = 0; at < CODE_POINTS; at += BLOCK) {
    const block = table.subarray(at, at + BLOCK);
    const key = block.join();
    const number = known.get(key) ?? blocks.length / BLOCK;
    if (!known.has(key)) {
      known.set(key, number);
      blocks.push(...block);
    }
    index.push(number);
  }
  return { index, blocks };
}

function cArray(type: string, name: string, values: readonly number[]): string {
  const lines: string[] = [];
  let line = "   ";
  for (const value of values) {
    const item = ` ${value},`;
    if (line.length + item.length > 79) {
      lines.push(line);
      line = "   ";
    }
    line += item;
  }
  lines.push(line);
  return `static const ${type} ${name}[${values.length}] = {\n${lines.join("\n")}\n};\n`;
}

const { index, blocks } = twoStages();
const ordered = [...classes].sort(([a], [b]) => a - b);
const pool = decompositions.flatMap(({ to }) => to);
let poolEnd = 0;

const text = [
  `/* unicode.h -- written by scripts/unicode.ts; Unicode ${process.versions.unicode} as the
 * reference tokenizers see it: 16 where they match, 9 where they normalise. */

#ifndef AIPERF_UNICODE_H
#define AIPERF_UNICODE_H

#include <stdint.h>

/* The class of a character is a set of bits. */
`,
  "enum {\n",
  ...CLASS_BITS.map(({ name, of }, bit) => `    IS_${name} = ${1 << bit}, /* ${of} */\n`),
  "};\n",
  `
#define CLASS_BLOCK ${BLOCK}
#define COMBINING_CLASSES ${Math.max(...classes.values()) + 1}

`,
  "/* A class is CLASS[CLASS_INDEX[c / CLASS_BLOCK] * CLASS_BLOCK + the rest]. */\n",
  cArray("uint16_t", "CLASS_INDEX", index),
  cArray("uint8_t", "CLASS", blocks),
  "\n/* Marks that normalisation may move, ascending, and their order. */\n",
  cArray(
    "uint32_t",
    "MARK",
    ordered.map(([mark]) => mark),
  ),
  cArray(
    "uint8_t",
    "MARK_ORDER",
    ordered.map(([, order]) => order),
  ),
  "\n/* Characters that fall apart, ascending; parts end at WHOLE_END[i]. */\n",
  cArray(
    "uint32_t",
    "WHOLE",
    decompositions.map(({ from }) => from),
  ),
  cArray(
    "uint16_t",
    "WHOLE_END",
    decompositions.map(({ to }) => (poolEnd += to.length)),
  ),
  cArray("uint32_t", "PART", pool),
  "\n/* Pairs that join, ascending: first << 32 | second, and what they make. */\n",
  cArray(
    "uint32_t",
    "JOIN_FIRST",
    compositions.map(({ first }) => first),
  ),
  cArray(
    "uint32_t",
    "JOIN_SECOND",
    compositions.map(({ second }) => second),
  ),
  cArray(
    "uint32_t",
    "JOIN_MADE",
    compositions.map(({ made }) => made),
  ),
  "\n#endif\n",
].join("");

await Bun.write(new URL("../native/unicode.h", import.meta.url), text);
