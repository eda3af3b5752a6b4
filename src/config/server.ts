// The flags about the server, settled: clean URLs, checked path and key, all headers in one list.

import { isIP } from "node:net";
import { fail, secondsToNs } from "#core";
import { quoted } from "./complaint.ts";
import type { Header } from "./pairs.ts";
import type { EndpointPlan } from "./plan.ts";
import { readUrl } from "./url.ts";
import type { ReadFlags } from "./values.ts";

/** The endpoint's part of the plan. */
export function endpointOf({ values, given }: ReadFlags): EndpointPlan {
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
    kind: values["--endpoint-type"],
    urls: urls.map(({ url }) => url),
    path,
    models: values["--model-names"],
    modelStrategy: values["--model-selection-strategy"],
    streaming: values["--streaming"],
    apiKey,
    headers: withUser(
      values["--header"],
      new Set(urls.map(({ authorization }) => authorization)),
      apiKey !== undefined,
      urlName,
    ),
    extraInputs: values["--extra-inputs"],
    useLegacyMaxTokens: values["--use-legacy-max-tokens"],
    useServerTokenCount: values["--use-server-token-count"],
    requestTimeoutNs: secondsToNs(values["--request-timeout-seconds"]),
    transport: transport === "fetch" ? "fetch" : "socket",
    connectionReuse: values["--connection-reuse-strategy"],
    insecure: values["--insecure"],
    warmConnections: values["--warm-connections"],
    sources: (values["--source-ip"] ?? []).map(readSource),
  };
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
