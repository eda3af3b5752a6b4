// How long the next token takes. Every law keeps the mean that was asked for, so that a run with
// jitter is compared with one without by its spread alone.

import { normal, type Rng } from "#core";
import type { MockOptions } from "./options.ts";

/** The share of its mean that the next time takes; drawn anew at each call. */
export type Factor = () => number;

type Law = (ratio: number, rng: Rng) => Factor;

const LAWS: Record<Exclude<MockOptions["jitter"], "none">, Law> = {
  uniform: (ratio, rng) => () => 1 + ratio * (2 * rng() - 1),
  normal: (ratio, rng) => () => Math.max(0, 1 + ratio * normal(rng)),
  // ln X is normal with variance ln(1 + ratio²); this mean makes X's own mean 1.
  lognormal: (ratio, rng) => {
    const variance = Math.log1p(ratio * ratio);
    const sigma = Math.sqrt(variance);
    return () => Math.exp(sigma * normal(rng) - variance / 2);
  },
  exponential: (_ratio, rng) => () => -Math.log(1 - rng()),
};

const STEADY: Factor = () => 1;

/** @param ratio see `--jitter-ratio` in options.ts @param rng made only when the law draws */
export function jitterFactor(law: MockOptions["jitter"], ratio: number, rng: () => Rng): Factor {
  return law === "none" ? STEADY : LAWS[law](ratio, rng());
}
