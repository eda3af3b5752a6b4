// Texts that tokenizers get wrong: what patterns and merges distinguish, thrown together at random.

import { integerBelow, type Rng } from "#core";
import {
  AFTER_UNICODE_9,
  AFTER_UNICODE_16,
  LOWER_IN_UNICODE_16,
  within,
} from "../../../scripts/unicode-ages.ts";

/** One of some things, at random. */
export function pick<T>(rng: Rng, things: ArrayLike<T>): T {
  return things[integerBelow(rng, things.length)]!;
}

/** Characters that the patterns treat differently, and the bits that they look for. */
const NASTY = [
  ..." \n\r\t'sStTdDmM/!-.,_#aAzZ019<>|",
  ..."\u00a0\u0085\u2028\u3000\ufeff\u200b\u200d\u1680\v\f\0\u001c\u007f",
  ..."ſKßé\u0301\u0300\u0323\u0345\u093c\u094dʰªǅǄǆÀѠ",
  ..."中文龥龦かカ゠ー한ᄀ\u1161\u11a8ก\u0e34ع\u0651²½Ⅷ٣१〇€$+^`~",
  ..."▁Ġ🙂👨👩️🏽🇩\u{10ffff}\u{e000}\u{1d400}\u{20000}",
  ..."'s 't 're 've 'm 'll 'd 'S 'LL 'Re 'ſ ’s".split(" "),
  "\r\n",
  "  ",
  "   \n",
  "<|",
  "|>",
  "<0x0A>",
];

const WORDS = (
  "the of and to in is that for it was with Hello WORLD HelloWorld iPhone McDonald's don't I'LL " +
  "naïve Straße ÉCOLE Привет мир שלום مرحبا नमस्ते สวัสดี 你好世界 東京 こんにちは カタカナ 안녕하세요 " +
  "function return const x = 0; // TODO(#1): fix() != null && a->b::c {} [] => <div class='a'> " +
  "1 12 123 1234 1234567 3.14159 1e-9 0xFF 2024-01-01 ½ ① 𝟘 https://example.com/a?b=c&d=%20 " +
  "antidisestablishmentarianism Donaudampfschifffahrtsgesellschaftskapitän"
).split(" ");

const EMOJI = ["🙂", "👨‍👩‍👧‍👦", "🏳️‍🌈", "👍🏽", "🇩🇪", "1️⃣", "❤️", "🧑🏿‍🚀"];

/** A character of any plane that can be written. */
function anyCharacter(rng: Rng): string {
  for (;;) {
    const limit = pick(rng, [0x80, 0x250, 0x3000, 0x10000, 0x20000, 0x110000]);
    const codePoint = integerBelow(rng, limit);
    if (codePoint < 0xd800 || codePoint > 0xdfff) return String.fromCodePoint(codePoint);
  }
}

/** Some in a row, from one block of 128. */
function blockRun(rng: Rng, length: number): string {
  const block = pick(rng, [0x3400, 0x10000, 0x1f000, 0x20000]);
  const from = integerBelow(rng, block) & ~127;
  if (from >= 0xd800 && from < 0xe000) return "";
  return many(length, () => String.fromCodePoint(from + integerBelow(rng, 128)));
}

function bytesMadeValid(rng: Rng, length: number): string {
  const bytes = Uint8Array.from({ length }, () => integerBelow(rng, 256));
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}

function many(count: number, one: () => string): string {
  return Array.from({ length: count }, one).join("");
}

/** A random text. `specials` are strings that the tokenizer cuts out. */
export function randomText(rng: Rng, specials: readonly string[]): string {
  const length = 1 + integerBelow(rng, pick(rng, [4, 12, 40]));
  const kinds: readonly (() => string)[] = [
    () => many(length, () => pick(rng, NASTY)),
    () => many(length, () => pick(rng, NASTY)),
    () => many(length, () => pick(rng, WORDS) + pick(rng, ["", " ", " ", "  ", "\n", "\t", "-"])),
    () => many(length, () => anyCharacter(rng)),
    () => blockRun(rng, length),
    () => bytesMadeValid(rng, 2 * length),
    () => many(length, () => pick(rng, " \n\r\t\u00a0") + pick(rng, ["", "", "", "a", "1", "!"])),
    () => many(length, () => pick(rng, EMOJI) + pick(rng, ["", " "])),
    () => many(length, () => pick(rng, "aeoé中") + many(integerBelow(rng, 4), () => mark(rng))),
    () => pick(rng, ["a", "ab", "中", "=", " ", "1", "é", "\n", "aA"]).repeat(3 * length),
    () => many(4, () => randomSpecial(rng, specials) + pick(rng, ["", " ", "\n", "x", "\u0338"])),
  ];
  return pick(rng, kinds)().toWellFormed();
}

function mark(rng: Rng): string {
  return String.fromCodePoint(
    pick(rng, [0x300, 0x316, 0x591, 0x64b, 0x93c]) + integerBelow(rng, 5),
  );
}

/** A special token, mostly whole. */
function randomSpecial(rng: Rng, specials: readonly string[]): string {
  const special = pick(rng, specials);
  return rng() < 0.7 ? special : special.slice(integerBelow(rng, 3), integerBelow(rng, 12));
}

/** Whether engines with tables of any age agree on the characters. */
export function isSettled(text: string): boolean {
  return Array.from(text, (character) => character.codePointAt(0)!).every(
    (c) => c < 0x250 || (c !== LOWER_IN_UNICODE_16 && !YOUNG.some((range) => within(c, range))),
  );
}

const YOUNG = [...AFTER_UNICODE_9, ...AFTER_UNICODE_16];
