// The fetch that the hub's client is given. It follows redirects by itself, so that it knows whom
// it is talking to: the token goes to the hub and to nobody else, the hub's own headers are noted
// before a redirect hides them, and a connection that falls silent is given up.

import type { HubRequest } from "./hub.ts";

/** What the hub says in the headers of its own answers, wherever the bytes then come from. */
export interface HubNotes {
  commit: string | undefined;
  tag: string | undefined;
}

/** A hub that does not give what was asked; the message says why, without token or query string. */
export class HubRefusal extends Error {}

const REDIRECTS_MAX = 8;
const VISIBLE = /^[!-~]+$/;
const COMMIT = /^[0-9a-f]{40}$/;

/**
 * A fetch for one file of `request.repo`; it fills `notes` and reports the progress of `file`.
 * @throws HubRefusal for a token that no header can hold
 */
export function guardedFetch(request: HubRequest, file: string, notes: HubNotes) {
  const home = new URL(request.endpoint).origin;
  if (request.token && !VISIBLE.test(request.token)) {
    throw new HubRefusal("the token of HF_TOKEN holds characters that cannot be sent");
  }

  return async (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const silence = silenceAfter(request.silenceMs);
    let url = new URL(input instanceof Request ? input.url : input);
    for (let hop = 0; hop <= REDIRECTS_MAX; hop++) {
      const atHome = url.origin === home;
      const headers = new Headers(init.headers);
      headers.delete("authorization");
      if (atHome && request.token) headers.set("authorization", `Bearer ${request.token}`);

      const { signal } = silence;
      const answer = await request.fetch(url, { ...init, headers, redirect: "manual", signal });
      silence.heard();
      if (atHome) note(notes, answer.headers);
      const location = answer.headers.get("location");
      if (answer.status >= 300 && answer.status < 400 && location) {
        url = new URL(location, url);
        continue;
      }
      if (answer.ok && answer.body && !headers.has("range")) return told(answer, answer.body);
      return answer;
    }
    throw new HubRefusal(`more than ${REDIRECTS_MAX} redirects`);

    /** The same answer, reporting its progress as the body is read. */
    function told(answer: Response, body: ReadableStream<Uint8Array>): Response {
      const length = Number(answer.headers.get("content-length") ?? Number.NaN);
      const totalBytes = Number.isNaN(length) ? undefined : length;
      let loadedBytes = 0;
      const teller = new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, controller) {
          silence.heard();
          loadedBytes += chunk.length;
          request.onProgress({ file, loadedBytes, totalBytes });
          controller.enqueue(chunk);
        },
      });
      return new Response(body.pipeThrough(teller), answer);
    }
  };
}

function note(notes: HubNotes, headers: Headers): void {
  const commit = headers.get("x-repo-commit");
  if (commit && COMMIT.test(commit)) notes.commit ??= commit;
  notes.tag ??= headers.get("x-linked-etag") ?? undefined;
}

/** A signal that fires when nothing has been heard for so long; it holds no process open. */
function silenceAfter(silenceMs: number): { signal: AbortSignal; heard: () => void } {
  const controller = new AbortController();
  const reason = new HubRefusal(`it said nothing for ${silenceMs / 1000} s`);
  const timer = setTimeout(() => controller.abort(reason), silenceMs);
  timer.unref();
  return { signal: controller.signal, heard: () => timer.refresh() };
}
