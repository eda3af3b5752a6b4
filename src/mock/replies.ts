// Writes replies as they fall due. Chunk k is due at due(k−1) + gap, whenever chunk k−1 was really
// written: one late write does not shift the rest, and each is measured against its own due time.

import type { Clock } from "#core";
import { DIALECTS } from "./dialect.ts";
import { eventWriter } from "./event-writer.ts";
import { bodyEnd, chunkOf, streamHead, wholeReply } from "./http-reply.ts";
import type { Journal, Outcome } from "./journal.ts";
import { type Lateness, lateness } from "./lateness.ts";
import type { ServingMetrics } from "./metrics.ts";
import type { MockOptions } from "./options.ts";
import { chunkEnd, gapNs, type Reply, spokenTokens, usageSoFar, wholeText } from "./reply.ts";
import { type Nap, timetable } from "./timetable.ts";

/** Overdue chunks of a stream share a write up to this size. */
const WRITE_BYTES_MAX = 16 * 1024;

export interface RepliesDeps {
  readonly options: MockOptions;
  readonly now: Clock;
  readonly nap: Nap;
  readonly dateHeader: () => string;
  readonly metrics: ServingMetrics;
  readonly journal: Journal;
  /** The reply has ended in one way or another, and is forgotten here. */
  readonly onEnd: (reply: Reply, outcome: Outcome) => void;
}

export interface Replies {
  readonly begin: (reply: Reply) => void;
  /** Ends a reply that its client, or the server's own end, has cut short. */
  readonly abandon: (reply: Reply, outcome: "left" | "stopped") => void;
  /** The client has read on; the reply, if it stood still for that, goes on. */
  readonly resume: (reply: Reply) => void;
  readonly lateness: Lateness;
  readonly writes: () => number;
  readonly stop: () => void;
}

export function replies(deps: RepliesDeps): Replies {
  const { options, now, metrics, journal } = deps;
  const late = lateness();
  const pending = eventWriter();
  let writes = 0;

  const measure = (reply: Reply, nowNs: number): void => {
    if (reply.dueNs <= reply.stalledUntilNs) return;
    const lateNs = nowNs - reply.dueNs;
    late.record(lateNs);
    if (lateNs > reply.lateNsMax) reply.lateNsMax = lateNs;
  };

  const end = (reply: Reply, outcome: Outcome): void => {
    const endNs = now();
    table.remove(reply);
    metrics.running--;
    metrics.finished[outcome === "completed" ? reply.finish : "abort"]++;
    if (outcome === "completed") {
      metrics.latency.observe(reply.lastWriteNs - reply.arrivalNs);
      if (reply.ask.stream && reply.tokens > 1)
        metrics.perToken.observe((reply.lastWriteNs - reply.firstWriteNs) / (reply.tokens - 1));
    }
    journal.write({
      requestId: reply.request.headers.get("x-request-id"),
      connection: reply.connection.number,
      kind: reply.ask.kind,
      stream: reply.ask.stream,
      status: 200,
      outcome,
      arrivalNs: reply.arrivalNs,
      firstWriteNs: reply.firstWriteNs,
      lastWriteNs: reply.lastWriteNs,
      endNs,
      promptTokens: reply.ask.promptTokens,
      requestedTokens: reply.ask.maxTokens,
      outputTokens: spokenTokens(reply),
      reasoningTokens: Math.min(reply.sentTokens, reply.reasoningTokens),
      chunks: reply.chunks,
      lateNsMax: reply.lateNsMax,
    });
    deps.onEnd(reply, outcome);
  };

  const tokensSent = (reply: Reply, tokens: number, nowNs: number): void => {
    if (reply.chunks === 0) {
      reply.firstWriteNs = nowNs;
      metrics.ttft.observe(nowNs - reply.arrivalNs);
    }
    reply.lastWriteNs = nowNs;
    reply.sentTokens += tokens;
    reply.chunks++;
    if (DIALECTS[reply.ask.kind].speaks) metrics.generationTokens += tokens;
  };

  const writeText = (reply: Reply, text: string): void => {
    writes++;
    reply.connection.writeText(text);
  };

  /** The status line and headers, unless they have been sent. */
  const takeHead = (reply: Reply): string => {
    if (reply.headSent) return "";
    reply.headSent = true;
    return streamHead("text/event-stream; charset=utf-8", reply.request, deps.dateHeader());
  };

  /** What opens the stream, unless it has been sent or there is to be nothing. */
  const takeRole = (reply: Reply): string => {
    const { parts, request } = reply;
    if (reply.roleSent || parts === undefined) return "";
    reply.roleSent = true;
    return chunkOf(parts.begin || parts.role, request);
  };

  /** Writes what is due of a stream; answers when more is. */
  const writeEvents = (reply: Reply): number => {
    pending.clear();
    const head = takeHead(reply);
    const role = takeRole(reply);
    if (role !== "") writeText(reply, head + role);
    else if (head !== "") pending.putText(head);
    const nowNs = now();
    let nextNs = reply.dueNs;
    do {
      reply.dueNs = nextNs;
      measure(reply, nowNs);
      const from = reply.sentTokens;
      const to = chunkEnd(reply, options, from);
      tokensSent(reply, to - from, nowNs);
      pending.put(reply, from, to);
      if (to === reply.tokens) break;
      nextNs = reply.dueNs + gapNs(reply, options, chunkEnd(reply, options, to) - to);
    } while (
      nextNs <= nowNs &&
      pending.length() < WRITE_BYTES_MAX &&
      reply.chunks < reply.dropAfterChunks
    );
    writes++;
    reply.connection.write(pending.bytes(), pending.length());
    if (reply.sentTokens < reply.tokens) return nextNs;
    // A stream of one chunk that is to be dropped breaks before its end is written.
    if (reply.chunks >= reply.dropAfterChunks) return reply.dueNs + gapNs(reply, options, 1);

    const events = reply.parts!.end(usageSoFar(reply), reply.finish, wholeText(reply));
    const last = events === "" ? "" : chunkOf(events, reply.request);
    writeText(reply, last + bodyEnd(reply.request));
    end(reply, "completed");
    return Infinity;
  };

  const writeWhole = (reply: Reply): number => {
    const { name, tokens, finish, request } = reply;
    const nowNs = now();
    measure(reply, nowNs);
    tokensSent(reply, tokens, nowNs);
    const { whole } = DIALECTS[reply.ask.kind];
    const body = whole(name, finish, wholeText(reply), usageSoFar(reply));
    writeText(reply, wholeReply(200, "application/json", body, request, deps.dateHeader()));
    end(reply, "completed");
    return Infinity;
  };

  const onDue = (reply: Reply): number => {
    if (reply.connection.blocked()) {
      reply.stalled = true;
      return Infinity;
    }
    if (reply.chunks >= reply.dropAfterChunks) {
      end(reply, "dropped");
      reply.connection.reset();
      return Infinity;
    }
    return reply.ask.stream ? writeEvents(reply) : writeWhole(reply);
  };

  const table = timetable<Reply>({ now, nap: deps.nap, onDue });

  return {
    begin(reply) {
      metrics.running++;
      metrics.promptTokens += reply.ask.promptTokens;
      // A server's status and headers come before its first token, unless that is due at once.
      if (reply.ask.stream && reply.dueNs > now()) {
        const head = takeHead(reply);
        writeText(reply, options.roleChunk === "early" ? head + takeRole(reply) : head);
      }
      table.add(reply);
    },
    abandon: end,
    resume(reply) {
      if (!reply.stalled) return;
      reply.stalled = false;
      reply.stalledUntilNs = now();
      table.add(reply);
    },
    lateness: late,
    writes: () => writes,
    stop: table.stop,
  };
}
