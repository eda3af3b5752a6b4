import { expect, test } from "bun:test";
import fc from "fast-check";
import { type StreamHole, StreamShape, segmentMemory } from "#ffi";

const BEFORE = Buffer.from('data: {"t":"');
const AFTER = Buffer.from('"}\n\n');
const LOOK = { before: BEFORE, after: AFTER, holes: [], meaning: true };

const memoryOf = (text: string) => {
  const shared = new Uint8Array(new SharedArrayBuffer(Math.max(8, Buffer.byteLength(text))));
  shared.set(Buffer.from(text));
  const native = segmentMemory(shared);
  return {
    native,
    javascript: { bytes: native.bytes, pointer: undefined },
    bytes: Buffer.byteLength(text),
  };
};

const CASES: readonly (readonly [text: string, events: number])[] = [
  ['data: {"t":"ab"}\n\n', 1],
  ['data: {"t":"ab"}\n\ndata: {"t":"\\u00e9 😀 \\"q\\""}\n\n', 2],
  ['data: {"t":""}\n\n', 0],
  ['data: {"t":"ab"}\n', 0],
  ['data: {"t":"ab\\"}\n\n', 0],
  ['data: {"t":"ab","u":1}\n\n', 0],
  ['data: {"t":"a\nb"}\n\n', 0],
  ['data: {"t":"a"}\n\ndata: [DONE]\n\n', 0],
  ["", 0],
];

test.each(CASES)("%j has %i events of the shape, in C as in JavaScript", (text, events) => {
  const { native, javascript, bytes } = memoryOf(text);
  const answers = [native, javascript].map((memory) => {
    const shape = new StreamShape<boolean>();
    shape.learn(LOOK);
    return { events: shape.take(memory, 0, bytes), text: shape.readText() };
  });
  const texts = events === 0 ? "" : text.replaceAll('data: {"t":"', "").replaceAll('"}\n\n', "");
  expect(answers).toEqual([
    { events, text: texts },
    { events, text: texts },
  ]);
});

test("room grows with the texts, and what was read is gone", () => {
  const { native, javascript, bytes } = memoryOf(`data: {"t":"${"x".repeat(1500)}"}\n\n`);
  for (const memory of [native, javascript]) {
    const shape = new StreamShape<boolean>();
    shape.learn(LOOK);
    for (let i = 0; i < 100; i++) expect(shape.take(memory, 0, bytes)).toBe(1);
    expect(shape.readText()).toBe("x".repeat(150_000));
    expect(shape.readText()).toBe("");
    expect(shape.take(memory, 0, bytes)).toBe(1);
    expect(shape.readText().length).toBe(1500);
  }
});

test("a shape takes nothing before it has learnt and after it was made to forget", () => {
  const { native, bytes } = memoryOf('data: {"t":"ab"}\n\n');
  const shape = new StreamShape<boolean>();
  expect(shape.take(native, 0, bytes)).toBe(0);
  shape.learn(LOOK);
  expect(shape.take(native, 0, bytes)).toBe(1);
  shape.forget();
  expect(shape.take(native, 0, bytes)).toBe(0);
  expect(shape.readText()).toBe("");
});

/** A look whose holes are where `_` and `0` stand: a name and a number. */
function lookOf(before: string, after: string) {
  const around = before + after;
  const holes = [...around.matchAll(/(_+)|(0+)/g)].map(
    ({ index, 0: filling, 2: number }): StreamHole => ({
      at: index,
      bytes: filling.length,
      isNumber: number !== undefined,
    }),
  );
  return { before: Buffer.from(before), after: Buffer.from(after), holes, meaning: true };
}

const HOLED = lookOf('data: {"i":"___","c":0,"t":"', '","u":{"p":0,"q":000}}\n\n');
const eventOf = (i: string, c: string, t: string, p: string, q: string) =>
  `data: {"i":"${i}","c":${c},"t":"${t}","u":{"p":${p},"q":${q}}}\n\n`;

/** What C and JavaScript make of segments, one after the other. */
function answersTo(segments: readonly string[]) {
  const [inC, inJavaScript] = (["native", "javascript"] as const).map((engine) => {
    const known = new StreamShape<boolean>();
    known.learn(HOLED);
    const shape = new StreamShape<boolean>();
    shape.adopt(known);
    return segments.map((text) => {
      const { [engine]: memory, bytes } = memoryOf(text);
      const events = shape.take(memory, 0, bytes);
      return {
        events,
        text: shape.readText(),
        fillings: [0, 1, 2, 3].map((n) => shape.filling(n)),
      };
    });
  });
  expect(inC).toEqual(inJavaScript!);
  return inC!;
}

test("what fills the holes is what the last event had there", () => {
  const one = eventOf("a longer name", "1795520587", "x", "-12", "0.25");
  const two = eventOf("b", "1", "y", "7", "10") + eventOf("b", "1", "z", "7", "11");
  expect(answersTo([one, two])).toEqual([
    { events: 1, text: "x", fillings: ["a longer name", "1795520587", "-12", "0.25"] },
    { events: 2, text: "yz", fillings: ["b", "1", "7", "11"] },
  ]);
});

test.each([
  ["an empty name", eventOf("", "1", "x", "1", "1")],
  ["a name with an escape", eventOf('\\"', "1", "x", "1", "1")],
  ["a name that does not end", 'data: {"i":"b'],
  ["a name without room", eventOf("n".repeat(300), "1", "x", "1", "1")],
  ["no number", eventOf("b", "", "x", "1", "1")],
  ["a word for a number", eventOf("b", "null", "x", "1", "1")],
  ["a text for a number", eventOf("b", '"1"', "x", "1", "1")],
  ["a sign alone", eventOf("b", "-", "x", "1", "1")],
  ["a leading zero", eventOf("b", "1", "x", "01", "1")],
  ["a point without a fraction", eventOf("b", "1", "x", "1.", "1")],
  ["an exponent", eventOf("b", "1", "x", "1e9", "1")],
  ["a number of too many digits", eventOf("b", "1", "x", "1".repeat(25), "1")],
  ["a number that the segment cuts off", eventOf("b", "1", "x", "1", "1").slice(0, -5)],
  ["another field", eventOf("b", "1", "x", "1", "1").replace('"p"', '"r"')],
])("%s does not fit into a hole, and the next event does", (_, text) => {
  const [odd, good] = answersTo([text, eventOf("b", "2", "x", "3", "4")]);
  expect(odd).toMatchObject({ events: 0, text: "" });
  expect(good).toEqual({ events: 1, text: "x", fillings: ["b", "2", "3", "4"] });
});

test("C and JavaScript agree on whatever fills the holes, whole and damaged", () => {
  const NAME = fc.oneof(fc.stringMatching(/^[a-z-]{1,40}$/), fc.string({ maxLength: 4 }));
  const NUMBER = fc.oneof(fc.nat(1e6).map(String), fc.double().map(String), fc.constant("00"));
  const EVENT = fc.tuple(NAME, NUMBER, fc.string({ maxLength: 6 }), NUMBER, NUMBER);
  const SEGMENT = fc
    .tuple(fc.array(EVENT, { minLength: 1, maxLength: 3 }), fc.nat(400), fc.nat(4))
    .map(([events, at, cut]) => {
      const text = events.map((fields) => eventOf(...fields)).join("");
      return cut === 0 ? text.slice(0, at) + text.slice(at + 1) : text;
    });
  fc.assert(
    fc.property(fc.array(SEGMENT, { minLength: 1, maxLength: 6 }), (segments) => {
      answersTo(segments);
    }),
    { numRuns: 500 },
  );
});

test("nothing is adopted from a shape that has learnt nothing", () => {
  const shape = new StreamShape<boolean>();
  shape.adopt(new StreamShape<boolean>());
  expect(shape.meaning).toBeUndefined();
});
