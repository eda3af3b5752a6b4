// Small replies, a segment each, of events that repeat but for names, numbers and a text: what they
// say must be what the plain reading of them says.

import { expect, test } from "bun:test";
import fc from "fast-check";
import { clearFacts, emptyFacts, endpointRow, looseObject } from "#endpoint";
import { segmentMemory } from "#ffi";
import { KnownEvents, UNKNOWN } from "../../src/records/known-events.ts";
import { DONE, event, feeder } from "./feed.ts";

const chat = endpointRow("chat");

const json = (id: string, created: unknown, rest: object) => ({
  ...{ id, object: "chat.completion.chunk", created, model: "m" },
  ...rest,
});
const content = (id: string, text: unknown, created: unknown = 7) =>
  json(id, created, { choices: [{ index: 0, delta: { content: text }, finish_reason: null }] });
const usage = (id: string, prompt: unknown, completion: unknown, created: unknown = 7) =>
  json(id, created, {
    choices: [],
    usage: { prompt_tokens: prompt, completion_tokens: completion, total_tokens: 9 },
  });

/** Events as the known ones take them: which facts, and how far; learns what is not known. */
function taker() {
  const events = new KnownEvents(chat);
  return (text: string) => {
    const bytes = Buffer.from(text);
    const memory = segmentMemory(bytes);
    const facts = emptyFacts();
    const to = events.take(memory, 0, bytes.length, facts);
    if (to === UNKNOWN) events.learn(memory.bytes);
    return { to, facts };
  };
}

test("events that were met once are known from then on", () => {
  const take = taker();
  expect(take(event(content("a", " one"))).to).toBe(UNKNOWN);
  expect(take(event(usage("a", 20, 1))).to).toBe(UNKNOWN);
  const second = event(content("another", " two é", 8));
  expect(take(second + DONE)).toMatchObject({
    to: Buffer.byteLength(second),
    facts: { text: " two é", usage: undefined },
  });
  const counted = event(usage("another", 123_456, 17, 8));
  expect(take(counted)).toMatchObject({
    to: counted.length,
    facts: { text: "", usage: { promptTokens: 123_456, completionTokens: 17, totalTokens: 9 } },
  });
});

test.each([
  ["a text with an escape", event(content("a", 'say "hi"'))],
  ["no text at all", event(content("a", ""))],
  ["null for a text", event(content("a", null))],
  ["a number that JSON does not have", event(content("a", "x")).replace(":7,", ":07,")],
  ["a number with an exponent", event(content("a", "x")).replace(":7,", ":7e1,")],
  ["a number that is a text", event(content("a", "x", "7"))],
  ["an event that goes on", event(content("a", "x")).replace("\n\n", "\ndata: x\n\n")],
  ["an event that does not end", event(content("a", "x")).slice(0, -1)],
  ["an empty name", event(content("", "x"))],
])("%s is left to the parser", (_, text) => {
  const take = taker();
  take(event(content("a", " one")));
  expect(take(event(content("b", " two"))).to).not.toBe(UNKNOWN);
  expect(take(text).to).toBe(UNKNOWN);
});

test("numbers of any kind are read as JSON reads them", () => {
  const take = taker();
  take(event(usage("a", 20, 1)));
  const numbers = fc.oneof(
    fc.integer(),
    fc.nat({ max: 20 }),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom(-0, 999_999_999_999_999, 2 ** 53 + 2, 0.1, -1.5),
  );
  fc.assert(
    fc.property(numbers, numbers, (prompt, created) => {
      const text = event(usage("b", prompt, 1, created));
      const { to, facts } = take(text);
      if (to === UNKNOWN) return;
      expect(to).toBe(text.length);
      const plain = emptyFacts();
      clearFacts(plain);
      chat.read(looseObject(JSON.parse(text.slice("data: ".length)))!, plain);
      expect(facts).toEqual(plain);
    }),
    { numRuns: 500 },
  );
});

test("events that never repeat are not learnt for ever", () => {
  const events = new KnownEvents(chat);
  const facts = emptyFacts();
  const take = (text: string): number => {
    const memory = segmentMemory(Buffer.from(text));
    const to = events.take(memory, 0, memory.bytes.length, facts);
    if (to === UNKNOWN) events.learn(memory.bytes);
    return to;
  };
  const other = (key: number) => event({ ...content("a", "x"), [`key${key}`]: null });
  for (let key = 0; key < 40; key++) take(other(key));
  expect([take(other(100)), take(other(100))]).toEqual([UNKNOWN, UNKNOWN]);
  expect(take(other(15))).not.toBe(UNKNOWN);
});

test("replies of one segment, cut or not, are the records of the plain reading", () => {
  const reply = fc.record({
    id: fc.constantFrom("x1", "y22", "z\\", 'q"'),
    text: fc.constantFrom("a", " word", "副", 'say "hi"', "\\n", ""),
    second: fc.option(fc.constantFrom("b", " more"), { nil: undefined }),
    prompt: fc.nat({ max: 300 }),
    created: fc.nat({ max: 3 }),
    role: fc.boolean(),
    counted: fc.boolean(),
    cut: fc.nat({ max: 400 }),
  });
  fc.assert(
    fc.property(fc.array(reply, { minLength: 1, maxLength: 8 }), (replies) => {
      const fed = feeder();
      for (const { id, text, second, prompt, created, role, counted, cut } of replies) {
        const whole = [
          role ? event(content(id, "", created)) : "",
          event(content(id, text, created)),
          second === undefined ? "" : event(content(id, second, created)),
          counted ? event(usage(id, prompt, 2, created)) : "",
          DONE,
          event(content(id, "after the end")),
        ].join("");
        const pieces = cut === 0 ? [whole] : [whole.slice(0, cut), whole.slice(cut)];
        const record = fed.feed({ pieces: pieces.filter((piece) => piece !== "") });
        const said = text + (second ?? "");
        if (said === "") {
          expect(record.error?.type).toBe("InvalidInferenceResultError");
          continue;
        }
        expect(record.error).toBeUndefined();
        expect(record.outputTokens).toBe([...said].length);
        expect(record.contentNs.length).toBe(Number(text !== "") + Number(second !== undefined));
        expect(record.usage?.promptTokens).toBe(counted ? prompt : undefined);
      }
    }),
    { numRuns: 300 },
  );
});
