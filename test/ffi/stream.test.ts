import { expect, test } from "bun:test";
import { StreamShape, segmentMemory } from "#ffi";

const BEFORE = Buffer.from('data: {"t":"');
const AFTER = Buffer.from('"}\n\n');

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
    const shape = new StreamShape();
    shape.learn(BEFORE, AFTER);
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
    const shape = new StreamShape();
    shape.learn(BEFORE, AFTER);
    for (let i = 0; i < 100; i++) expect(shape.take(memory, 0, bytes)).toBe(1);
    expect(shape.readText()).toBe("x".repeat(150_000));
    expect(shape.readText()).toBe("");
    expect(shape.take(memory, 0, bytes)).toBe(1);
    expect(shape.readText().length).toBe(1500);
  }
});

test("a shape takes nothing before it has learnt and after it was made to forget", () => {
  const { native, bytes } = memoryOf('data: {"t":"ab"}\n\n');
  const shape = new StreamShape();
  expect(shape.take(native, 0, bytes)).toBe(0);
  shape.learn(BEFORE, AFTER);
  expect(shape.take(native, 0, bytes)).toBe(1);
  shape.forget();
  expect(shape.take(native, 0, bytes)).toBe(0);
  expect(shape.readText()).toBe("");
});

test("another stream's shape is adopted with its own name, in C as in JavaScript", () => {
  const before = Buffer.from('data: {"i":"one","t":"');
  const texts = [
    ['data: {"i":"a longer name","t":"x"}\n\n', true],
    ['data: {"i":"b","t":"x"}\n\ndata: {"i":"b","t":"y"}\n\n', true],
    ['data: {"i":"","t":"x"}\n\n', false],
    ['data: {"i":"b","u":"x"}\n\n', false],
    ['data: {"i":"b', false],
    [`data: {"i":"${"n".repeat(9000)}","t":"x"}\n\n`, false],
  ] as const;
  for (const [text, adopted] of texts) {
    const { native, javascript, bytes } = memoryOf(text);
    for (const memory of [native, javascript]) {
      const known = new StreamShape();
      known.learn(before, AFTER, { at: 12, bytes: 3 });
      const shape = new StreamShape();
      expect(shape.adopt(known, memory, 0, bytes)).toBe(adopted);
      expect(shape.usable).toBe(adopted);
      if (adopted) expect(shape.take(memory, 0, bytes)).toBe(text.split("\n\n").length - 1);
    }
  }
});

test("a shape without a name is not adopted", () => {
  const { native, bytes } = memoryOf('data: {"t":"ab"}\n\n');
  const known = new StreamShape();
  known.learn(BEFORE, AFTER);
  expect(new StreamShape().adopt(known, native, 0, bytes)).toBe(false);
});
