// What a reader should know before believing the table: only what is out of the ordinary, and each
// with what can be done about it.

import { DISCREPANCY_PCT, metricOf, type Summary } from "#metrics";
import { adviceOn } from "./advice.ts";

/** Sentences about a run, the gravest first; empty when there is nothing to say. */
export function attentionTo(summary: Summary): readonly string[] {
  return [
    ...advice(summary),
    mismatch(summary),
    discrepancy(summary),
    tokensInChunks(summary),
  ].filter((text) => text !== undefined);
}

/** A sentence for each status that the server alone explains, and for each way out of it. */
function advice({ errors, errorCount, okCount }: Summary): readonly string[] {
  const found = errors.flatMap(({ code, message, count }) => {
    const text = adviceOn(code, message);
    return text === undefined ? [] : [{ code, text, count }];
  });
  const alike = Map.groupBy(found, ({ code, text }) => `${code} ${text}`);
  return [...alike.values()].map((group) => {
    const { code, text } = group[0]!;
    const count = group.reduce((sum, failure) => sum + failure.count, 0);
    return `HTTP ${code} in ${count} of ${okCount + errorCount} requests: ${text}.`;
  });
}

function discrepancy(summary: Summary): string | undefined {
  const share = shareOf(summary, "usage_discrepancy_count");
  if (share === undefined) return undefined;
  return (
    `Token counts: in ${share} the server's usage is more than ${DISCREPANCY_PCT}% away from ` +
    "our count. Another tokenizer, or a chat template that only the server adds, are the usual " +
    "reasons; --use-server-token-count takes the server's word."
  );
}

function mismatch(summary: Summary): string | undefined {
  const share = shareOf(summary, "osl_mismatch_count");
  if (share === undefined) return undefined;
  return (
    `Output length: ${share} ended far from the length that was asked for, so figures per token ` +
    "stand on other lengths than planned. Many servers keep on to the limit with " +
    "--extra-inputs ignore_eos:true."
  );
}

/** Below this, a chunk is a token but for a character cut in two here and there. */
const TOKENS_PER_CHUNK_MIN = 1.05;

function tokensInChunks({ metrics, okCount }: Summary): string | undefined {
  const gaps = metricOf(metrics, "inter_chunk_latency")?.stats.count ?? Number.NaN;
  const tokens = metricOf(metrics, "total_osl")?.stats.avg ?? Number.NaN;
  const perChunk = tokens / (gaps + okCount);
  if (!(perChunk >= TOKENS_PER_CHUNK_MIN)) return undefined;
  return (
    `Chunks: the server put ${perChunk.toFixed(2)} tokens into a chunk on average, as with ` +
    "speculative decoding. Inter-token latency is per token all the same; inter-chunk latency is " +
    "not, and the first chunk's tokens come together."
  );
}

/** `7 of 17 requests (41.2%)`; undefined for none. */
function shareOf(summary: Summary, tag: string): string | undefined {
  const count = metricOf(summary.metrics, tag)?.stats.avg ?? 0;
  if (count === 0) return undefined;
  const percent = ((100 * count) / summary.okCount).toFixed(1);
  return `${count} of ${summary.okCount} requests (${percent}%)`;
}
