// Which model each turn asks for, and what a session is called.

import type { Plan } from "#config";
import { integerBelow, type Rng, rngStream } from "#core";

/** The model of each turn in order: in turn over all turns of the run, or by lot. */
export function modelChooser({ endpoint }: Pick<Plan, "endpoint">, seed: number): () => string {
  const { models, modelStrategy } = endpoint;
  const rng = rngStream(seed, "composer.turn.model_selection");
  let turn = 0;
  if (modelStrategy === "round-robin") return () => models[turn++ % models.length]!;
  return () => models[integerBelow(rng, models.length)]!;
}

/** Names for sessions: numbers under a seed that was given, else random UUIDs. */
export function sessionNamer({ runtime }: Pick<Plan, "runtime">, seed: number): () => string {
  let session = 0;
  if (runtime.seed !== undefined) return () => `session_${String(session++).padStart(6, "0")}`;
  const rng = rngStream(seed, "composer.conversation.id");
  return () => uuid(rng);
}

/** A random UUID, version 4. */
function uuid(rng: Rng): string {
  const bytes = Buffer.from(Array.from({ length: 16 }, () => integerBelow(rng, 256)));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
