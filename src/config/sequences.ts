// Lengths that are more than a mean: mixtures of pairs, and windows to draw from evenly.

import { z } from "zod";
import { fail, messageOf } from "#core";
import type { SequencePair, Spread, Window } from "./dataset-plan.ts";

/** How far the percentages may be from 100. */
const TOLERANCE = 1e-6;

const FORMS = "write ISL,OSL:PERCENT;… such as 128,64:60;512,128:40";
const NUMBER = "(\\d+)(?:\\|(\\d+(?:\\.\\d+)?))?";
const PAIR = new RegExp(`^${NUMBER},${NUMBER}:(\\d+(?:\\.\\d*)?|\\.\\d+)$`);

const TOKENS = z.int().positive();
const STDDEV = z.number().nonnegative().default(0);
const JSON_PAIRS = z.object({
  pairs: z
    .array(
      z.object({
        isl: TOKENS,
        isl_stddev: STDDEV,
        osl: TOKENS,
        osl_stddev: STDDEV,
        prob: z.number().nonnegative(),
      }),
    )
    .min(1),
});

/**
 * A mixture: `ISL[|SD],OSL[|SD]:PERCENT;…`, `[(ISL,OSL):PERCENT,…]`, or JSON with `pairs`.
 * @throws E_FLAG_VALUE when it is none, or its percentages do not add up to 100
 */
export function readMixture(flag: string, text: string): readonly SequencePair[] {
  const pairs = text.trim().startsWith("{") ? ofJson(flag, text) : ofText(flag, text);
  const total = pairs.reduce((sum, { share }) => sum + share, 0);
  if (Math.abs(total - 100) > TOLERANCE) {
    fail("E_FLAG_VALUE", `${flag}: the percentages add up to ${total}, not 100`, "correct them");
  }
  return pairs.map((pair) => ({ ...pair, share: pair.share / total }));
}

function ofText(flag: string, text: string): SequencePair[] {
  const plain = text.replace(/\s/g, "");
  const list = /^\[(.*)\]$/.exec(plain)?.[1];
  const pieces =
    list === undefined
      ? plain.split(";")
      : list.split(/,(?=\()/).map((piece) => piece.replace(/^\((.*)\):/, "$1:"));
  return pieces
    .filter((piece) => piece !== "")
    .map((piece) => {
      const [, isl, islSd = 0, osl, oslSd = 0, share] = PAIR.exec(piece) ?? [];
      if (isl === undefined || Number(isl) === 0 || Number(osl) === 0) {
        return fail("E_FLAG_VALUE", `${flag}: ${JSON.stringify(piece)} is no pair`, FORMS);
      }
      return {
        isl: { mean: Number(isl), stddev: Number(islSd) },
        osl: { mean: Number(osl), stddev: Number(oslSd) },
        share: Number(share),
      };
    });
}

function ofJson(flag: string, text: string): SequencePair[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    fail("E_FLAG_VALUE", `${flag} is not valid JSON: ${messageOf(error)}`, FORMS);
  }
  const read = JSON_PAIRS.safeParse(value);
  if (!read.success) {
    const [issue] = read.error.issues;
    const what = `${flag}: ${z.core.toDotPath(issue!.path)}: ${issue!.message}`;
    return fail("E_FLAG_VALUE", what, 'write {"pairs": [{"isl": 128, "osl": 64, "prob": 100}]}');
  }
  return read.data.pairs.map(({ isl, isl_stddev, osl, osl_stddev, prob }) => ({
    isl: { mean: isl, stddev: isl_stddev },
    osl: { mean: osl, stddev: osl_stddev },
    share: prob,
  }));
}

export type RangeStyle = "vllm" | "sglang";

const RATIOS = z.union([z.number(), z.strictObject({ input: z.number(), output: z.number() })]);

/**
 * Windows around the means, as vLLM's or SGLang's own benchmark draws its lengths.
 * @param text a number, or for vLLM `{"input": A, "output": B}`
 * @throws E_FLAG_VALUE
 */
export function readWindows(
  flag: string,
  text: string,
  style: RangeStyle,
  isl: Spread,
  osl: Spread,
): { readonly isl: Window; readonly osl: Window } {
  const wayOut = 'give a number such as 0.5, or {"input": 0.5, "output": 0.2}';
  const bad = (): never => fail("E_FLAG_VALUE", `${flag} is ${JSON.stringify(text)}`, wayOut);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    bad();
  }
  const read = RATIOS.safeParse(value);
  if (!read.success) return bad();
  const ratios =
    typeof read.data === "number" ? { input: read.data, output: read.data } : read.data;
  const below = style === "vllm" ? (ratio: number) => ratio < 1 : (ratio: number) => ratio <= 1;
  for (const ratio of [ratios.input, ratios.output]) {
    if (ratio >= 0 && below(ratio)) continue;
    const bound = style === "vllm" ? "below 1" : "at most 1";
    fail("E_FLAG_VALUE", `${flag} has a ratio of ${ratio}`, `give one from 0 and ${bound}`);
  }
  if (style === "sglang") {
    if (typeof read.data !== "number") {
      fail("E_FLAG_VALUE", `${flag} has two ratios, which SGLang has not`, "give one number");
    }
    const window = ({ mean }: Spread, ratio: number) => ({
      from: Math.max(1, Math.trunc(mean * ratio)),
      to: mean,
    });
    return { isl: window(isl, ratios.input), osl: window(osl, ratios.output) };
  }
  const window = ({ mean }: Spread, ratio: number) => ({
    from: Math.max(1, Math.floor(mean * (1 - ratio))),
    to: Math.max(1, Math.ceil(mean * (1 + ratio))),
  });
  return { isl: window(isl, ratios.input), osl: window(osl, ratios.output) };
}
