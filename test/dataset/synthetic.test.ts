import { expect, test } from "bun:test";
import type { EndpointPlan, SyntheticPlan } from "#config";
import { synthesize } from "#dataset";
import { familyTokenizer, javascriptTokenizer } from "./tokenizers.ts";

type SyntheticRequest = Parameters<typeof synthesize>[0];

const tokenizer = await familyTokenizer("llama3_1");

/** What a data set need not have. */
const NOTHING_MORE = {
  mixture: undefined,
  windows: undefined,
  prefixes: undefined,
  sharedSystemTokens: undefined,
  userContextTokens: undefined,
  images: undefined,
  audios: undefined,
  videos: undefined,
  rankings: undefined,
  systemPrompt: undefined,
  cacheBust: "none",
  corpus: "sonnet",
  warmupSessions: 0,
} as const;

interface Choices {
  dataset?: Partial<SyntheticPlan>;
  endpoint?: Partial<EndpointPlan>;
  seed?: number | undefined;
}

function planOf({ dataset, endpoint, seed }: Choices): SyntheticRequest["plan"] {
  return {
    endpoint: {
      kind: "chat",
      urls: ["http://127.0.0.1:8000"],
      path: undefined,
      models: ["one"],
      modelStrategy: "round-robin",
      streaming: true,
      contentType: "application/json",
      apiKey: undefined,
      sessionHeader: "X-Correlation-ID",
      headers: [],
      extraInputs: {},
      useLegacyMaxTokens: false,
      useServerTokenCount: false,
      perChunkUsage: false,
      template: undefined,
      responseField: undefined,
      downloadVideo: false,
      stripsImages: false,
      requestTimeoutNs: 1e9,
      transport: "socket",
      connectionReuse: "pooled",
      insecure: false,
      warmConnections: false,
      sources: [],
      ...endpoint,
    },
    dataset: {
      kind: "synthetic",
      entries: 20,
      isl: { mean: 50, stddev: 0 },
      osl: { mean: 7, stddev: 0 },
      batchSize: 1,
      sampling: "sequential",
      turns: { mean: 1, stddev: 0 },
      turnDelayMs: { mean: 0, stddev: 0 },
      turnDelayRatio: 1,
      ...NOTHING_MORE,
      ...dataset,
    },
    runtime: {
      pacing: "relaxed",
      seed,
      workersMax: undefined,
      recordProcessors: undefined,
      ui: "none",
      requireValid: false,
      logLevel: "info",
    },
  };
}

const make = (choices: Choices, seed = choices.seed ?? 99) =>
  synthesize({ plan: planOf(choices), tokenizer, seed });
const turnsOf = async (choices: Choices) => (await make(choices)).map(({ turns }) => turns[0]!);
const textOf = (turn: { texts: readonly { contents: readonly string[] }[] }) =>
  turn.texts[0]!.contents[0]!;
const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

test("a session is one turn of one text, with what the plan asks for", async () => {
  const sessions = await make({ seed: 5 });
  expect(sessions.length).toBe(20);
  for (const session of sessions) {
    expect(session.turns.length).toBe(1);
    const turn = session.turns[0]!;
    expect(turn).toEqual({
      role: "user",
      texts: [{ name: "text", contents: [textOf(turn)] }],
      model: "one",
      maxTokens: 7,
      inputTokens: 50,
      delayNs: 0,
      timestampNs: undefined,
    });
    expect(tokenizer.count(textOf(turn))).toBe(50);
  }
});

test("one seed, one run, byte for byte; another seed, another", async () => {
  const choices = { seed: 5, dataset: { isl: { mean: 30, stddev: 9 } } };
  expect(JSON.stringify(await make(choices))).toBe(JSON.stringify(await make(choices)));
  const [own, other] = [await turnsOf(choices), await turnsOf({ ...choices, seed: 6 })];
  expect(textOf(other[0]!)).not.toBe(textOf(own[0]!));
});

test("with or without the native core, the same run", async () => {
  const plan = planOf({ seed: 5, dataset: { isl: { mean: 40, stddev: 9 } } });
  const other = await javascriptTokenizer("llama3_1");
  expect(await synthesize({ plan, tokenizer: other, seed: 5 })).toEqual(
    await synthesize({ plan, tokenizer, seed: 5 }),
  );
});

test("what one flag draws does not shift what another draws", async () => {
  const plain = await turnsOf({ seed: 5 });
  const spread = await turnsOf({
    seed: 5,
    dataset: { osl: { mean: 100, stddev: 30 } },
    endpoint: { models: ["a", "b"], modelStrategy: "random" },
  });
  expect(spread.map(textOf)).toEqual(plain.map(textOf));
  expect(new Set(spread.map(({ maxTokens }) => maxTokens)).size).toBeGreaterThan(10);
  expect(new Set(spread.map(({ model }) => model))).toEqual(new Set(["a", "b"]));
});

test("sessions are numbered under a given seed, and else named by random UUIDs", async () => {
  const numbered = (await make({ seed: 5 })).map(({ id }) => id);
  expect(numbered.slice(0, 2)).toEqual(["session_000000", "session_000001"]);
  const named = (await make({ seed: undefined })).map(({ id }) => id);
  for (const id of named) {
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  }
  expect(new Set(named).size).toBe(named.length);
});

test("lengths spread as asked, and every text has its own", async () => {
  const turns = await turnsOf({ dataset: { entries: 400, isl: { mean: 60, stddev: 12 } } });
  const lengths = turns.map(({ inputTokens }) => inputTokens!);
  expect(turns.map((turn) => tokenizer.count(textOf(turn)))).toEqual(lengths);
  // Rounding up shifts the mean by half; four standard errors are 2.4.
  expect(Math.abs(mean(lengths) - 60.5)).toBeLessThan(2.4);
  const deviation = Math.sqrt(mean(lengths.map((length) => (length - mean(lengths)) ** 2)));
  expect(Math.abs(deviation - 12)).toBeLessThan(2);
});

test("several texts in a turn are each of the length, and counted as one joined by spaces", async () => {
  for (const turn of await turnsOf({ dataset: { batchSize: 3 } })) {
    const { contents } = turn.texts[0]!;
    expect(contents.map((text) => tokenizer.count(text))).toEqual([50, 50, 50]);
    expect(turn.inputTokens).toBe(tokenizer.count(contents.join(" ")));
  }
});

test("models take turns; without an output length there is no limit", async () => {
  const turns = await turnsOf({
    dataset: { osl: undefined },
    endpoint: { models: ["a", "b", "c"] },
  });
  expect(turns.slice(0, 5).map(({ model }) => model)).toEqual(["a", "b", "c", "a", "b"]);
  expect(turns.every(({ maxTokens }) => maxTokens === undefined)).toBe(true);
});

test("an endpoint that ranks is sent a query and passages, each of its length", async () => {
  const rankings = {
    passages: { mean: 4, stddev: 1 },
    passageTokens: { mean: 30, stddev: 0 },
    queryTokens: { mean: 11, stddev: 0 },
  };
  const turns = await turnsOf({ seed: 3, dataset: { rankings } });
  for (const { texts, inputTokens } of turns) {
    const [query, passages] = texts;
    expect([query!.name, passages!.name]).toEqual(["query", "passages"]);
    expect(query!.contents.map((text) => tokenizer.count(text))).toEqual([11]);
    for (const text of passages!.contents) expect(tokenizer.count(text)).toBe(30);
    expect(inputTokens).toBe(11 + 30 * passages!.contents.length);
  }
  expect(new Set(turns.map(({ texts }) => texts[1]!.contents.length)).size).toBeGreaterThan(1);
});
