// Units of metrics, spelled as the artifacts spell them, and how many of the native unit make one
// of the unit shown. Dividing, not multiplying by a fraction, keeps 20.233281 from gaining digits.

import { assert, NS_PER_MS, NS_PER_S } from "#core";

export type Unit =
  | "ns"
  | "ms"
  | "sec"
  | "B"
  | "KB"
  | "tokens"
  | "tokens/sec"
  | "tokens/sec/user"
  | "requests"
  | "requests/sec"
  | "images"
  | "images/sec"
  | "ms/image"
  | "MB"
  | "count"
  | "ratio"
  | "%";

const DIVISORS: { readonly [pair: string]: number } = {
  "ns ms": NS_PER_MS,
  "ns sec": NS_PER_S,
  "sec ms": 1e-3,
  "B KB": 1024,
};

/** By what a value in unit `from` is divided to be in unit `to`. */
export function divisor(from: Unit, to: Unit): number {
  if (from === to) return 1;
  const found = DIVISORS[`${from} ${to}`];
  assert(found !== undefined, `${from} can be shown as ${to}`);
  return found;
}
