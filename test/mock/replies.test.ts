import { expect, test } from "bun:test";
import { fakeClock, NS_PER_MS } from "#core";
import type { Ask } from "../../src/mock/ask.ts";
import type { Connection } from "../../src/mock/connection.ts";
import { requestReader } from "../../src/mock/http-request.ts";
import type { JournalEntry } from "../../src/mock/journal.ts";
import { servingMetrics } from "../../src/mock/metrics.ts";
import { completeMockOptions, type MockOptions } from "../../src/mock/options.ts";
import { replies } from "../../src/mock/replies.ts";
import { planReply } from "../../src/mock/reply.ts";

const OVERSHOOT_NS = 60_000;

interface Write {
  readonly atNs: number;
  readonly tokens: number;
}

/** Serves one completion in virtual time, which naps move; `onWrite` may move it too. */
async function serve(
  given: Partial<MockOptions>,
  maxTokens: number,
  onWrite: (count: number, advance: (ns: number) => void) => void = () => {},
): Promise<{ writes: Write[]; entry: JournalEntry }> {
  const options = completeMockOptions(given);
  const clock = fakeClock(1e9);
  const writes: Write[] = [];
  const note = (text: string): void => {
    const tokens =
      text
        .match(/"text":"[^"]*/g)
        ?.join("")
        .match(/ [a-z]+/g)?.length ?? 0;
    if (tokens > 0) writes.push({ atNs: clock.now() - 1e9, tokens });
    onWrite(writes.length, clock.advance);
  };
  const connection: Connection = {
    number: 0,
    reader: requestReader(),
    reply: undefined,
    write: (bytes, length) => note(Buffer.from(bytes.subarray(0, length)).toString()),
    writeText: note,
    blocked: () => false,
    drain() {},
    finish() {},
    finishing: () => false,
    reset() {},
    stalls: () => 0,
  };
  const entry = await new Promise<JournalEntry>((resolve) => {
    const serving = replies({
      options,
      now: clock.now,
      nap: (ms) => clock.advance(ms * NS_PER_MS + OVERSHOOT_NS),
      dateHeader: () => "",
      metrics: servingMetrics(),
      journal: { write: resolve, close() {} },
      onEnd() {},
    });
    const ask: Ask = {
      kind: "completions",
      model: "m",
      stream: true,
      maxTokens,
      promptTokens: 1,
      items: 1,
      usageAtEnd: false,
      usageInEachChunk: false,
    };
    const request = {
      method: "POST",
      path: "/",
      headers: new Map(),
      body: Buffer.alloc(0),
      keepAlive: true,
      chunked: true,
    };
    const fate = { number: 0, fails: false, drops: false, dropPoint: 0, wordStart: 0 };
    const arrivalNs = clock.now();
    serving.begin(planReply({ options, fate, connection, request, ask, arrivalNs, createdS: 0 }));
  });
  return { writes, entry };
}

test("chunk k is written at ttft + k × itl, however late each one was", async () => {
  const { writes } = await serve({ ttftMs: 0.5, itlMs: 0.3 }, 200);
  expect(writes.length).toBe(200);
  for (const [k, { atNs, tokens }] of writes.entries()) {
    const lateNs = atNs - (0.5 + k * 0.3) * NS_PER_MS;
    expect(tokens).toBe(1);
    expect(lateNs).toBeGreaterThan(-1);
    expect(lateNs).toBeLessThanOrEqual(10_000 + OVERSHOOT_NS);
  }
});

test("a chunk of several tokens takes their time", async () => {
  const { writes } = await serve({ ttftMs: 0.5, itlMs: 0.1, tokensPerChunk: 4 }, 10);
  expect(writes.map((write) => write.tokens)).toEqual([4, 4, 2]);
  const dueMs = [0.5, 0.9, 1.1];
  for (const [k, { atNs }] of writes.entries())
    expect(Math.abs(atNs - dueMs[k]! * NS_PER_MS - 35_000)).toBeLessThanOrEqual(35_001);
});

test("chunks that are overdue share a write, and those after them are on time again", async () => {
  const { writes, entry } = await serve({ ttftMs: 0.5, itlMs: 0.3 }, 20, (count, advance) => {
    // The machine stands still for 1.2 ms, once, after the fifth chunk.
    if (count === 5) advance(1.2 * NS_PER_MS);
  });
  expect(writes.map((write) => write.tokens)).toEqual([1, 1, 1, 1, 1, 4, ...Array(11).fill(1)]);
  expect(writes.at(-1)!.atNs - (0.5 + 19 * 0.3) * NS_PER_MS).toBeLessThanOrEqual(70_001);
  expect(entry.chunks).toBe(20);
  expect(entry.lateNsMax).toBeGreaterThan(0.8 * NS_PER_MS);
});

test("the journal has the times of the first and the last write", async () => {
  const { writes, entry } = await serve({ ttftMs: 0.7, itlMs: 0.2, jitter: "uniform" }, 30);
  expect(entry.firstWriteNs - entry.arrivalNs).toBe(writes[0]!.atNs);
  expect(entry.lastWriteNs - entry.arrivalNs).toBe(writes.at(-1)!.atNs);
  expect(entry).toMatchObject({ outcome: "completed", outputTokens: 30, requestedTokens: 30 });
});
