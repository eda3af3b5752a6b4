// The shapes of synthetic sentences. Each symbol stands for a part of speech; small letters stand
// for themselves. Enough of a grammar to look like prose to a tokenizer and to a reader's glance.

import type { PartOfSpeech } from "./words.ts";

/** What the symbols of {@link SENTENCES} stand for. */
export const SYMBOLS: Readonly<Record<string, PartOfSpeech>> = {
  D: "determiners",
  S: "pronouns",
  P: "prepositions",
  C: "subordinators",
  H: "helpers",
  N: "nouns",
  V: "verbs",
  A: "adjectives",
  R: "adverbs",
  M: "names",
};

export const SENTENCES: readonly string[] = [
  "D N V D N .",
  "D A N V D N P D N .",
  "M V D A N P D N .",
  "M R V D N , and S V D N .",
  "S H V D A N P M .",
  "C D N V D N , S V D A N .",
  "P D A N , D N V D N .",
  "R , D N V D A N P D N .",
  "D N P D A N H V D N R .",
  "M and M V D N C S V D N .",
  "S V D N , but D A N V D N R .",
  "D A , A N V D N C D N V M .",
  "C S V D N of D N , M H V D A N .",
  "D N of D N V D N , D N , and D N .",
  "P D N and D N , S R V D A N of M .",
  "S V D N ; D N H V D A N P D N .",
  "M , D A N of D N , V D N P D A N .",
  "how R D N V D A N !",
  "D N V M , M , and D A N P D N .",
  "H D N V D N , or H S V D A N ?",
  "not one of D N V D A N C D N V D N .",
  "D A N and D A N R V D N P D N .",
];
