// What to do about failures that only the server explains. Its own words say what it did not like;
// which of our flags that is about, it cannot know.

import type { Summary } from "#metrics";
import { printable } from "./style.ts";
import { wrapAtMost } from "./wrap.ts";

interface AdviceRow {
  readonly from: number;
  readonly to: number;
  readonly advice: string;
}

/** By HTTP status, the first row that fits. */
const ROWS: readonly AdviceRow[] = [
  { from: 401, to: 403, advice: "the server asks for credentials, see --api-key and --header" },
  {
    from: 404,
    to: 405,
    advice: "the server knows no such path or model, check --url, --endpoint-type and --model",
  },
  { from: 413, to: 413, advice: "the requests are too long for the server, lower --isl" },
  { from: 429, to: 429, advice: "the server turns requests away, lower --concurrency" },
  {
    from: 400,
    to: 422,
    advice:
      "the server does not take these requests, check --model, --isl and --osl, and see inputs.json for what was sent",
  },
  { from: 500, to: 599, advice: "the server failed, see its log" },
];

/** What to do about failures of a status; undefined when their messages say so themselves. */
export function adviceOn(code: number | undefined): string | undefined {
  if (code === undefined) return undefined;
  return ROWS.find(({ from, to }) => code >= from && code <= to)?.advice;
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
  const advice = adviceOn(code);
  const whole = `${kind}: ${text}${advice === undefined ? "" : `; ${advice}`}`;
  if (count === errorCount) return `no request succeeded: ${whole}`;
  return `no request succeeded: ${count} of ${errorCount} failed with ${whole}`;
}
