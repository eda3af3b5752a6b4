// The run as a whole over time: the effective family, over all of the window, and the active one,
// over the time in which there was something to do. Two hidden columns say when requests were out.
// Quantiles are exact up to 100,000 changes, then within 0.05 %.

import { NS_PER_S } from "#core";
import { type MetricRow, rowsLike } from "./row.ts";
import type { Moment } from "./timeline.ts";

export const START_COLUMN = "request_start";
export const END_COLUMN = "request_end";

const decodeRate = (m: Moment): number => m.decodeRate * NS_PER_S;
const prefillRate = (m: Moment): number => m.prefillRate * NS_PER_S;
const totalRate = (m: Moment): number => (m.prefillRate + m.evenDecodeRate) * NS_PER_S;
const perUser = (rate: number, users: number): number => (users > 0 ? rate / users : 0);
const decodeRatePerUser = (m: Moment): number => perUser(decodeRate(m), m.decoding);
const prefillRatePerUser = (m: Moment): number => perUser(prefillRate(m), m.prefilling);

const isOut = (m: Moment): boolean => m.requests > 0;
const isDecoding = (m: Moment): boolean => m.decoding > 0;
const isPrefilling = (m: Moment): boolean => m.prefilling > 0;

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
  load({ tag: "effective_concurrency", header: "Effective Concurrency", of: (m) => m.requests }),
  rate({
    tag: "effective_decode_throughput",
    header: "Effective Decode Throughput",
    group: "effective",
    of: decodeRate,
  }),
  rate({
    tag: "effective_prefill_throughput",
    header: "Effective Prefill Throughput",
    group: "effective",
    of: prefillRate,
  }),
  load({
    tag: "effective_decode_concurrency",
    header: "Effective Decode Concurrency",
    needs,
    of: (m) => m.decoding,
  }),
  load({
    tag: "effective_prefill_concurrency",
    header: "Effective Prefill Concurrency",
    needs,
    of: (m) => m.prefilling,
  }),
  rate({
    tag: "effective_total_throughput",
    header: "Effective Total Throughput",
    group: "effective",
    of: totalRate,
  }),
  userRate({
    tag: "effective_decode_throughput_per_user",
    header: "Effective Decode Throughput Per User",
    group: "effective",
    of: decodeRatePerUser,
  }),
  userRate({
    tag: "effective_prefill_throughput_per_user",
    header: "Effective Prefill Throughput Per User",
    group: "effective",
    of: prefillRatePerUser,
  }),
  {
    kind: "curve",
    tag: "tokens_in_flight",
    header: "Tokens In Flight",
    unit: "tokens",
    group: "effective",
    needs,
    of: (m) => m.tokens,
  },
  rate({
    tag: "active_decode_throughput",
    header: "Active Decode Throughput",
    group: "active",
    of: decodeRate,
    when: isDecoding,
  }),
  rate({
    tag: "active_prefill_throughput",
    header: "Active Prefill Throughput",
    group: "active",
    of: prefillRate,
    when: isPrefilling,
  }),
  userRate({
    tag: "active_decode_throughput_per_user",
    header: "Active Decode Throughput Per User",
    group: "active",
    of: decodeRatePerUser,
    when: isDecoding,
  }),
  userRate({
    tag: "active_prefill_throughput_per_user",
    header: "Active Prefill Throughput Per User",
    group: "active",
    of: prefillRatePerUser,
    when: isPrefilling,
  }),
  rate({
    tag: "active_total_throughput",
    header: "Active Total Throughput",
    group: "active",
    of: totalRate,
    when: isOut,
  }),
];
