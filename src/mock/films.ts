// Films that are being made: how far each is depends on nothing but the time since it was asked for.

import { type Clock, NS_PER_S } from "#core";

export interface Films {
  /** A film begins, and is done when `dueNs` has come. */
  readonly begin: (id: string, startNs: number, dueNs: number) => void;
  /**
   * What a GET of a path below the films' own answers: the JSON of its state, or the film itself;
   * undefined where there is nothing.
   */
  readonly at: (path: string) => readonly [body: string, contentType: string] | undefined;
}

/** Films that are kept; of more, the oldest is forgotten. */
const FILMS_MAX = 10_000;
const BASE = "/v1/videos/";

export function films(now: Clock): Films {
  const all = new Map<string, { readonly startNs: number; readonly dueNs: number }>();
  return {
    begin(id, startNs, dueNs) {
      all.set(id, { startNs, dueNs });
      const [oldest] = all.keys();
      if (all.size > FILMS_MAX && oldest !== undefined) all.delete(oldest);
    },
    at(path) {
      if (!path.startsWith(BASE)) return undefined;
      const [id = "", part] = path.slice(BASE.length).split("/");
      const film = all.get(id);
      if (film === undefined || (part !== undefined && part !== "content")) return undefined;
      const isDone = now() >= film.dueNs;
      if (part === "content") return isDone ? ["a film", "video/mp4"] : undefined;
      const state = isDone
        ? {
            status: "completed",
            progress: 100,
            inference_time_s: (film.dueNs - film.startNs) / NS_PER_S,
            peak_memory_mb: 1024,
          }
        : { status: "in_progress", progress: 50 };
      return [JSON.stringify({ id, object: "video", ...state }), "application/json"];
    },
  };
}
