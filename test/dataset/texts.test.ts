import { describe, expect, test } from "bun:test";
import type { Session } from "#core";
import { datasetOf, fileOf, planOf, refusalOf } from "./plans.ts";
import { FAMILIES, familyTokenizer } from "./tokenizers.ts";

const tokenizer = await familyTokenizer("llama3_1");

/** The sessions of some flags, under a seed. */
async function make(line: string, own = tokenizer): Promise<readonly Session[]> {
  const flags = line.split(" ").filter((word) => word !== "");
  return (await datasetOf(planOf("--random-seed", "7", ...flags), own)).sessions;
}
const turnsOf = (sessions: readonly Session[]) => sessions.flatMap(({ turns }) => turns);
const textsOf = (sessions: readonly Session[]) =>
  turnsOf(sessions).flatMap(({ texts }) => texts.flatMap(({ contents }) => contents));
const countsOf = (sessions: readonly Session[]) =>
  textsOf(sessions).map((text) => tokenizer.count(text));

describe("sessions of several turns", () => {
  test("as many turns as drawn, with pauses before all but the first", async () => {
    const sessions = await make(
      "--num-sessions 50 --session-turns-mean 4 --session-turns-stddev 1 --isl 20 --osl 9 " +
        "--session-turn-delay-mean 200 --session-delay-ratio 0.5",
    );
    const counts = sessions.map(({ turns }) => turns.length);
    expect(Math.min(...counts)).toBeLessThan(4);
    expect(Math.max(...counts)).toBeGreaterThan(4);
    for (const { turns } of sessions) {
      expect(turns.map(({ delayNs }) => delayNs / 1e6)).toEqual(
        turns.map((_, at) => (at === 0 ? 0 : 100)),
      );
      expect(turns.every(({ inputTokens, maxTokens }) => inputTokens === 20 && maxTokens === 9));
    }
    expect(new Set(textsOf(sessions)).size).toBe(textsOf(sessions).length);
  });

  test("models take turns over all of them", async () => {
    const sessions = await make("--num-sessions 2 --session-turns-mean 3 --isl 5 --model b");
    const models = turnsOf(sessions).map(({ model }) => model);
    expect(models).toEqual(["m", "b", "m", "b", "m", "b"]);
  });
});

describe("lengths", () => {
  test("a mixture keeps its pairs together and its shares", async () => {
    const turns = turnsOf(await make("--num-prompts 400 --seq-dist 16,8:25;64|6,32:75"));
    const short = turns.filter(({ maxTokens }) => maxTokens === 8);
    const long = turns.filter(({ maxTokens }) => maxTokens === 32);
    expect(short.length + long.length).toBe(400);
    // Five standard deviations of a share of 25 % of 400 are 43.
    expect(Math.abs(short.length - 100)).toBeLessThan(43);
    expect(short.every(({ inputTokens }) => inputTokens === 16)).toBe(true);
    expect(new Set(long.map(({ inputTokens }) => inputTokens)).size).toBeGreaterThan(5);
  });

  test("windows are drawn from evenly, to both ends", async () => {
    const turns = turnsOf(
      await make("--num-prompts 600 --isl 20 --osl 10 --random-range-ratio 0.2"),
    );
    const lengths = new Set(turns.map(({ inputTokens }) => inputTokens));
    expect([...lengths].sort()).toEqual([16, 17, 18, 19, 20, 21, 22, 23, 24]);
    const limits = new Set(turns.map(({ maxTokens }) => maxTokens));
    expect([...limits].sort((a, b) => a! - b!)).toEqual([8, 9, 10, 11, 12]);
  });
});

describe.each(FAMILIES)("%s", (family) => {
  test("prefixes are shared, and with the prompt after them of exact length", async () => {
    const own = await familyTokenizer(family);
    const sessions = await make(
      "--num-sessions 30 --isl 25 --num-prefix-prompts 3 --prefix-prompt-length 40 --session-turns-mean 2",
      own,
    );
    const prefixes = new Map<string, number>();
    for (const { turns } of sessions) {
      const [first, second] = turns.map(({ texts }) => texts[0]!.contents[0]!);
      expect(own.count(first!)).toBe(65);
      expect(own.count(second!)).toBe(25);
      expect(turns.map(({ inputTokens }) => inputTokens)).toEqual([65, 25]);
      const start = first!.slice(0, 60);
      prefixes.set(start, (prefixes.get(start) ?? 0) + 1);
    }
    expect(prefixes.size).toBe(3);
  });

  test.each(["coding", "random"])("a corpus of %s is of exact length too", async (corpus) => {
    const own = await familyTokenizer(family);
    const sessions = await make(`--num-prompts 25 --isl 60 --prompt-corpus ${corpus}`, own);
    for (const text of textsOf(sessions)) expect(own.count(text)).toBe(60);
    expect(new Set(textsOf(sessions)).size).toBe(25);
  });
});

describe("what is said before the turns", () => {
  test("a system prompt for all, a context for each, of exact length", async () => {
    const sessions = await make(
      "--num-sessions 5 --session-turns-mean 2 --isl 10 " +
        "--shared-system-prompt-length 33 --user-context-prompt-length 21",
    );
    const systems = new Set(sessions.map(({ systemText }) => systemText!));
    const contexts = new Set(sessions.map(({ userContextText }) => userContextText!));
    expect([systems.size, contexts.size]).toEqual([1, 5]);
    expect([...systems, ...contexts].map((text) => tokenizer.count(text))).toEqual([
      33, 21, 21, 21, 21, 21,
    ]);
    for (const { leadTokens } of sessions)
      expect(Math.abs(leadTokens! - 54)).toBeLessThanOrEqual(1);
  });

  test("the user's own system prompt comes before the data's", async () => {
    const path = await fileOf(
      { turns: [{ role: "system", text: "data" }, { text: "a" }] },
      { turns: [{ text: "b" }] },
    );
    const sessions = await make(`--input-file ${path} --system-prompt own`);
    expect(sessions.map(({ systemText }) => systemText)).toEqual(["own\n\ndata", "own"]);
  });

  test.each([
    ["system-prefix", /^\[rid:[0-9a-f]{12}\]\n\nown$/, /^[^[]/],
    ["system-suffix", /^own\n\n\[rid:[0-9a-f]{12}\]$/, /^[^[]/],
    ["first-turn-prefix", /^own$/, /^\[rid:[0-9a-f]{12}\]\n\n\w/],
    ["first-turn-suffix", /^own$/, /.\n\n\[rid:[0-9a-f]{12}\]$/],
  ])("a marker of its own for each session: %s", async (place, system, text) => {
    const sessions = await make(
      `--num-sessions 6 --session-turns-mean 2 --isl 12 --system-prompt own --cache-bust ${place}`,
    );
    const markers = new Set<string>();
    for (const { systemText, turns } of sessions) {
      const [first, second] = turns.map(({ texts }) => texts[0]!.contents[0]!);
      expect(systemText).toMatch(system);
      expect(first).toMatch(text);
      expect(second).not.toContain("[rid:");
      markers.add(/\[rid:\w+\]/.exec(`${systemText}${first}`)![0]);
    }
    expect(markers.size).toBe(6);
  });

  test("a warm-up has a marker that the rest has not", async () => {
    const line = "--num-sessions 3 --isl 9 --cache-bust warmup_isolation_first_turn";
    const sessions = await make(`${line} --num-warmup-sessions 2`);
    expect(textsOf(sessions).map((text) => text.startsWith("[warmup]\n\n"))).toEqual([
      ...[true, true, false, false, false],
    ]);
    const error = await refusalOf(make(`${line} --warmup-duration 2`));
    expect(error.wayOut).toContain("--num-warmup-sessions");
  });
});

test("what is drawn for one thing does not shift another", async () => {
  const plain = "--num-prompts 12 --isl 30 --isl-stddev 5";
  const texts = textsOf(await make(plain));
  const media = `${plain} --image-width-mean 8 --image-height-mean 8 --audio-length-mean 0.01`;
  expect(textsOf(await make(media))).toEqual(texts);
  expect(textsOf(await make(`${plain} --osl 5 --osl-stddev 2`))).toEqual(texts);
  expect(textsOf(await make(`${plain} --shared-system-prompt-length 9`))).toEqual(texts);
  expect(await make(media)).toEqual(await make(media));
});

test("prompts of no tokens need something else to send", async () => {
  const sessions = await make("--num-prompts 2 --isl 0 --image-width-mean 8");
  expect(turnsOf(sessions).map(({ texts, inputTokens }) => [texts.length, inputTokens])).toEqual([
    [0, 0],
    [0, 0],
  ]);
  expect((await refusalOf(make("--isl 0"))).code).toBe("E_NOTHING_TO_SEND");
});

test("every text has its length, and none begins as another", async () => {
  const sessions = await make("--num-prompts 60 --isl 40 --isl-stddev 12");
  expect(countsOf(sessions)).toEqual(turnsOf(sessions).map(({ inputTokens }) => inputTokens!));
  expect(new Set(textsOf(sessions).map((text) => text.slice(0, 60))).size).toBe(60);
});
