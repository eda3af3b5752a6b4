// Plans and sessions for tests, with any of their fields replaced.

import type { EndpointPlan } from "#config";
import type { Session, Turn } from "#core";

export function endpointPlan(changes: Partial<EndpointPlan> = {}): EndpointPlan {
  return {
    kind: "chat",
    urls: ["http://localhost:8000"],
    path: undefined,
    models: ["m"],
    modelStrategy: "round-robin",
    streaming: true,
    contentType: "application/json",
    apiKey: undefined,
    sessionHeader: "X-Correlation-ID",
    headers: [],
    extraInputs: {},
    useLegacyMaxTokens: false,
    useServerTokenCount: false,
    perChunkUsage: false,
    template: undefined,
    responseField: undefined,
    downloadVideo: false,
    stripsImages: false,
    requestTimeoutNs: 21_600e9,
    transport: "socket",
    connectionReuse: "pooled",
    insecure: false,
    warmConnections: false,
    sources: [],
    ...changes,
  };
}

/** A turn of the user that says `texts`. */
export function turnOf(texts: readonly string[], changes: Partial<Turn> = {}): Turn {
  return {
    role: "user",
    texts: texts.length === 0 ? [] : [{ name: "text", contents: texts }],
    model: "m",
    maxTokens: undefined,
    inputTokens: undefined,
    delayNs: 0,
    timestampNs: undefined,
    ...changes,
  };
}

export function sessionOf(turn: Turn, changes: Partial<Session> = {}): Session {
  return {
    id: "session_000000",
    systemText: undefined,
    userContextText: undefined,
    turns: [turn],
    ...changes,
  };
}
