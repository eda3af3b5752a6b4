import { expect, test } from "bun:test";
import { parseProfile } from "#config";
import { AiperfError } from "#core";
import { waitUntilReady } from "../../src/cli/ready.ts";

const SHELL = { env: {}, cwd: "/", isTerminal: false };

/** Waits as a command line asks for, on a server that answers what it is told to; time is ours. */
async function wait(line: string, answers: (url: string, look: number) => Response | Error) {
  const argv = ["--model", "m", "--url", "http://h:1/v1", "--api-key", "K1", ...line.split(" ")];
  const asked: { url: string; init: BunFetchRequestInit; atMs: number }[] = [];
  const reasons: string[] = [];
  let nowMs = 0;
  const waiting = waitUntilReady(parseProfile(argv, SHELL), {
    async fetch(url, init) {
      const look = asked.filter((other) => other.url === url).length;
      asked.push({ url, init, atMs: nowMs });
      const answer = answers(url, look);
      if (answer instanceof Error) throw answer;
      return answer;
    },
    nowMs: () => nowMs,
    async sleep(ms) {
      nowMs += ms;
    },
    onWaiting: (reason) => reasons.push(reason),
  });
  const error = await waiting.then(() => undefined).catch((caught: unknown) => caught);
  return { asked, reasons, error: error as AiperfError | undefined };
}

const OK = () => new Response("{}");
const listing = (...ids: string[]) => Response.json({ data: ids.map((id) => ({ id })) });

test("nothing is asked unless there is time for it", async () => {
  const { asked, error } = await wait("--concurrency 1", OK);
  expect([asked, error]).toEqual([[], undefined]);
});

test("a short request, with the run's headers, until it is answered", async () => {
  const { asked, reasons, error } = await wait(
    "--streaming --wait-for-model-timeout 30 --wait-for-model-interval 2",
    (_, look) =>
      look === 0 ? new Error("refused") : look === 1 ? new Response("", { status: 503 }) : OK(),
  );
  expect(error).toBeUndefined();
  expect(asked.map(({ atMs }) => atMs)).toEqual([0, 2000, 4000]);
  expect(reasons).toEqual([
    "http://h:1/v1/chat/completions does not answer: refused",
    "http://h:1/v1/chat/completions answers 503",
  ]);
  const { url, init } = asked[0]!;
  expect(url).toBe("http://h:1/v1/chat/completions");
  expect(new Headers(init.headers as Headers).get("authorization")).toBe("Bearer K1");
  expect(JSON.parse(init.body as string)).toMatchObject({
    model: "m",
    stream: false,
    max_completion_tokens: 1,
  });
});

test("the listing, until the model is in it", async () => {
  const { asked, reasons, error } = await wait(
    "--wait-for-model-timeout 30 --wait-for-model-mode models",
    (_, look) =>
      look === 0 ? new Response("<html>") : look === 1 ? listing("x") : listing("x", "m"),
  );
  expect(error).toBeUndefined();
  expect(asked.map(({ url, init }) => [init.method, url])).toEqual(
    Array(3).fill([undefined, "http://h:1/v1/models"]),
  );
  expect(reasons).toEqual(Array(2).fill("http://h:1/v1/models does not list m"));
});

test("both: each of them, on every server", async () => {
  const { asked, error } = await wait(
    "--url http://g:2 --wait-for-model-timeout 1 --wait-for-model-mode both",
    (url) => (url.endsWith("models") ? listing("m") : OK()),
  );
  expect(error).toBeUndefined();
  expect(asked.map(({ url }) => url).toSorted()).toEqual([
    "http://g:2/v1/chat/completions",
    "http://g:2/v1/models",
    "http://h:1/v1/chat/completions",
    "http://h:1/v1/models",
  ]);
});

test("time is up: the last reason is told, and a way out", async () => {
  const { asked, error } = await wait(
    "--wait-for-model-timeout 12 --wait-for-model-interval 5",
    () => new Response("", { status: 404 }),
  );
  expect(error).toBeInstanceOf(AiperfError);
  expect(error!.code).toBe("E_NOT_READY");
  expect(error!.message).toContain(
    "not ready after 12 s: http://h:1/v1/chat/completions answers 404",
  );
  expect(asked.map(({ atMs }) => atMs)).toEqual([0, 5000, 10_000]);
});
