// The values of a plan that must not show anywhere, so that they can be hidden where a server or
// an error repeats them without the name that would give them away.

import { isSecretName } from "#core";
import type { EndpointPlan, Json } from "./plan.ts";

type Carrier = Pick<EndpointPlan, "apiKey" | "headers" | "extraInputs" | "urls">;

/** The key, and what headers, extra inputs and URL parameters of secret names carry. */
export function secretsOf({ apiKey, headers, extraInputs, urls }: Carrier): readonly string[] {
  const inHeaders = headers
    .filter(([name]) => isSecretName(name))
    .flatMap(([, value]) => [value, value.replace(/^\S+\s+/, "")]);
  const inUrls = urls.flatMap((url) =>
    [...new URL(url).searchParams].filter(([name]) => isSecretName(name)).map(([, text]) => text),
  );
  const all = [apiKey ?? "", ...inHeaders, ...inUrls, ...textsIn(extraInputs, false)];
  return [...new Set(all)].filter((secret) => secret !== "");
}

/** The texts in a JSON value that stand under a secret name. */
function textsIn(value: Json, secret: boolean): readonly string[] {
  if (typeof value === "string") return secret ? [value] : [];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, field]) =>
    textsIn(field as Json, secret || isSecretName(name)),
  );
}
