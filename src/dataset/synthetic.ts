// Sessions made of nothing but a plan, a tokenizer and a seed. Lengths, texts, models and limits
// come from streams of their own, so that changing one flag leaves what the others draw as it was.

import type { Plan } from "#config";
import { integerBelow, positiveInteger, type Rng, rngStream, type Session } from "#core";
import type { Tokenizer } from "#tokenizer";
import { exactWriter } from "./exact.ts";
import { weigh } from "./lexicon.ts";
import { prose } from "./prose.ts";

/** The parts of a plan that say what is sent. */
export type DatasetParts = Pick<Plan, "dataset" | "endpoint" | "runtime">;

export interface DatasetRequest {
  readonly plan: DatasetParts;
  readonly tokenizer: Tokenizer;
  /** The run's seed, drawn for it when the plan has none. */
  readonly seed: number;
}

/**
 * The sessions of a synthetic run, each of one turn, ready before the first request.
 *
 * Every text has exactly the tokens that were drawn for it, when `tokenizer` counts it without
 * special tokens, and begins as no other text of the run does: not one is answered from a cache.
 * @throws E_DATASET_LENGTH when the tokenizer cannot be brought to a length
 */
export function synthesize({ plan, tokenizer, seed }: DatasetRequest): Session[] {
  const { entries, batchSize, isl, osl } = plan.dataset;
  const lengthRng = rngStream(seed, "dataset.prompt.length");
  const limitRng = rngStream(seed, "composer.turn.max_tokens");
  const idRng = rngStream(seed, "composer.conversation.id");
  const nextModel = modelChooser(plan, rngStream(seed, "composer.turn.model_selection"));

  const lengths = Array.from({ length: entries * batchSize }, () =>
    positiveInteger(lengthRng, isl.mean, isl.stddev),
  );
  const corpusRng = rngStream(seed, "dataset.prompt.corpus");
  const writer = exactWriter(prose(weigh(tokenizer), tokenizer, corpusRng), tokenizer);
  const texts = writer.write(lengths);
  const joined = (index: number): string =>
    texts.slice(index * batchSize, (index + 1) * batchSize).join(" ");
  // Several texts are counted as what they are in one request: joined by a space.
  const inputTokens =
    batchSize === 1
      ? lengths
      : tokenizer.countBatch(Array.from({ length: entries }, (_, index) => joined(index)));

  return Array.from({ length: entries }, (_, index) => ({
    id: plan.runtime.seed === undefined ? uuid(idRng) : `session_${String(index).padStart(6, "0")}`,
    systemText: undefined,
    userContextText: undefined,
    turns: [
      {
        role: "user",
        texts: [
          { name: "text", contents: texts.slice(index * batchSize, (index + 1) * batchSize) },
        ],
        model: nextModel(),
        maxTokens: osl && positiveInteger(limitRng, osl.mean, osl.stddev),
        inputTokens: inputTokens[index]!,
        delayNs: 0,
        timestampNs: undefined,
      },
    ],
  }));
}

/** The model of each turn in order: in turn over all turns of the run, or by lot. */
function modelChooser(plan: DatasetParts, rng: Rng): () => string {
  const { models, modelStrategy } = plan.endpoint;
  let turn = 0;
  if (modelStrategy === "round-robin") return () => models[turn++ % models.length]!;
  return () => models[integerBelow(rng, models.length)]!;
}

/** A random UUID, version 4. */
function uuid(rng: Rng): string {
  const bytes = Buffer.from(Array.from({ length: 16 }, () => integerBelow(rng, 256)));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
