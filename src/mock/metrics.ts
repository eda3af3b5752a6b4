// What the mock tells a scraper, in Prometheus text with vLLM's names and buckets, so that
// whatever reads a vLLM server's metrics can be tried without one.

import { NS_PER_S } from "#core";

type Finished = "stop" | "length" | "abort" | "error";

export interface ServingMetrics {
  running: number;
  promptTokens: number;
  generationTokens: number;
  readonly finished: Record<Finished, number>;
  readonly ttft: Histogram;
  readonly perToken: Histogram;
  readonly latency: Histogram;
}

interface Histogram {
  readonly observe: (ns: number) => void;
  /** @param labels those before and after `le`, which is in its alphabetical place */
  readonly lines: (metric: string, labels: readonly [string, string]) => string;
}

const TTFT_S = [
  0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80,
  160, 640, 2560,
];
const PER_TOKEN_S = [
  0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80,
];
const LATENCY_S = [
  0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960, 1920, 7680,
];

export function servingMetrics(): ServingMetrics {
  return {
    running: 0,
    promptTokens: 0,
    generationTokens: 0,
    finished: { stop: 0, length: 0, abort: 0, error: 0 },
    ttft: histogram(TTFT_S),
    perToken: histogram(PER_TOKEN_S),
    latency: histogram(LATENCY_S),
  };
}

/** The page that `/metrics` answers. The mock starts every request at once: none ever waits. */
export function metricsPage(metrics: ServingMetrics, model: string): string {
  const name = model.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
  const labels = [`engine="0"`, `model_name="${name}"`] as const;
  const one = (value: number) => (metric: string) =>
    `${metric}{${labels.join()}} ${float(value)}\n`;
  const families: [name: string, kind: string, help: string, of: (name: string) => string][] = [
    ["num_requests_running", "gauge", "Requests being answered.", one(metrics.running)],
    ["num_requests_waiting", "gauge", "Requests that wait for their turn.", one(0)],
    ["prompt_tokens_total", "counter", "Prompt tokens taken in.", one(metrics.promptTokens)],
    ["generation_tokens_total", "counter", "Tokens sent.", one(metrics.generationTokens)],
    [
      "request_success_total",
      "counter",
      "Requests that ended, by reason.",
      (metric) =>
        Object.entries(metrics.finished)
          .map(
            ([reason, count]) =>
              `${metric}{${labels[0]},finished_reason="${reason}",${labels[1]}} ${float(count)}\n`,
          )
          .join(""),
    ],
    [
      "time_to_first_token_seconds",
      "histogram",
      "From arrival to the first token.",
      (metric) => metrics.ttft.lines(metric, labels),
    ],
    [
      "request_time_per_output_token_seconds",
      "histogram",
      "Mean time between a request's tokens.",
      (metric) => metrics.perToken.lines(metric, labels),
    ],
    [
      "e2e_request_latency_seconds",
      "histogram",
      "From arrival to the last token.",
      (metric) => metrics.latency.lines(metric, labels),
    ],
  ];
  return families
    .map(([short, kind, help, of]) => {
      const metric = `vllm:${short}`;
      return `# HELP ${metric} ${help}\n# TYPE ${metric} ${kind}\n${of(metric)}`;
    })
    .join("");
}

function histogram(boundsS: readonly number[]): Histogram {
  const counts = new Float64Array(boundsS.length + 1);
  let sumS = 0;
  return {
    observe(ns) {
      const seconds = ns / NS_PER_S;
      sumS += seconds;
      const slot = boundsS.findIndex((bound) => seconds <= bound);
      const at = slot === -1 ? boundsS.length : slot;
      counts[at] = counts[at]! + 1;
    },
    lines(metric, labels) {
      let seen = 0;
      let text = "";
      for (let slot = 0; slot <= boundsS.length; slot++) {
        seen += counts[slot]!;
        const bound = boundsS[slot];
        const le = bound === undefined ? "+Inf" : float(bound);
        text += `${metric}_bucket{${labels[0]},le="${le}",${labels[1]}} ${float(seen)}\n`;
      }
      const all = `{${labels.join()}}`;
      return `${text}${metric}_count${all} ${float(seen)}\n${metric}_sum${all} ${float(sumS)}\n`;
    },
  };
}

/** A number as Python writes a float, which is what scrapers of vLLM see. */
function float(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e16 ? `${value}.0` : String(value);
}
