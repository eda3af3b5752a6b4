// What the user set, in the shape and with the keys of AIPerf's `input_config`, for the results.

import { isSecretName, REDACTED, redactJson, redactUrl } from "#core";
import { datasetConfig } from "./input-dataset.ts";
import { object, phaseConfig } from "./input-phases.ts";
import type { Header } from "./pairs.ts";
import type { Json, Plan } from "./plan.ts";
import type { ReadFlags } from "./values.ts";

type Name = keyof ReadFlags["values"];
type Settled = Pick<Plan, "endpoint" | "phases" | "output" | "dataset" | "slos" | "networkLatency">;

/**
 * The configuration that a run was given; what was left to its default is left out, but for the
 * load, which a reader cannot do without.
 * @param secrets values to hide wherever they occur
 */
export function inputConfigOf(
  { values, given }: ReadFlags,
  plan: Settled,
  secrets: readonly string[],
): Plan["inputConfig"] {
  const set = <Value>(name: Name, value: Value): Value | undefined =>
    given.has(name) ? value : undefined;
  const { endpoint, output } = plan;
  const level = values["--export-level"];

  const config = object({
    models: object({
      strategy: set("--model-selection-strategy", snake(endpoint.modelStrategy)),
      items: endpoint.models.map((name) => ({ name })),
    }),
    endpoint: object({
      urls: set("--url", endpoint.urls.map(redactUrl)),
      url_strategy: set("--url-strategy", snake(values["--url-strategy"])),
      type: set("--endpoint-type", endpoint.kind),
      path: endpoint.path,
      timeout: set("--request-timeout-seconds", values["--request-timeout-seconds"]),
      streaming: set("--streaming", endpoint.streaming),
      request_content_type: set("--request-content-type", endpoint.contentType),
      session_header: set("--session-header", endpoint.sessionHeader),
      per_chunk_usage: set("--per-chunk-usage", endpoint.perChunkUsage),
      download_video_content: set("--download-video-content", endpoint.downloadVideo),
      uuid_and_strip: set("--uuid-and-strip", endpoint.stripsImages),
      api_key: set("--api-key", REDACTED),
      transport: set("--transport", values["--transport"]),
      connection_reuse: set("--connection-reuse-strategy", snake(endpoint.connectionReuse)),
      use_legacy_max_tokens: set("--use-legacy-max-tokens", endpoint.useLegacyMaxTokens),
      use_server_token_count: set("--use-server-token-count", endpoint.useServerTokenCount),
      insecure: set("--insecure", endpoint.insecure),
      headers: set("--header", headersOf(values["--header"])),
      extra: set("--extra-inputs", values["--extra-inputs"]),
    }),
    datasets: [datasetConfig({ values, given }, plan.dataset)],
    phases: plan.phases.map((phase) => phaseConfig(phase, values)),
    artifacts: object({
      dir: set("--output-artifact-dir", output.artifactDir),
      prefix: output.prefix,
      records: set("--export-level", level === "summary" ? [] : ["jsonl"]),
      raw: level === "raw" ? true : undefined,
      slice_duration: values["--slice-duration"],
      percentiles: set("--percentiles", plan.output.percentiles),
      export_http_trace: set("--export-http-trace", plan.output.httpTrace),
      export_outputs_json: set("--export-outputs-json", plan.output.outputsJson),
      show_trace_timing: set("--show-trace-timing", plan.output.showsTrace),
      auto_plot: false,
      plot_required: false,
    }),
    slos:
      plan.slos.length === 0
        ? undefined
        : Object.fromEntries(plan.slos.map(({ tag, limit }) => [tag, limit])),
    tokenizer: object({
      name: values["--tokenizer"],
      revision: set("--tokenizer-revision", values["--tokenizer-revision"]),
      trust_remote_code: set("--tokenizer-trust-remote-code", true),
      apply_chat_template: set("--apply-chat-template", true),
    }),
    gpu_telemetry: { enabled: false },
    server_metrics: { enabled: false },
    network_latency: object({
      enabled: plan.networkLatency !== undefined,
      mean: values["--network-latency-mean"],
      ping_interval: set(
        "--network-latency-ping-interval",
        values["--network-latency-ping-interval"],
      ),
    }),
    runtime: object({
      ui: set("--ui-type", values["--ui-type"] ?? ""),
      workers: values["--workers-max"],
      record_processors: values["--record-processor-service-count"],
    }),
    logging: object({ level: set("--log-level", values["--log-level"].toUpperCase()) }),
  });
  return redactJson(config ?? {}, secrets) as Plan["inputConfig"];
}

function headersOf(headers: readonly Header[]): Json {
  return Object.fromEntries(
    headers.map(([name, value]) => [name, isSecretName(name) ? REDACTED : value]),
  );
}

function snake(choice: string): string {
  return choice.replaceAll("-", "_");
}
