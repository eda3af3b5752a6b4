// Sentences about what is out of the ordinary in a run's figures.

import { expect, test } from "bun:test";
import { createCollector, summarize } from "#metrics";
import { attentionTo } from "../../src/report/attention.ts";
import { makeRecord, STREAMING } from "../metrics/make-record.ts";

/** What is said of requests of so many tokens in so many chunks. */
function said(tokens: number, chunks: number): readonly string[] {
  const collector = createCollector({ plan: STREAMING });
  for (let i = 0; i < 3; i++) {
    const contentNs = Float64Array.from({ length: chunks }, (_, at) => 1e6 * (at + 1));
    collector.add(makeRecord({ outputTokens: tokens, requestedTokens: tokens, contentNs }));
  }
  const summary = summarize([collector.snapshot().data], {
    plan: STREAMING,
    epoch: { monotonicNs: 0, wallNs: 0n },
    window: { startNs: 0, endNs: 1e9 },
  });
  return attentionTo(summary).filter((text) => text.startsWith("Chunks:"));
}

test("several tokens in a chunk are told of, with how many", () => {
  expect(said(12, 4)).toEqual([expect.stringContaining("3.00 tokens into a chunk")]);
  expect(said(64, 62)).toEqual([]);
  expect(said(12, 12)).toEqual([]);
});

test("tokens that come in more pieces than there are of them are nothing to tell", () =>
  expect(said(4, 12)).toEqual([]));
