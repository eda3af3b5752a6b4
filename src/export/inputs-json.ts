// inputs.json: what can be sent, before anything is. Written piece by piece, because the prompts
// of a large dataset together are larger than a string should be.

/** A session and the request bodies of its turns, each as JSON text. */
export interface SessionInputs {
  readonly id: string;
  readonly payloads: readonly string[];
}

/** Yields the text of inputs.json. */
export function* inputsJson(sessions: Iterable<SessionInputs>): Generator<string> {
  let separator = "\n";
  yield '{\n  "data": [';
  for (const { id, payloads } of sessions) {
    const bodies: unknown[] = payloads.map((payload) => JSON.parse(payload));
    const text = JSON.stringify({ session_id: id, payloads: bodies }, null, 2);
    yield `${separator}    ${text.replaceAll("\n", "\n    ")}`;
    separator = ",\n";
  }
  yield "\n  ]\n}\n";
}
