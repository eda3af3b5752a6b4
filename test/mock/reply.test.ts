import { expect, test } from "bun:test";
import fc from "fast-check";
import { NS_PER_MS } from "#core";
import type { Connection } from "../../src/mock/connection.ts";
import { requestReader } from "../../src/mock/http-request.ts";
import { completeMockOptions, type MockOptions } from "../../src/mock/options.ts";
import { chunkEnd, type Fate, fates, planReply } from "../../src/mock/reply.ts";

const CONNECTION: Connection = {
  number: 0,
  reader: requestReader(),
  reply: undefined,
  write() {},
  writeText() {},
  blocked: () => false,
  drain() {},
  finish() {},
  finishing: () => false,
  reset() {},
  stalls: () => 0,
};

function plan(
  given: Partial<MockOptions>,
  maxTokens: number,
  stream: boolean,
  fate?: Partial<Fate>,
) {
  return planReply({
    options: completeMockOptions(given),
    fate: { number: 0, fails: false, drops: false, dropPoint: 0, wordStart: 0, ...fate },
    connection: CONNECTION,
    request: {
      method: "POST",
      path: "/",
      headers: new Map(),
      body: Buffer.alloc(0),
      keepAlive: true,
      chunked: true,
    },
    ask: {
      kind: "chat",
      model: "m",
      stream,
      maxTokens,
      promptTokens: 1,
      items: 1,
      usageAtEnd: false,
      usageInEachChunk: false,
    },
    arrivalNs: 1000,
    createdS: 0,
  });
}

const shape = fc.record({
  tokensPerChunk: fc.integer({ min: 1, max: 9 }),
  reasoningTokens: fc.nat(30),
  tokens: fc.integer({ min: 1, max: 60 }),
});

test("chunks cover the reply, none is half reasoning, and a drop comes between two", () => {
  const point = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(shape, point, ({ tokens, ...given }, dropPoint) => {
      const reply = plan(given, tokens, true, { drops: true, dropPoint });
      const ends: number[] = [];
      for (let from = 0; from < tokens; from = ends.at(-1)!)
        ends.push(chunkEnd(reply, given, from));
      expect(ends.at(-1)).toBe(tokens);
      expect(ends).toContain(Math.min(tokens, given.reasoningTokens || tokens));
      expect(reply.dropAfterChunks).toBeGreaterThanOrEqual(1);
      expect(reply.dropAfterChunks).toBeLessThanOrEqual(Math.max(1, ends.length - 1));
    }),
  );
});

test("a whole reply is due when its stream's last token would be", () => {
  fc.assert(
    fc.property(shape, ({ tokens, ...given }) => {
      const options = { ...given, ttftMs: 20, itlMs: 2 };
      const first = chunkEnd(plan(options, tokens, true), given, 0);
      const dueMs = 20 + (tokens - first) * 2;
      expect(plan(options, tokens, false).dueNs).toBeCloseTo(1000 + dueMs * NS_PER_MS, 3);
      expect(plan(options, tokens, true).dueNs).toBe(1000 + 20 * NS_PER_MS);
    }),
  );
});

test("fates have the shares asked for, and a rate does not shift what else is drawn", () => {
  const draw = (given: Partial<MockOptions>) => {
    const next = fates(completeMockOptions(given));
    return Array.from({ length: 4000 }, next);
  };
  const some = draw({ errorRate: 0.1, dropRate: 0.25 });
  expect(Math.abs(some.filter((fate) => fate.fails).length - 400)).toBeLessThan(100);
  expect(Math.abs(some.filter((fate) => fate.drops).length - 1000)).toBeLessThan(150);
  const starts = (all: Fate[]) => all.map((fate) => fate.wordStart);
  expect(starts(draw({}))).toEqual(starts(some));
  expect(draw({}).some((fate) => fate.fails || fate.drops)).toBe(false);
});
