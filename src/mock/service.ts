// What becomes of each request: it is read, routed, and answered at once or in its own time.

import type { Clock } from "#core";
import { ASK_KINDS, type AskKind, readAsk } from "./ask.ts";
import type { Connection } from "./connection.ts";
import { DIALECTS, type Dialect } from "./dialect.ts";
import { filmId } from "./dialects/others.ts";
import { films } from "./films.ts";
import type { HttpRequest } from "./http-head.ts";
import { dateHeaders, errorBody, type Framing, wholeReply } from "./http-reply.ts";
import type { Journal } from "./journal.ts";
import type { LatenessSummary } from "./lateness.ts";
import { metricsPage, servingMetrics } from "./metrics.ts";
import { contextExcess, modelsBody } from "./model.ts";
import type { MockOptions } from "./options.ts";
import { replies } from "./replies.ts";
import { fates, planReply } from "./reply.ts";
import type { Nap } from "./timetable.ts";

/** What has been served so far. */
export interface ServiceStats {
  /** Requests that were read whole, those for metrics and models included. */
  readonly requests: number;
  readonly running: number;
  readonly completed: number;
  /** Answered with a status of 400 or more, unreadable requests included. */
  readonly errors: number;
  readonly dropped: number;
  /** Ended by the client before the reply's end. */
  readonly left: number;
  /** Cut short by the server's own end. */
  readonly stopped: number;
  readonly tokens: number;
  readonly writes: number;
  /** Of every chunk: its write minus its due time. */
  readonly lateness: LatenessSummary;
}

export interface Service {
  /** Takes in bytes of a client. */
  readonly arrived: (connection: Connection, bytes: Uint8Array) => void;
  /** A client that was slow has read on. */
  readonly drained: (connection: Connection) => void;
  /** The client is gone, or the server stops. */
  readonly ended: (connection: Connection, why: "left" | "stopped") => void;
  readonly stats: () => ServiceStats;
  readonly stop: () => void;
}

export interface ServiceDeps {
  readonly now: Clock;
  readonly nap: Nap;
  readonly journal: Journal;
}

const KIND_AT: ReadonlyMap<string, AskKind> = new Map(
  ASK_KINDS.flatMap((kind) => DIALECTS[kind].paths.map((path) => [path, kind] as const)),
);

/** What an operator of a server tells it; the mock has neither cache nor profiler. */
const CONTROLS = new Set(["/reset_prefix_cache", "/start_profile", "/stop_profile"]);

const NOTHING = (): readonly [string, string] => ["", "text/plain"];

const ASKED_FOR = { message: "An error, as --error-rate asks for.", param: null };

/** After bytes that are no request, nothing that follows can be trusted. */
const UNREADABLE: Framing = { keepAlive: false, chunked: true };

const NOTHING_SENT = {
  stream: false,
  outcome: "error",
  promptTokens: 0,
  requestedTokens: undefined,
  outputTokens: 0,
  reasoningTokens: 0,
  chunks: 0,
  lateNsMax: 0,
} as const;

function asksForEvents({ streamsByAccept }: Dialect, { headers }: HttpRequest): boolean {
  return streamsByAccept === true && /event-stream/.test(headers.get("accept") ?? "");
}

export function service(options: MockOptions, deps: ServiceDeps): Service {
  const { now, journal } = deps;
  const metrics = servingMetrics();
  const nextFate = fates(options);
  const dateHeader = dateHeaders(Date.now);
  const making = films(now);
  const tally = { requests: 0, completed: 0, errors: 0, dropped: 0, left: 0, stopped: 0 };

  const serving = replies({
    options,
    now,
    nap: deps.nap,
    dateHeader,
    metrics,
    journal,
    onEnd(reply, outcome) {
      if (outcome !== "error") tally[outcome]++;
      const { connection, request, ask } = reply;
      connection.reply = undefined;
      if (outcome !== "completed") return;
      if (!request.keepAlive || (ask.stream && !request.chunked)) connection.finish();
      else readRequests(connection, now());
    },
  });

  const send = (
    connection: Connection,
    framing: Framing,
    status: number,
    body: string,
    contentType = "application/json",
  ): void => {
    connection.writeText(wholeReply(status, contentType, body, framing, dateHeader()));
    if (!framing.keepAlive) connection.finish();
  };

  const sendError = (
    connection: Connection,
    request: HttpRequest | undefined,
    arrivalNs: number,
    status: number,
    message: string,
    param: string | null = null,
  ): void => {
    const writeNs = now();
    send(connection, request ?? UNREADABLE, status, errorBody(status, message, param));
    tally.errors++;
    journal.write({
      ...NOTHING_SENT,
      requestId: request?.headers.get("x-request-id"),
      connection: connection.number,
      kind: request === undefined ? undefined : KIND_AT.get(request.path),
      status,
      arrivalNs,
      firstWriteNs: writeNs,
      lastWriteNs: writeNs,
      endNs: writeNs,
    });
  };

  const generate = (
    connection: Connection,
    request: HttpRequest,
    kind: AskKind,
    arrivalNs: number,
  ): void => {
    const fate = nextFate();
    const dialect = DIALECTS[kind];
    const ask = readAsk(kind, request.body, options.model, {
      contentType: request.headers.get("content-type") ?? "application/json",
      streams: request.path === dialect.streamPath || asksForEvents(dialect, request),
    });
    if (!("message" in ask) && ask.stream && dialect.parts === undefined) {
      sendError(connection, request, arrivalNs, 400, `${request.path} does not stream.`, "stream");
      return;
    }
    const fault = "message" in ask ? ask : contextExcess(ask, options);
    if ("message" in ask || fault !== undefined || fate.fails) {
      const status = fault === undefined ? options.errorCode : 400;
      const { message, param } = fault ?? ASKED_FOR;
      if (fate.fails) metrics.finished.error++;
      sendError(connection, request, arrivalNs, status, message, param);
      return;
    }
    const createdS = Math.floor(Date.now() / 1000);
    const reply = planReply({ options, fate, connection, request, ask, arrivalNs, createdS });
    connection.reply = reply;
    if (kind === "video-generation") {
      // The request is answered at once; the film is what takes its time.
      making.begin(filmId(reply.name), arrivalNs, reply.dueNs);
      reply.dueNs = arrivalNs;
    }
    serving.begin(reply);
  };

  const pages: Readonly<Record<string, () => readonly [body: string, contentType: string]>> = {
    "/health": () => ["", "text/plain"],
    "/v1/models": () => [modelsBody(options), "application/json"],
    "/metrics": () => [
      metricsPage(metrics, options.model),
      "text/plain; version=0.0.4; charset=utf-8",
    ],
  };

  const answer = (connection: Connection, request: HttpRequest, arrivalNs: number): void => {
    tally.requests++;
    const { method, path } = request;
    const kind = KIND_AT.get(path);
    const film = making.at(path);
    const control = CONTROLS.has(path) ? NOTHING : undefined;
    const page = pages[path] ?? (film === undefined ? control : () => film);
    const allowed = kind === undefined && control === undefined ? "GET" : "POST";
    if (kind === undefined && page === undefined)
      sendError(connection, request, arrivalNs, 404, `There is nothing at ${path}.`);
    else if (method !== allowed)
      sendError(connection, request, arrivalNs, 405, `${path} takes ${allowed} only.`);
    else if (kind !== undefined) generate(connection, request, kind, arrivalNs);
    else if (page !== undefined) send(connection, request, 200, ...page());
  };

  /** Answers what has been read, one request at a time: the next waits for this one's reply. */
  const readRequests = (connection: Connection, arrivalNs: number): void => {
    while (connection.reply === undefined && !connection.finishing()) {
      const next = connection.reader.take();
      if (next === undefined) return;
      if ("body" in next) answer(connection, next, arrivalNs);
      else sendError(connection, undefined, arrivalNs, next.status, `Unreadable: ${next.message}.`);
    }
  };

  return {
    arrived(connection, bytes) {
      const arrivalNs = now();
      connection.reader.push(bytes);
      readRequests(connection, arrivalNs);
    },
    drained(connection) {
      connection.drain();
      if (connection.reply !== undefined && !connection.blocked()) serving.resume(connection.reply);
    },
    ended(connection, why) {
      if (connection.reply !== undefined) serving.abandon(connection.reply, why);
    },
    stats: () => ({
      ...tally,
      running: metrics.running,
      tokens: metrics.generationTokens,
      writes: serving.writes(),
      lateness: serving.lateness.summary(),
    }),
    stop: serving.stop,
  };
}
