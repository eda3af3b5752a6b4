import { afterEach, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import type { MockOptions } from "../../src/mock/options.ts";
import { type MockServer, startMock } from "../../src/mock/server.ts";
import { WORDS } from "../../src/mock/words.ts";

const servers: MockServer[] = [];
const folders: string[] = [];

async function mock(options: Partial<MockOptions> = {}): Promise<MockServer> {
  const server = await startMock(options);
  servers.push(server);
  return server;
}

function scratch(): string {
  const folder = mkdtempSync(`${tmpdir()}/aiperf-mock-`);
  folders.push(folder);
  return folder;
}

afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

const CHAT = "/v1/chat/completions";
const COMPLETIONS = "/v1/completions";
const MESSAGES = [{ role: "user", content: "hello there" }];

function post(server: MockServer, path: string, body: object, init: BunFetchRequestInit = {}) {
  return fetch(server.url + path, { method: "POST", body: JSON.stringify(body), ...init });
}

interface Delta {
  role?: string;
  content?: string;
  reasoning_content?: string;
}
interface Event {
  id: string;
  object: string;
  model: string;
  choices: { delta?: Delta; text?: string; finish_reason: string | null }[];
  usage?: { prompt_tokens: number; completion_tokens: number; total_tokens: number };
}

/** The events of a stream; it must end in `[DONE]`. */
async function events(response: Response): Promise<Event[]> {
  const blocks = (await response.text()).split("\n\n");
  expect(blocks.splice(-2)).toEqual(["data: [DONE]", ""]);
  return blocks.map((block) => JSON.parse(block.replace(/^data: /, "")) as Event);
}

const words = (text: string): number => text.trim().split(" ").length;

/** A connection of bytes, for what fetch would not send or show. */
async function dial(server: MockServer): Promise<{ socket: Socket; ended: Promise<string> }> {
  const socket = connect(server.port, "127.0.0.1");
  await new Promise((resolve) => socket.once("connect", resolve));
  let text = "";
  socket.on("data", (bytes) => {
    text += bytes.toString();
  });
  const ended = new Promise<string>((resolve) => {
    socket.on("error", (error: NodeJS.ErrnoException) => resolve(`${text}${error.code}`));
    socket.on("close", () => resolve(text));
  });
  return { socket, ended };
}

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 2000 && !condition(); tries++) await Bun.sleep(2);
  expect(condition()).toBe(true);
}

test("streams as many tokens as asked for, one a chunk", async () => {
  const server = await mock({ ttftMs: 2, itlMs: 1 });
  const body = {
    model: 'any "model"',
    messages: MESSAGES,
    stream: true,
    max_completion_tokens: 12,
  };
  const response = await post(server, CHAT, body);
  expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
  const found = await events(response);
  expect(found.length).toBe(12);
  for (const event of found) {
    expect(event).toMatchObject({ object: "chat.completion.chunk", model: 'any "model"' });
    expect(event.choices[0]!.delta!.content).toMatch(/^ [a-z]+$/);
  }
  expect(new Set(found.map((event) => event.id)).size).toBe(1);
  expect(found.map((event) => event.choices[0]!.finish_reason)).toEqual([
    ...Array(11).fill(null),
    "length",
  ]);
});

test("several tokens share a chunk", async () => {
  const server = await mock({ tokensPerChunk: 5 });
  const body = { prompt: "x", stream: true, max_tokens: 12 };
  const found = await events(await post(server, COMPLETIONS, body));
  expect(found.map((event) => words(event.choices[0]!.text!))).toEqual([5, 5, 2]);
});

test("usage comes at the end, and in each chunk, when asked for", async () => {
  const server = await mock({ defaultOsl: 3 });
  const ask = (stream_options: object) =>
    post(server, COMPLETIONS, { prompt: "one two", stream: true, stream_options }).then(events);

  const atEnd = await ask({ include_usage: true });
  expect(atEnd.map((event) => event.usage !== undefined)).toEqual([false, false, false, true]);
  expect(atEnd[3]).toMatchObject({
    choices: [],
    usage: { prompt_tokens: 2, completion_tokens: 3, total_tokens: 5 },
  });
  const each = await ask({ include_usage: true, continuous_usage_stats: true });
  expect(each.map((event) => event.usage?.completion_tokens)).toEqual([1, 2, 3, 3]);
  expect(each[2]!.choices[0]!.finish_reason).toBe("stop");
});

test("reasoning comes first and is part of the length", async () => {
  const server = await mock({ reasoningTokens: 3, tokensPerChunk: 2 });
  const body = { messages: MESSAGES, max_tokens: 6 };
  const deltas = (await events(await post(server, CHAT, { ...body, stream: true }))).map(
    (event) => event.choices[0]!.delta!,
  );
  expect(deltas.map((d) => [words(d.reasoning_content ?? ""), d.content === undefined])).toEqual([
    [2, true],
    [1, true],
    [1, false],
    [1, false],
  ]);
  const whole = (await (await post(server, CHAT, body)).json()) as {
    choices: { message: Delta }[];
    usage: object;
  };
  expect(words(whole.choices[0]!.message.reasoning_content!)).toBe(3);
  expect(words(whole.choices[0]!.message.content!)).toBe(3);
  expect(whole.usage).toMatchObject({
    completion_tokens: 6,
    completion_tokens_details: { reasoning_tokens: 3 },
  });
});

test.each(["separate", "early"] as const)(
  "a role chunk that is %s has no content",
  async (roleChunk) => {
    const server = await mock({ roleChunk, ttftMs: 5 });
    const found = await events(
      await post(server, CHAT, { messages: MESSAGES, stream: true, max_tokens: 2 }),
    );
    expect(found.map((event) => event.choices[0]!.delta)).toEqual([
      { role: "assistant", content: "" },
      { content: expect.stringMatching(/^ /) },
      { content: expect.stringMatching(/^ /) },
    ]);
  },
);

test("answers whole when not asked to stream", async () => {
  const server = await mock({ ttftMs: 1, itlMs: 0.1 });
  const response = await post(server, COMPLETIONS, { prompt: "x", max_tokens: 7 });
  expect(response.headers.get("content-type")).toBe("application/json");
  expect(await response.json()).toMatchObject({
    object: "text_completion",
    choices: [{ text: expect.stringMatching(/^( [a-z]+){7}$/), finish_reason: "length" }],
    usage: { completion_tokens: 7 },
  });
});

test("many streams at once on kept connections, each complete and in order", async () => {
  const server = await mock({ ttftMs: 3, itlMs: 0.5, jitter: "exponential" });
  const body = { prompt: "x", stream: true, max_tokens: 20 };
  const run = async () => {
    for (let round = 0; round < 3; round++)
      expect((await events(await post(server, COMPLETIONS, body))).length).toBe(20);
  };
  await Promise.all(Array.from({ length: 40 }, run));
  const stats = server.stats();
  expect(stats).toMatchObject({ completed: 120, errors: 0, left: 0, tokens: 2400, running: 0 });
  expect(stats.lateness.count).toBe(2400);
  expect(stats.connections).toBeLessThan(120);
});

test("one seed, one text; another seed, another", async () => {
  const textOf = async (seed: number) => {
    const server = await mock({ seed });
    const found = await events(await post(server, COMPLETIONS, { prompt: "x", stream: true }));
    return found.map((event) => event.choices[0]!.text).join("");
  };
  expect(await textOf(5)).toBe(await textOf(5));
  expect(await textOf(5)).not.toBe(await textOf(6));
});

test("the log tells of each request what happened, in this order of times", async () => {
  const log = `${scratch()}/log.jsonl`;
  const server = await mock({ log, ttftMs: 3, itlMs: 1 });
  const init = { headers: { "x-request-id": 'id "1"' } };
  const beforeNs = BigInt(Date.now()) * 1_000_000n;
  await (
    await post(server, CHAT, { messages: MESSAGES, stream: true, max_tokens: 4 }, init)
  ).text();
  await (await post(server, CHAT, { messages: [] })).text();
  const afterNs = BigInt(Date.now() + 1) * 1_000_000n;
  await server.stop();

  const lines = readFileSync(log, "utf8").trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    {
      x_request_id: 'id "1"',
      kind: "chat",
      stream: true,
      status: 200,
      outcome: "completed",
      left_ns: null,
      prompt_tokens: 2,
      requested_tokens: 4,
      output_tokens: 4,
      chunks: 4,
    },
    { x_request_id: null, status: 400, outcome: "error", output_tokens: 0 },
  ]);
  const times = ["arrival", "first_write", "last_write", "end"].map((name) =>
    BigInt(new RegExp(`"${name}_ns":(\\d+)`).exec(lines[0]!)![1]!),
  );
  const ordered = [beforeNs, ...times, afterNs];
  expect(ordered).toEqual(ordered.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
  expect(Number(times[1]! - times[0]!)).toBeGreaterThanOrEqual(3e6);
  expect(Number(times[2]! - times[0]!)).toBeGreaterThanOrEqual(6e6);
});

test("a client that leaves is noticed", async () => {
  const log = `${scratch()}/log.jsonl`;
  const server = await mock({ log, ttftMs: 1, itlMs: 1 });
  const { socket } = await dial(server);
  const body = JSON.stringify({ prompt: "x", stream: true, max_tokens: 100_000 });
  socket.write(`POST ${COMPLETIONS} HTTP/1.1\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
  await until(() => server.stats().tokens > 3);
  expect(server.stats().running).toBe(1);
  socket.destroy();
  await until(() => server.stats().left === 1);
  expect(server.stats().running).toBe(0);
  await server.stop();
  const entry = JSON.parse(readFileSync(log, "utf8"));
  expect(entry).toMatchObject({ outcome: "left", left_ns: entry.end_ns });
  expect(entry.output_tokens).toBeGreaterThan(3);
});

test("a dropped reply is a reset after its first chunk", async () => {
  const server = await mock({ dropRate: 1, ttftMs: 5, itlMs: 5 });
  for (const osl of [1, 2, 9]) {
    const { socket, ended } = await dial(server);
    const body = JSON.stringify({ prompt: "x", stream: true, max_tokens: osl });
    socket.write(`POST ${COMPLETIONS} HTTP/1.1\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
    const text = await ended;
    expect(text).toEndWith("ECONNRESET");
    expect(text).toContain('"text":" ');
    expect(text).not.toContain("[DONE]");
  }
  expect(server.stats()).toMatchObject({ dropped: 3, completed: 0, left: 0, running: 0 });
});

test("rates are shares of the requests", async () => {
  const server = await mock({ errorRate: 0.3, errorCode: 429, seed: 3 });
  let errors = 0;
  for (let i = 0; i < 200; i++) {
    const response = await post(server, COMPLETIONS, { prompt: "x", max_tokens: 1 });
    const { error } = (await response.json()) as { error?: object };
    if (response.status === 200) continue;
    errors++;
    expect(error).toEqual({
      message: expect.any(String),
      type: "RateLimitError",
      param: null,
      code: 429,
    });
  }
  expect(Math.abs(errors - 60)).toBeLessThan(25);
  expect(server.stats().errors).toBe(errors);
});

test("what does not fit the context is refused", async () => {
  const server = await mock({ contextLimit: 20 });
  const prompt = "word ".repeat(15);
  expect((await post(server, COMPLETIONS, { prompt, max_tokens: 5 })).status).toBe(200);
  for (const max_tokens of [6, 500]) {
    const response = await post(server, COMPLETIONS, { prompt, max_tokens });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { type: "BadRequestError", code: 400 } });
  }
});

test.each([
  ["GET", "/nowhere", 404],
  ["GET", CHAT, 405],
  ["POST", "/health", 405],
  ["GET", "/health", 200],
])("%s %s answers %p", async (method, path, status) => {
  const server = await mock();
  expect((await fetch(server.url + path, { method })).status).toBe(status);
});

test("lists its model and its metrics", async () => {
  const server = await mock({ model: "tiny", contextLimit: 99 });
  expect(await (await fetch(`${server.url}/v1/models`)).json()).toMatchObject({
    data: [{ id: "tiny", max_model_len: 99 }],
  });
  await (await post(server, CHAT, { messages: MESSAGES, stream: true, max_tokens: 4 })).text();
  const page = await (await fetch(`${server.url}/metrics`)).text();
  const labels = '{engine="0",model_name="tiny"}';
  expect(page).toContain(`vllm:prompt_tokens_total${labels} 2.0\n`);
  expect(page).toContain(`vllm:generation_tokens_total${labels} 4.0\n`);
  expect(page).toContain(`vllm:time_to_first_token_seconds_count${labels} 1.0\n`);
});

test("bytes that are no request get 400 and the end of the connection", async () => {
  const server = await mock();
  const { socket, ended } = await dial(server);
  socket.write("how do you do\r\n\r\n");
  expect(await ended).toMatch(
    /^HTTP\/1\.1 400 Bad Request\r\n.*connection: close\r\n.*"code":400/s,
  );
});

test("requests sent together are answered one after the other, then the connection closes", async () => {
  const server = await mock({ ttftMs: 2 });
  const { socket, ended } = await dial(server);
  const body = JSON.stringify({ prompt: "x", stream: true, max_tokens: 2 });
  const request = (connection: string) =>
    `POST ${COMPLETIONS} HTTP/1.1\r\n${connection}content-length: ${body.length}\r\n\r\n${body}`;
  socket.write(request("") + request("connection: close\r\n"));
  const text = await ended;
  expect(text.match(/\[DONE\]\n\n\r\n0\r\n\r\n/g)?.length).toBe(2);
  expect(text.indexOf("connection: close")).toBeGreaterThan(text.indexOf("[DONE]"));
});

test("a client of HTTP/1.0 gets its stream without chunks", async () => {
  const server = await mock();
  const { socket, ended } = await dial(server);
  const body = JSON.stringify({ prompt: "x", stream: true, max_tokens: 2 });
  socket.write(`POST ${COMPLETIONS} HTTP/1.0\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
  const [head, rest] = (await ended).split("\r\n\r\n");
  expect(head).not.toContain("transfer-encoding");
  expect(rest).toStartWith("data: {");
  expect(rest).toEndWith("data: [DONE]\n\n");
});

test("a client that does not read holds its own stream up, and gets all of it later", async () => {
  const server = await mock();
  const { socket, ended } = await dial(server);
  socket.pause();
  const body = JSON.stringify({ prompt: "x", stream: true, max_tokens: 100_000 });
  socket.write(
    `POST ${COMPLETIONS} HTTP/1.1\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
  await until(() => server.stats().stalls > 0);
  const { tokens } = server.stats();
  expect(tokens).toBeLessThan(100_000);
  const other = await post(server, COMPLETIONS, { prompt: "x", stream: true, max_tokens: 500 });
  expect((await events(other)).length).toBe(500);
  socket.resume();
  const text = await ended;
  const found = [...text.match(/(?<="text":" )[a-z]+/g)!];
  const start = WORDS.indexOf(found[0]!);
  expect(found).toEqual(Array.from({ length: 100_000 }, (_, i) => WORDS[(start + i) % 256]!));
  // What was due while the client did not read is not the server's lateness.
  expect(server.stats().lateness.count).toBe(tokens + 500);
  expect(text).toEndWith("data: [DONE]\n\n\r\n0\r\n\r\n");
});

test("speaks TLS", async () => {
  const folder = scratch();
  const [tlsKey, tlsCert] = [`${folder}/key.pem`, `${folder}/cert.pem`];
  const made = Bun.spawnSync([
    ..."openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2".split(
      " ",
    ),
    ...["-subj", "/CN=localhost", "-keyout", tlsKey, "-out", tlsCert],
  ]);
  if (!made.success) throw new Error(made.stderr.toString());
  const server = await mock({ tlsCert, tlsKey, itlMs: 0.2 });
  const body = { prompt: "x", stream: true, max_tokens: 30 };
  const init = { tls: { rejectUnauthorized: false } };
  expect((await events(await post(server, COMPLETIONS, body, init))).length).toBe(30);
});

test("a port in use is an error with a way out", async () => {
  const { port } = await mock();
  await expect(mock({ port })).rejects.toThrow(`port ${port} cannot be listened on`);
});

test("stopping ends what runs and may be repeated", async () => {
  const server = await mock({ ttftMs: 60_000 });
  const reply = post(server, COMPLETIONS, { prompt: "x" }).catch(() => "broken");
  await until(() => server.stats().running === 1);
  expect(await server.stop()).toMatchObject({ running: 0, completed: 0, left: 0 });
  expect(await server.stop()).toMatchObject({ running: 0 });
  expect(await reply).toBe("broken");
});
