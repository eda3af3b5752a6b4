// The run as a whole over time: the effective family, over all of the window, and the active one,
// over the time in which there was something to do. Two hidden columns say when requests were out.
// Quantiles are exact up to 100,000 changes, then within 0.05 %.

import { NS_PER_S } from "#core";
import type { Moment } from "./moment.ts";
import { type Curve, type MetricRow, rowsLike } from "./row.ts";

export const START_COLUMN = "request_start";
export const END_COLUMN = "request_end";

const isOut = (m: Moment): boolean => m.requests > 0;
const isDecoding = (m: Moment): boolean => m.decoding > 0;
const isPrefilling = (m: Moment): boolean => m.prefilling > 0;

// A curve that two rows share is followed once.
const requests: Curve = { of: (m) => m.requests, when: isOut };
const decoding: Curve = { of: (m) => m.decoding, when: isDecoding };
const prefilling: Curve = { of: (m) => m.prefilling, when: isPrefilling };
const decodeRate: Curve = { of: (m) => m.decodeRate * NS_PER_S, when: isDecoding, byChunk: true };
const prefillRate: Curve = { of: (m) => m.prefillRate * NS_PER_S, when: isPrefilling };
const totalRate: Curve = {
  of: (m) => (m.prefillRate + m.evenDecodeRate) * NS_PER_S,
  when: isOut,
};
const decodeRatePerUser: Curve = {
  of: (m) => (m.decodeRate * NS_PER_S) / m.decoding,
  when: isDecoding,
  byChunk: true,
};
const prefillRatePerUser: Curve = {
  of: (m) => (m.prefillRate * NS_PER_S) / m.prefilling,
  when: isPrefilling,
};
const tokensOut: Curve = { of: (m) => m.tokens, when: isOut, byChunk: true };

const needs = ["streaming", "producesTokens"] as const;
const load = rowsLike({ kind: "curve", group: "effective", unit: "requests" });
const rate = rowsLike({ kind: "curve", unit: "tokens/sec", needs, largerIsBetter: true });
const userRate = rowsLike({ kind: "curve", unit: "tokens/sec/user", needs, largerIsBetter: true });
const moment = rowsLike({
  kind: "record",
  scope: "all",
  unit: "ns",
  group: "none",
  hidden: "internal",
});

export const CURVES: readonly MetricRow[] = [
  moment({ tag: START_COLUMN, header: "Request Start", of: (r) => r.startNs }),
  moment({ tag: END_COLUMN, header: "Request End", of: (r) => r.endNs }),
  load({ tag: "effective_concurrency", header: "Effective Concurrency", curve: requests }),
  rate({
    tag: "effective_decode_throughput",
    header: "Effective Decode Throughput",
    group: "effective",
    curve: decodeRate,
  }),
  rate({
    tag: "effective_prefill_throughput",
    header: "Effective Prefill Throughput",
    group: "effective",
    curve: prefillRate,
  }),
  load({
    tag: "effective_decode_concurrency",
    header: "Effective Decode Concurrency",
    needs,
    curve: decoding,
  }),
  load({
    tag: "effective_prefill_concurrency",
    header: "Effective Prefill Concurrency",
    needs,
    curve: prefilling,
  }),
  rate({
    tag: "effective_total_throughput",
    header: "Effective Total Throughput",
    group: "effective",
    curve: totalRate,
  }),
  userRate({
    tag: "effective_decode_throughput_per_user",
    header: "Effective Decode Throughput Per User",
    group: "effective",
    curve: decodeRatePerUser,
  }),
  userRate({
    tag: "effective_prefill_throughput_per_user",
    header: "Effective Prefill Throughput Per User",
    group: "effective",
    curve: prefillRatePerUser,
  }),
  {
    kind: "curve",
    tag: "tokens_in_flight",
    header: "Tokens In Flight",
    unit: "tokens",
    group: "effective",
    needs,
    curve: tokensOut,
  },
  rate({
    tag: "active_decode_throughput",
    header: "Active Decode Throughput",
    group: "active",
    curve: decodeRate,
    activeOnly: true,
  }),
  rate({
    tag: "active_prefill_throughput",
    header: "Active Prefill Throughput",
    group: "active",
    curve: prefillRate,
    activeOnly: true,
  }),
  userRate({
    tag: "active_decode_throughput_per_user",
    header: "Active Decode Throughput Per User",
    group: "active",
    curve: decodeRatePerUser,
    activeOnly: true,
  }),
  userRate({
    tag: "active_prefill_throughput_per_user",
    header: "Active Prefill Throughput Per User",
    group: "active",
    curve: prefillRatePerUser,
    activeOnly: true,
  }),
  rate({
    tag: "active_total_throughput",
    header: "Active Total Throughput",
    group: "active",
    curve: totalRate,
    activeOnly: true,
  }),
];
