import { expect, test } from "bun:test";
import { NS_PER_S } from "#core";
import { metricsPage, servingMetrics } from "../../src/mock/metrics.ts";

const lines = (text: string, start: string) =>
  text.split("\n").filter((line) => line.startsWith(start));

test("histograms are cumulative, with count and sum", () => {
  const metrics = servingMetrics();
  for (const seconds of [0.001, 0.3, 0.5, 99_999]) metrics.latency.observe(seconds * NS_PER_S);
  const page = metricsPage(metrics, "m");
  const buckets = lines(page, "vllm:e2e_request_latency_seconds_bucket");
  expect(buckets[0]).toBe(
    'vllm:e2e_request_latency_seconds_bucket{engine="0",le="0.3",model_name="m"} 2.0',
  );
  expect(buckets[1]).toBe(
    'vllm:e2e_request_latency_seconds_bucket{engine="0",le="0.5",model_name="m"} 3.0',
  );
  expect(buckets.at(-2)).toEndWith("} 3.0");
  expect(buckets.at(-1)).toBe(
    'vllm:e2e_request_latency_seconds_bucket{engine="0",le="+Inf",model_name="m"} 4.0',
  );
  expect(lines(page, "vllm:e2e_request_latency_seconds_count")[0]).toEndWith(" 4.0");
  expect(lines(page, "vllm:e2e_request_latency_seconds_sum")[0]).toEndWith(" 99999.801");
});

test("a model's name is escaped", () => {
  expect(metricsPage(servingMetrics(), 'a"b\\c\nd')).toContain('model_name="a\\"b\\\\c\\nd"');
});

test("every line is a comment or a sample", () => {
  const sample = /^[a-z][a-z0-9_]*:[a-z0-9_]+\{[^}]*\} [0-9.e+-]+$/;
  for (const line of metricsPage(servingMetrics(), "m").trimEnd().split("\n"))
    expect(line.startsWith("# ") || sample.test(line)).toBe(true);
});
