// From a plan to what is sent: sessions, their bodies packed for the workers, and the facts that
// the recorder needs of each.

import type { Plan } from "#config";
import type { Pieces, Session } from "#core";
import { endpointRow } from "#endpoint";
import { type BodyStore, packBodies } from "#engine";
import type { SessionInputs } from "#export";
import type { EntryFacts } from "#records";

export interface Prepared {
  readonly store: BodyStore;
  readonly entries: readonly EntryFacts[];
  readonly inputs: readonly SessionInputs[];
}

/**
 * Renders every turn of every session as the endpoint wants it.
 * @param pieces what the marks in the sessions' texts stand for
 */
export function renderSessions(
  plan: Plan,
  sessions: readonly Session[],
  pieces?: Pieces,
): Prepared {
  const row = endpointRow(plan.endpoint.kind);
  const inputs = sessions.map((session) => ({
    id: session.id,
    payloads: session.turns.map((turn) =>
      JSON.stringify(row.body({ plan: plan.endpoint, session, turn })),
    ),
  }));
  const entries = sessions.flatMap((session) =>
    session.turns.map((turn) => ({
      conversationId: session.id,
      inputTokens: turn.inputTokens,
      requestedTokens: turn.maxTokens,
    })),
  );
  return {
    store: packBodies(
      inputs.map((input) => input.payloads),
      pieces,
    ),
    entries,
    inputs,
  };
}
