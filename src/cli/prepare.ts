// From a plan to what is sent: sessions, their bodies packed for the workers, and the facts that
// the recorder needs of each.

import type { Plan } from "#config";
import { assert, type Session, SPANS_MARK, type Turn } from "#core";
import { endpointRow } from "#endpoint";
import { type BodyStore, type GappedBody, packBodies } from "#engine";
import type { SessionInputs } from "#export";
import type { EntryFacts } from "#records";

export interface Prepared {
  readonly store: BodyStore;
  readonly entries: readonly EntryFacts[];
  /** None where bodies are put together only when they are sent. */
  readonly inputs: readonly SessionInputs[];
}

/**
 * Renders every turn of every session as the endpoint wants it.
 * @param corpus the text that the turns' spans speak of
 */
export function renderSessions(
  plan: Plan,
  sessions: readonly Session[],
  corpus?: SharedArrayBuffer,
): Prepared {
  const row = endpointRow(plan.endpoint.kind);
  const payloads = sessions.map((session) =>
    session.turns.map((turn) => JSON.stringify(row.body({ plan: plan.endpoint, session, turn }))),
  );
  const entries = sessions.flatMap((session) =>
    session.turns.map((turn) => ({
      conversationId: session.id,
      inputTokens: turn.inputTokens,
      requestedTokens: turn.maxTokens,
    })),
  );
  const bodies = payloads.map((own, index) =>
    own.map((payload, turn) => withGap(payload, sessions[index]!.turns[turn]!)),
  );
  const inputs = sessions.map(({ id }, index) => ({ id, payloads: payloads[index]! }));
  return {
    store: packBodies(bodies, corpus),
    entries,
    inputs: corpus === undefined ? inputs : [],
  };
}

/** The payload, or its two halves around the place where the turn's spans go. */
function withGap(payload: string, { spans }: Turn): string | GappedBody {
  if (spans === undefined) return payload;
  const at = payload.indexOf(SPANS_MARK);
  assert(at >= 0 && at === payload.lastIndexOf(SPANS_MARK), "a turn has its text in one place");
  return { before: payload.slice(0, at), spans, after: payload.slice(at + SPANS_MARK.length) };
}
