import { expect, test } from "bun:test";
import { readBodies } from "#engine";
import { datasetFor } from "../../src/cli/dataset.ts";
import { createLog } from "../../src/cli/log.ts";
import { renderSessions } from "../../src/cli/prepare.ts";
import { datasetOf, fileOf, planOf, refusalOf } from "../dataset/plans.ts";
import { familyTokenizer } from "../dataset/tokenizers.ts";

const SMALL = `${import.meta.dir}/../golden/trace/small.jsonl`;
const silent = createLog(
  "critical",
  () => {},
  () => new Date(),
);
const tokenizer = await familyTokenizer("llama3_1");

interface Body {
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly [key: string]: unknown;
}

/** The bodies of all turns that are ready, as they would be sent. */
async function bodiesOf(...flags: readonly string[]): Promise<Body[]> {
  const plan = planOf("--random-seed", "7", ...flags);
  const { sessions, pieces } = await datasetOf(plan, tokenizer);
  const bodies = readBodies(renderSessions(plan, sessions, pieces).store);
  const entries = sessions.flatMap(({ turns }) => turns).map((_, index) => index);
  return entries
    .filter((index) => bodies.isReady(index))
    .map((index) => JSON.parse(Buffer.from(bodies.body(index)).toString()));
}

test("a trace's bodies: AIPerf's keys in its order, and texts of the recorded lengths", async () => {
  const bodies = await bodiesOf("--streaming", "--input-file", SMALL);
  const rows = (await Bun.file(SMALL).text()).trim().split("\n");
  expect(bodies.length).toBe(rows.length);
  for (const [index, body] of bodies.entries()) {
    const row = JSON.parse(rows[index]!);
    expect(Object.keys(body)).toEqual([
      "messages",
      "model",
      "stream",
      "max_completion_tokens",
      "stream_options",
    ]);
    expect(body).toMatchObject({ max_completion_tokens: row.output_length, model: "m" });
    const [message, ...more] = body.messages;
    expect([message!.role, more.length]).toEqual(["user", 0]);
    expect(tokenizer.count(message!.content)).toBe(row.input_length);
  }
  const first = (index: number) => bodies[index]!.messages[0]!.content.slice(0, 1500);
  expect(first(0)).toBe(first(1));
  expect(first(0)).not.toBe(first(2));
});

test("before the first turn: the system's message, then the user's context", async () => {
  const lengths = "--shared-system-prompt-length 32 --user-context-prompt-length 16";
  const flags = `--num-sessions 4 --session-turns-mean 3 --isl 32 --osl 10 ${lengths}`;
  const bodies = await bodiesOf(...flags.split(" "));
  // Later turns repeat replies, and are made when those have come.
  expect(bodies.length).toBe(4);
  for (const { messages } of bodies) {
    expect(messages.map(({ role }) => role)).toEqual(["system", "user", "user"]);
    expect(messages.map(({ content }) => tokenizer.count(content))).toEqual([32, 16, 32]);
  }
});

test("messages, tools, fields and whole bodies that the data gives", async () => {
  const system = { role: "system", content: "data" };
  const user = { role: "user", content: [{ type: "text", text: "hi" }] };
  const path = await fileOf(
    { messages: [system, user], tools: [{ a: 1 }], extra: { seed: 3 }, output_length: 4 },
    { payload: { messages: [user], anything: null } },
  );
  const flags = ["--input-file", path, "--custom-dataset-type", "mooncake-trace"];
  const [given, whole] = await bodiesOf(...flags, "--system-prompt", "own");
  expect(given).toEqual({
    messages: [{ role: "system", content: "own\n\ndata" }, user] as never,
    model: "m",
    stream: false,
    max_completion_tokens: 4,
    tools: [{ a: 1 }],
    seed: 3,
  });
  expect(whole).toEqual({ messages: [user] as never, anything: null });
  const [alone] = await bodiesOf(...flags);
  expect(alone!.messages).toEqual([system, user] as never);
});

test("rows of one session are each whole", async () => {
  const path = await fileOf({ text: "a", session_id: "s" }, { text: "b", session_id: "s" });
  const bodies = await bodiesOf("--input-file", path);
  expect(bodies.map(({ messages }) => messages)).toEqual([
    [{ role: "user", content: "a" }],
    [{ role: "user", content: "b" }],
  ]);
});

test("markers that will be sent again are mentioned", async () => {
  const notes = async (line: string) => {
    const plan = planOf("--isl", "9", "--cache-bust", "first-turn-prefix", ...line.split(" "));
    return (await datasetFor(plan, tokenizer, 1, silent)).notes;
  };
  expect(await notes("--request-count 5")).toEqual([]);
  expect((await notes("--request-count 5 --num-prompts 3")).join()).toContain("each of the 3");
  expect(await notes("--benchmark-duration 2")).toHaveLength(1);
});

test("the verb's data set: a schedule needs times", async () => {
  const path = await fileOf({ input_length: 5, timestamp: 3 }, { input_length: 5 });
  const plan = planOf("--input-file", path, "--fixed-schedule");
  const error = await refusalOf(datasetFor(plan, tokenizer, 1, silent));
  expect(error.code).toBe("E_SCHEDULE_TIMES");
});
