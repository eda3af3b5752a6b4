// Data files from the command line to the wire: what a server gets is what the file says.

import { describe, expect, test } from "bun:test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { aiperf, LLAMA2, profile, scratch } from "./aiperf.ts";
import { metric } from "./artifacts.ts";
import { load } from "./load.ts";
import { startMock } from "./mock.ts";

const TRACES = join(import.meta.dir, "../golden/trace");
const SMALL = join(TRACES, "small.jsonl");
const CONVERSATION = join(TRACES, "conversation-60.jsonl");

interface Message {
  readonly role: string;
  readonly content: string;
}

interface Body {
  readonly messages: readonly Message[];
  readonly [key: string]: unknown;
}

/** A chat server that keeps the bodies it gets, in order, and answers with their number. */
function startKeeper() {
  const bodies: Body[] = [];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      const number = bodies.push((await request.json()) as Body);
      const message = { role: "assistant", content: `reply ${number}` };
      return Response.json({ choices: [{ message }] });
    },
  });
  return {
    bodies,
    url: `http://127.0.0.1:${server.port}`,
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}

/** A run of a file with these rows against a server that keeps what it gets. */
async function sent(rows: readonly object[], ...flags: readonly string[]) {
  await using keeper = startKeeper();
  const cwd = scratch();
  const lines = rows.map((row) => `${JSON.stringify(row)}\n`);
  await Bun.write(join(cwd, "data.jsonl"), lines.join(""));
  const count = ["--request-count", String(rows.length)];
  const own = flags.includes("--request-count") || flags.includes("--num-sessions") ? [] : count;
  const args = profile(keeper.url, "--tokenizer", LLAMA2, "--input-file", "data.jsonl", ...own);
  const run = await aiperf([...args, ...flags], { cwd });
  return { run, bodies: keeper.bodies };
}

describe("a trace", () => {
  test("as fast as it goes: every row with its lengths", async () => {
    const flags = `--streaming --input-file ${CONVERSATION} --concurrency 4 --request-count 60`;
    await using ran = await load("", flags);
    const rows = (await Bun.file(CONVERSATION).text()).trim().split("\n");
    const summary = ran.run.artifacts.summary();
    const inputs = rows.map((row): number => JSON.parse(row).input_length);
    expect(metric(summary, "input_sequence_length")).toMatchObject({
      count: 60,
      min: Math.min(...inputs),
      max: Math.max(...inputs),
    });
    const asked = ran.pairs.map(({ seen }) => seen.requested_tokens!).sort((a, b) => a - b);
    const outputs = rows.map((row): number => JSON.parse(row).output_length);
    expect(asked).toEqual(outputs.sort((a, b) => a - b));
    expect(ran.run.artifacts.files()).not.toContain("inputs.json");
  });

  test(
    "of a named type at its own times, twice as fast",
    async () => {
      const type = "--custom-dataset-type mooncake_trace --synthesis-speedup-ratio 2";
      await using ran = await load("", `--streaming --input-file ${SMALL} ${type}`);
      const times = ran.pairs.map(({ seen }) => seen.arrival_ns).sort((a, b) => a - b);
      expect(times.length).toBe(12);
      const rows = (await Bun.file(SMALL).text()).trim().split("\n");
      const last = JSON.parse(rows.at(-1)!).timestamp / 2;
      // Nothing may come before its time; how much later is a matter of the machine.
      expect((times.at(-1)! - times[0]!) / 1e6).toBeGreaterThan(last - 100);
      // The first may be late by as much in one try, but not in every one.
    },
    { retry: 2 },
  );

  test("rows that share blocks share their text, and bodies are whole", async () => {
    const blocks = (ids: readonly number[], input_length: number) => ({
      input_length,
      output_length: 3,
      hash_ids: ids,
    });
    const rows = [blocks([1, 2], 20), blocks([1, 2, 3], 48), blocks([4, 2], 32)];
    const { run, bodies } = await sent(rows, "--isl-block-size", "16");
    expect(run.status, run.stderr).toBe(1);
    expect(run.complaint).toContain("block 2 has 16 tokens here and 4 before");
    expect(bodies).toEqual([]);

    const good = await sent([blocks([1, 2], 32), ...rows.slice(1)], "--isl-block-size", "16");
    expect(good.run.status, good.run.stderr).toBe(0);
    const [a, b, c] = good.bodies.map(({ messages }) => messages[0]!.content);
    expect(b).toStartWith(a!);
    expect(c).not.toStartWith(a!.slice(0, 20));
    expect(c).toEndWith(a!.slice(-30));
    expect(good.bodies[0]).toMatchObject({ model: "m", max_completion_tokens: 3 });
  });
});

describe("conversations", () => {
  test("each request carries what was said before, and the replies that really came", async () => {
    const turns = [{ role: "system", text: "be short" }, { text: "one" }, { text: "two" }];
    const { run, bodies } = await sent([{ turns }], "--num-sessions", "1");
    expect(run.status, run.stderr).toBe(0);
    expect(bodies.map(({ messages }) => messages)).toEqual([
      [
        { role: "system", content: "be short" },
        { role: "user", content: "one" },
      ],
      [
        { role: "system", content: "be short" },
        { role: "user", content: "one" },
        { role: "assistant", content: "reply 1" },
        { role: "user", content: "two" },
      ],
    ]);
    // What can be sent is listed turn by turn, without what came before.
    const [session] = run.artifacts.inputs().data;
    expect(session!.payloads.map(({ messages }) => (messages as Message[]).at(-1))).toEqual([
      { role: "user", content: "one" },
      { role: "user", content: "two" },
    ]);
    expect(session!.payloads.map(({ messages }) => (messages as Message[]).length)).toEqual([2, 2]);
  });

  test("turns of traces go on from the replies too", async () => {
    const rows = [
      { session_id: "s", input_length: 12, hash_ids: [1] },
      { session_id: "s", input_length: 9 },
    ];
    const { run, bodies } = await sent(rows, "--num-sessions", "1");
    expect(run.status, run.stderr).toBe(0);
    const [first, second] = bodies.map(({ messages }) => messages);
    expect(second!.slice(0, 2)).toEqual([first![0]!, { role: "assistant", content: "reply 1" }]);
    expect(second![2]!.content).not.toContain("<<aiperf");
  });
});

describe("other files", () => {
  test("one turn a row, in the file's order", async () => {
    const rows = [{ text: "a" }, { texts: ["b", "c"] }, { text: "d", extra: { seed: 5 } }];
    const { run, bodies } = await sent(rows);
    expect(run.status, run.stderr).toBe(0);
    expect(bodies.map(({ messages }) => messages[0]!.content)).toEqual([
      "a",
      [
        { type: "text", text: "b" },
        { type: "text", text: "c" },
      ],
      "d",
    ] as never);
    expect(bodies[2]).toMatchObject({ seed: 5 });
  });

  test("bodies as they are, and what a run listed can be sent again", async () => {
    const payload = { messages: [{ role: "user", content: "x" }], anything: [1, null] };
    const { bodies } = await sent([payload], "--custom-dataset-type", "raw_payload");
    expect(bodies).toEqual([payload]);

    const first = await sent([{ text: "again" }]);
    await using keeper = startKeeper();
    const flags = ["--request-count", "1", "--tokenizer", LLAMA2];
    const inputs = join(first.run.cwd, "out/inputs.json");
    await using run = await aiperf(profile(keeper.url, ...flags, "--input-file", inputs));
    expect(run.status, run.stderr).toBe(0);
    expect(keeper.bodies).toEqual(first.bodies);
  });

  test("a bad row ends the run before anything is sent", async () => {
    const { run, bodies } = await sent([{ text: "a" }, { text: 5 }]);
    expect(run.status).toBe(1);
    expect(run.complaint).toContain("data.jsonl line 2: text: expected string");
    expect(bodies).toEqual([]);
  });
});

test("one seed, one run: the same bodies, byte for byte", async () => {
  const texts = async () => {
    await using keeper = startKeeper();
    const shape = "--session-turns-mean 2 --num-sessions 2 --shared-system-prompt-length 9".split(
      " ",
    );
    const flags = ["--tokenizer", LLAMA2, "--isl", "12", "--random-seed", "5", ...shape];
    await using run = await aiperf(profile(keeper.url, ...flags));
    expect(run.status, run.stderr).toBe(0);
    return JSON.stringify(keeper.bodies);
  };
  expect(await texts()).toBe(await texts());
});

test("a trace is analysed and validated without a server", async () => {
  const cwd = scratch();
  mkdirSync(join(cwd, "out"));
  await using run = await aiperf(["analyze-trace", SMALL, "--output-file", "out/report.json"], {
    cwd,
  });
  expect(run.status, run.stderr).toBe(0);
  for (const title of ["Theoretical Hit Rates", "Hit rate of a cache by its size", "Requests over"])
    expect(run.stdout).toContain(title);
  expect(run.stdout.split("\n").every((line) => Bun.stringWidth(line) <= 120)).toBe(true);
  const report = JSON.parse(run.artifacts.text("report.json"));
  const golden = await Bun.file(join(TRACES, "small-report.json")).json();
  expect(report.cache_hit_rate).toBeCloseTo(golden.cache_hit_rate, 9);

  await using valid = await aiperf(["validate", SMALL]);
  expect(valid).toMatchObject({ status: 0 });
  expect(valid.stdout).toContain("mooncake-trace, 12 rows");
  await using missing = await aiperf(["analyze-trace", "nowhere.jsonl"]);
  expect(missing).toMatchObject({ status: 1 });
  expect(missing.complaint).toContain("nowhere.jsonl cannot be read");
});

test("a mock that is asked for what a synthesised trace says", async () => {
  await using mock = await startMock();
  const type = "--custom-dataset-type mooncake_trace --no-fixed-schedule --request-count 12";
  const change =
    "--synthesis-prefix-len-multiplier 1.5 --synthesis-max-osl 6 --synthesis-max-isl 1200";
  const flags = `--tokenizer ${LLAMA2} --input-file ${SMALL} ${type} ${change}`.split(" ");
  await using run = await aiperf(profile(mock.url, ...flags));
  expect(run.status, run.stderr).toBe(0);
  const summary = run.artifacts.summary();
  expect(metric(summary, "input_sequence_length").max).toBeLessThanOrEqual(1200);
  const seen = await mock.stop();
  expect(Math.max(...seen.map(({ requested_tokens }) => requested_tokens!))).toBe(6);
});
