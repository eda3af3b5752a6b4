// What an endpoint is: a row that says where requests go, how a turn becomes a body and how a
// reply is read. A new kind of endpoint is a new row.

import type { EndpointKind, EndpointPlan, Json } from "#config";
import type { Session, Turn } from "#core";
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
  readonly reply: Json | undefined;
}

export type Body = { readonly [key: string]: Json };

export interface EndpointRow {
  readonly kind: EndpointKind;
  readonly path: string;
  /** Follows "AIPerf | " over the main table. */
  readonly title: string;
  readonly streams: boolean;
  /** The request body, its keys in the order in which they are written. */
  body(request: BodyRequest): Body;
  /** Reads one JSON object: a whole reply, or one event of a stream. `facts` comes cleared. */
  read(json: Loose, facts: ReplyFacts): void;
  /** Takes from one JSON object what later requests repeat; absent where each stands alone. */
  remember?(json: Loose, memory: ReplyMemory): void;
}

/** The turn's token limit under the endpoint's name for it, or nothing. */
export function limitOf(name: string, turn: Turn): Body {
  return turn.maxTokens === undefined ? {} : { [name]: turn.maxTokens };
}

/** What the user adds to every body; it replaces fields of the same name. */
export function fieldsOf(plan: EndpointPlan): Body {
  return plan.extraInputs;
}

/** Asks a streaming reply for its usage, unless the user already said what they want. */
export function streamOptions(body: Body): Body {
  if (!body.stream) return body;
  const own = looseObject(body.stream_options) as Body | undefined;
  return { ...body, stream_options: { include_usage: true, ...own } };
}
