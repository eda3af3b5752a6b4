// What to do about failures that only the server explains. Its own words say what it did not like;
// which of our flags that is about, it cannot know, and a few words of its own tell us.

import type { Summary } from "#metrics";
import { printable } from "./style.ts";
import { wrapAtMost } from "./wrap.ts";

interface AdviceRow {
  readonly from: number;
  readonly to: number;
  /** What the server's words have in them, where the status alone does not say. */
  readonly says?: RegExp;
  readonly advice: string;
}

/** A field that a server wants and does not find, in the words of its checker. */
function lacks(field: string): RegExp {
  const lack = "missing|required";
  return new RegExp(
    `\\b(?:${lack})\\b.{0,80}\\b${field}\\b|\\b${field}\\b.{0,80}\\b(?:${lack})\\b`,
    "is",
  );
}

const REFUSED = { from: 400, to: 422 } as const;

/** By HTTP status, the first row that fits. */
const ROWS: readonly AdviceRow[] = [
  {
    ...REFUSED,
    says: lacks("documents"),
    advice: "the server ranks documents, which --endpoint-type cohere-rankings sends",
  },
  {
    ...REFUSED,
    says: lacks("texts"),
    advice: "the server ranks texts, which --endpoint-type hf-tei-rankings sends",
  },
  {
    ...REFUSED,
    says: lacks("passages"),
    advice: "the server ranks passages, which --endpoint-type nim-rankings sends",
  },
  {
    ...REFUSED,
    says: /max_completion_tokens/,
    advice: "the server may only know max_tokens, try --use-legacy-max-tokens",
  },
  {
    ...REFUSED,
    says: /ignore_eos|min_tokens/,
    advice: "the server does not know that field, leave it out of --extra-inputs",
  },
  { from: 401, to: 403, advice: "the server asks for credentials, see --api-key and --header" },
  {
    from: 404,
    to: 405,
    advice: "the server knows no such path or model, check --url, --endpoint-type and --model",
  },
  { from: 413, to: 413, advice: "the requests are too long for the server, lower --isl" },
  { from: 429, to: 429, advice: "the server turns requests away, lower --concurrency" },
  {
    ...REFUSED,
    advice:
      "the server does not take these requests, check --endpoint-type, --model, --isl and --osl, and see inputs.json for what was sent",
  },
  { from: 500, to: 599, advice: "the server failed, see its log" },
];

/** What to do about failures of a status; undefined when their messages say so themselves. */
export function adviceOn(code: number | undefined, message = ""): string | undefined {
  if (code === undefined) return undefined;
  const fits = ({ from, to, says }: AdviceRow): boolean =>
    code >= from && code <= to && (says === undefined || says.test(message));
  return ROWS.find(fits)?.advice;
}

const LINE_CHARS_MAX = 300;

/**
 * One line on a run without a single result: how many requests failed, of what, and the way out.
 * Undefined for every other run.
 */
export function failureLine({ okCount, errorCount, errors }: Summary): string | undefined {
  const [first] = errors;
  if (okCount > 0 || first === undefined) return undefined;
  const { code, type, message, count } = first;
  const kind = code === undefined ? type : `${code} ${type}`;
  const [text] = wrapAtMost(printable(message), LINE_CHARS_MAX, 1);
  const advice = adviceOn(code, message);
  const whole = `${kind}: ${text}${advice === undefined ? "" : `; ${advice}`}`;
  if (count === errorCount) return `no request succeeded: ${whole}`;
  return `no request succeeded: ${count} of ${errorCount} failed with ${whole}`;
}
