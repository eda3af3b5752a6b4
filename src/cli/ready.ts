// Is the server ready? Asked before anything is measured, so that a model that is still being
// loaded is not taken for a slow one.

import type { EndpointPlan, Plan, ReadinessPlan } from "#config";
import { type ContentGroup, fail, messageOf, NS_PER_MS, NS_PER_S, type Session } from "#core";
import {
  CORRELATION_ID,
  type EndpointRow,
  endpointPath,
  endpointRow,
  headerRows,
  REQUEST_ID,
  targetOf,
} from "#endpoint";

/** One question to the server; answers why it is not ready, or undefined when it is. */
type Probe = (timeoutMs: number) => Promise<string | undefined>;

export interface ReadinessDeps {
  readonly fetch: (url: string, init: BunFetchRequestInit) => Promise<Response>;
  readonly nowMs: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** Told what is missing after each look that was in vain. */
  readonly onWaiting: (reason: string) => void;
  /** The endpoint as it was opened; the plain one when left out. */
  readonly row?: EndpointRow;
}

/**
 * Waits until every server that the plan names is ready, for as long as the plan allows.
 * @throws E_NOT_READY with what was missing last
 */
export async function waitUntilReady(plan: Plan, deps: ReadinessDeps): Promise<void> {
  const { readiness } = plan;
  if (readiness === undefined) return;
  const untilMs = deps.nowMs() + readiness.timeoutNs / NS_PER_MS;
  const all = plan.endpoint.urls.flatMap((url) => probesOf(plan, readiness, url, deps));
  await Promise.all(all.map((probe) => waitFor(probe, readiness, untilMs, deps)));
}

async function waitFor(
  probe: Probe,
  { intervalNs, timeoutNs }: ReadinessPlan,
  untilMs: number,
  deps: ReadinessDeps,
): Promise<void> {
  for (;;) {
    const leftMs = untilMs - deps.nowMs();
    const reason = await probe(Math.max(1, leftMs));
    if (reason === undefined) return;
    deps.onWaiting(reason);
    const pauseMs = intervalNs / NS_PER_MS;
    if (deps.nowMs() + pauseMs >= untilMs) {
      const what = `the server is not ready after ${timeoutNs / NS_PER_S} s: ${reason}`;
      fail("E_NOT_READY", what, "see what the server says, or raise --wait-for-model-timeout");
    }
    await deps.sleep(pauseMs);
  }
}

function probesOf(
  plan: Plan,
  { mode }: ReadinessPlan,
  url: string,
  deps: ReadinessDeps,
): readonly Probe[] {
  const probes: Probe[] = [];
  if (mode !== "inference") probes.push(listingProbe(plan, url, deps));
  if (mode !== "models") probes.push(inferenceProbe(plan, url, deps));
  return probes;
}

/** All models of the run are in the server's listing. */
function listingProbe(plan: Plan, baseUrl: string, deps: ReadinessDeps): Probe {
  const { url } = targetOf(baseUrl, "/v1/models");
  return (timeoutMs) =>
    asking(url, plan, deps, timeoutMs, {}, (body) => {
      const listed = namesIn(body);
      const missing = plan.endpoint.models.filter((model) => !listed.has(model));
      return missing.length === 0 ? undefined : `${url} does not list ${missing.join(", ")}`;
    });
}

function namesIn(body: string): ReadonlySet<unknown> {
  let json: { readonly data?: unknown } | null;
  try {
    json = JSON.parse(body);
  } catch {
    return new Set();
  }
  const rows = Array.isArray(json?.data) ? json.data : [];
  return new Set(rows.map((row: { readonly id?: unknown } | null) => row?.id));
}

/** A short request is answered; that of the first model stands for all. */
function inferenceProbe(plan: Plan, baseUrl: string, deps: ReadinessDeps): Probe {
  const endpoint = { ...plan.endpoint, streaming: false };
  const row = deps.row ?? endpointRow(endpoint.kind);
  const { url } = targetOf(baseUrl, endpointPath(endpoint));
  const model = endpoint.models[0] ?? "";
  const session = sampleSession(endpoint.kind.endsWith("rankings") ? RANKING : TEXT, model);
  const isSample = row.tokenizesInput && row.kind !== "raw" && !isForm(endpoint);
  const [turn] = session.turns;
  const body = isSample ? row.body({ plan: endpoint, session, turn: turn! }) : { model };
  const request = { method: "POST", body: JSON.stringify(body) };
  // What takes more than a text is ready when it can say what it misses.
  return (timeoutMs) =>
    asking(url, { endpoint }, deps, timeoutMs, request, () => undefined, isSample ? 299 : 499);
}

const TEXT: readonly ContentGroup[] = [{ name: "text", contents: ["Hello"] }];
const RANKING: readonly ContentGroup[] = [
  { name: "query", contents: ["Hello"] },
  { name: "passages", contents: ["Hello"] },
];

function sampleSession(texts: readonly ContentGroup[], model: string): Session {
  const turn = {
    role: "user",
    texts,
    model,
    maxTokens: 1,
    inputTokens: undefined,
    delayNs: 0,
    timestampNs: undefined,
  };
  return { id: "ready", systemText: undefined, userContextText: undefined, turns: [turn] };
}

function isForm({ contentType }: EndpointPlan): boolean {
  return contentType === "multipart/form-data";
}

async function asking(
  url: string,
  plan: Pick<Plan, "endpoint">,
  { fetch }: ReadinessDeps,
  timeoutMs: number,
  request: RequestInit,
  judge: (body: string) => string | undefined,
  statusMax = 299,
): Promise<string | undefined> {
  try {
    const reply = await fetch(url, {
      ...request,
      headers: headersOf(plan),
      signal: AbortSignal.timeout(timeoutMs),
      tls: { rejectUnauthorized: !plan.endpoint.insecure },
    });
    const body = await reply.text();
    return reply.status <= statusMax ? judge(body) : `${url} answers ${reply.status}`;
  } catch (error) {
    return `${url} does not answer: ${messageOf(error)}`;
  }
}

function headersOf(plan: Pick<Plan, "endpoint">): Headers {
  const headers = new Headers();
  for (const [name, value] of headerRows(plan.endpoint)) {
    const isId = value === REQUEST_ID || value === CORRELATION_ID;
    headers.set(name, isId ? "readiness" : (value as string));
  }
  return headers;
}
