// What every loader of files needs, so that each is only about its own rows.

import type { EndpointPlan, FilePlan, RuntimePlan } from "#config";
import { NS_PER_MS, positiveInteger, type Rng, rngStream, type Session } from "#core";
import type { Tokenizer } from "#tokenizer";
import { modelChooser, sessionNamer } from "../models.ts";
import { type MediaInliner, mediaInliner } from "./inline.ts";

export interface FileRequest {
  readonly plan: {
    readonly dataset: FilePlan;
    readonly endpoint: EndpointPlan;
    readonly runtime: RuntimePlan;
  };
  readonly tokenizer: Tokenizer;
  readonly seed: number;
}

export interface LoaderContext extends FileRequest {
  readonly nextModel: () => string;
  readonly nextName: () => string;
  readonly inline: MediaInliner;
  /** A stream of randomness of the run's seed. */
  readonly rng: (name: string) => Rng;
  /** The row's own limit, at least 1, else one drawn from --osl, else none. */
  readonly limitOf: (rowTokens: number | null | undefined) => number | undefined;
  /** A pause in ms as the plan wants it: left out, or not longer than its cap. */
  readonly delayNs: (ms: number | null | undefined) => number;
  readonly timestampNs: (ms: number | null | undefined) => number | undefined;
}

export function loaderContext(request: FileRequest): LoaderContext {
  const { plan, seed } = request;
  const { osl, ignoreDelays, delayMaxNs } = plan.dataset;
  const limitRng = rngStream(seed, "composer.turn.max_tokens");
  return {
    ...request,
    nextModel: modelChooser(plan, seed),
    nextName: sessionNamer(plan, seed),
    inline: mediaInliner(),
    rng: (name) => rngStream(seed, name),
    limitOf: (rowTokens) => {
      if (rowTokens != null) return Math.max(1, rowTokens);
      return osl && positiveInteger(limitRng, osl.mean, osl.stddev);
    },
    delayNs: (ms) => (ignoreDelays || ms == null ? 0 : Math.min(ms * NS_PER_MS, delayMaxNs)),
    timestampNs: (ms) => (ignoreDelays || ms == null ? undefined : ms * NS_PER_MS),
  };
}

/** Gathers what belongs to one session, in the order in which sessions first come. */
export class Grouping<Item> {
  readonly #groups = new Map<string, Item[]>();
  readonly #nextName: () => string;

  constructor(nextName: () => string) {
    this.#nextName = nextName;
  }

  /** @param id undefined makes a session of its own */
  add(id: string | null | undefined, ...items: readonly Item[]): void {
    const key = id ?? this.#nextName();
    const group = this.#groups.get(key);
    if (group === undefined) this.#groups.set(key, [...items]);
    else group.push(...items);
  }

  get size(): number {
    return this.#groups.size;
  }

  [Symbol.iterator](): IterableIterator<[string, Item[]]> {
    return this.#groups.entries();
  }
}

/** A session without anything before its turns. */
export function plainSession(
  id: string,
  turns: Session["turns"],
  context?: Session["context"],
): Session {
  const lead = { systemText: undefined, userContextText: undefined };
  return context === undefined ? { id, ...lead, turns } : { id, ...lead, context, turns };
}
