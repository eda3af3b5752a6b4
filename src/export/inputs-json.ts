// inputs.json: what can be sent, before anything is. Written piece by piece, because the prompts
// of a large dataset together are larger than a string should be.

/** A session and the request bodies of its turns. */
export interface SessionInputs {
  readonly id: string;
  readonly payloads: readonly unknown[];
}

/** What stands before and after a session's text where it is the only one. */
const BEFORE = '{\n  "data": [';
const AFTER = "\n  ]\n}";

/** Yields the text of inputs.json. */
export function* inputsJson(sessions: Iterable<SessionInputs>): Generator<string> {
  let separator = "\n";
  yield BEFORE;
  for (const { id, payloads } of sessions) {
    const text = JSON.stringify({ data: [{ session_id: id, payloads }] }, null, 2);
    yield separator;
    yield text.slice(BEFORE.length + 1, -AFTER.length);
    separator = ",\n";
  }
  yield `${AFTER}\n`;
}
