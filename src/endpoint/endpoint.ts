// What an endpoint is: a row that says where requests go, how a turn becomes a body and how a
// reply is read. A new kind of endpoint is a new row.

import type { ContentType, EndpointFacts, EndpointKind, EndpointPlan, Json } from "#config";
import type { ContentGroup, Session, Turn } from "#core";
import type { Job } from "./job.ts";
import type { ReplyMemory } from "./memory.ts";
import { type Loose, looseObject, type ReplyFacts } from "./reply.ts";

export interface BodyRequest {
  readonly plan: EndpointPlan;
  readonly session: Session;
  readonly turn: Turn;
  /** The turns before it, where the request carries them. */
  readonly history?: readonly PastTurn[];
}

/** A turn that was sent, and the message that its reply became; undefined when there was none. */
export interface PastTurn {
  readonly turn: Turn;
  /** In the words of a chat, whatever endpoint it came from. */
  readonly reply: Json | undefined;
  /** What the server calls the reply, where it keeps it. */
  readonly replyId?: string | undefined;
}

export type Body = { readonly [key: string]: Json };

export interface EndpointRow extends EndpointFacts {
  readonly kind: EndpointKind;
  /** The request body, its keys in the order in which they are written. */
  body(request: BodyRequest): Body;
  /** Fields of the body that are files where it is sent as a form. */
  readonly files?: readonly string[];
  /** Reads one JSON object: a whole reply, or one event of a stream. `facts` comes cleared. */
  read(json: Loose, facts: ReplyFacts): void;
  /** Reads any other JSON value, or the text of what is not JSON; false when it means nothing. */
  readOther?(value: unknown, facts: ReplyFacts): boolean;
  /** What an event says of tokens adds to what earlier ones said, instead of replacing it. */
  readonly gathersUsage?: true;
  /** Takes from one JSON object what later requests repeat; absent where each stands alone. */
  remember?(json: Loose, memory: ReplyMemory): void;
  /** The first reply names a job that has to be asked about until it is done. */
  readonly job?: Job;
}

/** The turn's token limit under the endpoint's name for it, or nothing. */
export function limitOf(name: string, turn: Turn): Body {
  return turn.maxTokens === undefined ? {} : { [name]: turn.maxTokens };
}

/** What the user, and then the turn, adds to a body; it replaces fields of the same name. */
export function fieldsOf(plan: EndpointPlan, turn: Turn): Body {
  return { ...plan.extraInputs, ...turn.extra };
}

/** The tools of the latest turn that has any. */
export function toolsOf({ turn, history = [] }: BodyRequest): Body {
  const tools = turn.tools ?? history.findLast((past) => past.turn.tools !== undefined)?.turn.tools;
  return tools === undefined ? {} : { tools };
}

/** Asks a streaming reply for its usage, unless the user already said what they want. */
export function streamOptions(body: Body, plan: EndpointPlan): Body {
  if (!body.stream) return body;
  const own = looseObject(body.stream_options) as Body | undefined;
  const perChunk: Body = plan.perChunkUsage ? { continuous_usage_stats: true } : {};
  return { ...body, stream_options: { include_usage: true, ...perChunk, ...own } };
}

/** All contents that are not empty, whatever group they are in. */
export function contentsOf(groups: readonly ContentGroup[] | undefined): string[] {
  return (groups ?? []).flatMap(({ contents }) => contents).filter((text) => text !== "");
}

/** The row as a plan encodes it: the header that says so. */
export const FORM_BOUNDARY = "aiperf-4b1d0c6ae2f94c15b7a0538e91d6f27c";

export function contentTypeHeader(contentType: ContentType): string {
  return contentType === "multipart/form-data"
    ? `multipart/form-data; boundary=${FORM_BOUNDARY}`
    : contentType;
}
