// The flags about the server, settled: clean URLs, checked path and key, all headers in one list.

import { isIP } from "node:net";
import { fail, secondsToNs } from "#core";
import { quoted } from "./complaint.ts";
import { endpointFacts } from "./endpoint-kinds.ts";
import type { Header } from "./pairs.ts";
import type { ContentType, ControlCall, EndpointPlan, ServerControlPlan } from "./plan.ts";
import type { ProfileContext } from "./profile.ts";
import { shapedInputs } from "./template.ts";
import { readUrl } from "./url.ts";
import type { ReadFlags } from "./values.ts";

/** The endpoint's part of the plan. */
export function endpointOf(flags: ReadFlags, context: ProfileContext): EndpointPlan {
  const { values, given } = flags;
  const kind = values["--endpoint-type"];
  const path = values["--custom-endpoint"];
  const pathName = given.get("--custom-endpoint") ?? "--endpoint";
  if (path !== undefined && !/^\/\S*$/.test(path)) {
    const wayOut = "start it with /, without spaces; host and port go into --url";
    fail("E_ENDPOINT_PATH", `${pathName} ${quoted(path)} is not a path`, wayOut);
  }
  const urlName = given.get("--url") ?? "--url";
  const urls = values["--url"].map((text) => readUrl(urlName, text));
  const apiKey = values["--api-key"];
  if (apiKey !== undefined && !/^[\x21-\x7e]+$/.test(apiKey)) {
    const what = "--api-key has a character that no key has";
    fail("E_FLAG_VALUE", what, "check for spaces, line ends and quotes around it");
  }
  const transport = values["--transport"];
  return {
    kind,
    urls: urls.map(({ url }) => url),
    path,
    models: values["--model-names"],
    modelStrategy: values["--model-selection-strategy"],
    streaming: values["--streaming"] && endpointFacts(kind).streams,
    contentType: contentTypeOf(flags),
    apiKey,
    sessionHeader: sessionHeaderOf(flags),
    headers: withUser(
      values["--header"],
      new Set(urls.map(({ authorization }) => authorization)),
      apiKey !== undefined,
      urlName,
    ),
    ...shapedInputs(kind, values["--extra-inputs"], context),
    useLegacyMaxTokens: values["--use-legacy-max-tokens"],
    useServerTokenCount: values["--use-server-token-count"],
    perChunkUsage: values["--per-chunk-usage"],
    downloadVideo: values["--download-video-content"],
    stripsImages: values["--uuid-and-strip"],
    requestTimeoutNs: secondsToNs(values["--request-timeout-seconds"]),
    transport: transport === "fetch" ? "fetch" : "socket",
    connectionReuse: values["--connection-reuse-strategy"],
    insecure: values["--insecure"],
    warmConnections: values["--warm-connections"],
    sources: (values["--source-ip"] ?? []).map(readSource),
  };
}

/** What the server is told around the load. */
export function controlOf({ values, given }: ReadFlags): ServerControlPlan {
  type PathFlag =
    | "--reset-kv-cache-path"
    | "--server-profiler-start-path"
    | "--server-profiler-stop-path";
  const call = (flag: PathFlag, timeoutS: number): ControlCall => {
    const path = values[flag];
    if (!/^\/\S*$/.test(path)) {
      const what = `${given.get(flag) ?? flag} ${quoted(path)} is not a path`;
      fail("E_ENDPOINT_PATH", what, "start it with /, without spaces");
    }
    return { path, timeoutNs: secondsToNs(timeoutS) };
  };
  const profilerS = values["--server-profiler-timeout-seconds"];
  return {
    resetCache: values["--reset-kv-cache"]
      ? call("--reset-kv-cache-path", values["--reset-kv-cache-timeout-seconds"])
      : undefined,
    profiler: values["--server-profiler"]
      ? {
          start: call("--server-profiler-start-path", profilerS),
          stop: call("--server-profiler-stop-path", profilerS),
        }
      : undefined,
  };
}

function contentTypeOf({ values, given }: ReadFlags): ContentType {
  const kind = values["--endpoint-type"];
  const { contentTypes } = endpointFacts(kind);
  const wanted = values["--request-content-type"];
  if (wanted === undefined || contentTypes.includes(wanted)) return wanted ?? contentTypes[0]!;
  const flag = given.get("--request-content-type") ?? "--request-content-type";
  const what = `${flag} ${wanted} is nothing that --endpoint-type ${kind} takes`;
  return fail("E_FLAG_CONFLICT", what, `give ${contentTypes.join(" or ")}, or leave it out`);
}

function sessionHeaderOf({ values, given }: ReadFlags): string {
  const name = values["--session-header"] ?? "X-Correlation-ID";
  if (/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) return name;
  const what = `${given.get("--session-header") ?? "--session-header"} ${quoted(name)} is no header's name`;
  return fail("E_HEADER", what, "use letters, digits and hyphens");
}

function readSource(text: string): string {
  if (isIP(text) !== 0) return text;
  return fail(
    "E_FLAG_VALUE",
    `--source-ip ${quoted(text)} is not an IP address`,
    "give an address of this machine, such as 127.0.0.2",
  );
}

/** A user in the URL becomes a header, unless the user said otherwise; the URL is then public. */
function withUser(
  headers: readonly Header[],
  users: ReadonlySet<string | undefined>,
  hasKey: boolean,
  urlName: string,
): readonly Header[] {
  if (users.size > 1) {
    const what = `${urlName} has URLs with different users`;
    fail("E_URL", what, "give the same user and password in each of them");
  }
  const [user] = users;
  const hasOwn = headers.some(([name]) => name.toLowerCase() === "authorization");
  return user === undefined || hasOwn || hasKey ? headers : [...headers, ["Authorization", user]];
}
