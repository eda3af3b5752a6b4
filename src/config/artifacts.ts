// Where results go and what the files are called, as AIPerf names them.

import { isAbsolute, join, normalize } from "node:path";
import { fail } from "#core";
import { quoted } from "./complaint.ts";
import type { EndpointKind, LoadPlan } from "./plan.ts";

/** What is at a path. */
export type PathKind = (path: string) => "file" | "directory" | "none";

/** The default folder: `artifacts/<model>-openai-<endpoint>-<load>`. */
export function artifactDirOf(
  models: readonly string[],
  endpoint: EndpointKind,
  load: LoadPlan,
): string {
  const first = (models[0] ?? "").replace(/[/\\]/g, "_");
  const model = models.length > 1 ? `${first}_multi` : first;
  return `artifacts/${model}-openai-${endpoint}-${stimulusOf(load)}`;
}

/** The load in a folder's name, as AIPerf spells it: rates always with a decimal point. */
function stimulusOf(load: LoadPlan): string {
  const cap = load.concurrency === undefined ? "" : `concurrency${load.concurrency.limit}`;
  const capped = (text: string) => (cap === "" ? text : `${cap}-${text}`);
  switch (load.kind) {
    case "concurrency":
      return cap;
    case "rate":
      return capped(`request_rate${decimal(load.rate.at(-1)!.perS)}`);
    case "schedule":
      return "fixed_schedule";
    case "users":
      return `user_centric-users${load.users}-qps${decimal(load.ratePerS)}`;
  }
}

function decimal(value: number): string {
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}

/** Refuses a folder that cannot be made because it, or one that it is to be in, is a file. */
export function checkArtifactDir(name: string, dir: string, cwd: string, kindOf: PathKind): void {
  let path = isAbsolute(dir) ? normalize(dir) : join(cwd, dir);
  for (;;) {
    const kind = kindOf(path);
    if (kind === "directory") return;
    if (kind === "file") {
      const what = `${name} ${quoted(dir)} cannot be a folder: ${quoted(path)} is a file`;
      fail("E_ARTIFACT_DIR", what, "name another folder with --artifact-dir");
    }
    const parent = join(path, "..");
    if (parent === path) return;
    path = parent;
  }
}

const ENDINGS =
  /(?:_raw|_timeslices|_console|_server_metrics|_gpu_telemetry|_network_latency|_accuracy)?\.(?:jsonl?|csv|txt|parquet)$/i;

/** The prefix of file names that `--profile-export-prefix` asks for. */
export function prefixOf(name: string, given: string): string {
  const prefix = given.replace(/^.*[/\\](?=[^/\\])/, "").replace(/[/\\]+$/, "");
  const bare = prefix.replace(ENDINGS, "");
  if (bare === "" || bare === "." || bare === "..") {
    fail("E_FLAG_VALUE", `${name} is ${quoted(given)}`, "give the start of a file's name");
  }
  return bare;
}
