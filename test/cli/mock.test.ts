import { expect, test } from "bun:test";
import { mockHelp, parseMockArgv } from "../../src/cli/mock.ts";

test("reads both ways to give a value", () => {
  expect(parseMockArgv(["--ttft-ms", "20", "--jitter=normal"])).toMatchObject({
    ttftMs: 20,
    jitter: "normal",
    port: 8000,
  });
});

test.each([
  [["--itl", "3"], "aiperf mock knows no --itl"],
  [["out.jsonl"], "aiperf mock knows no out.jsonl"],
  [["--port"], "--port has no value"],
  [["--port", "--host"], "--port has no value"],
  [["--port="], "--port has no value"],
  [["--itl-ms", "-1"], "--itl-ms is -1"],
])("%j is refused in one line", (argv, message) => {
  expect(() => parseMockArgv(argv)).toThrow(message);
});

test("help names every flag and fits 80 columns", () => {
  const help = mockHelp();
  for (const line of help.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  expect(help.match(/^ {2}--/gm)?.length).toBe(19);
});

test("serves until it is told to stop, and then tells how late it was", async () => {
  const main = `${import.meta.dir}/../../src/main.ts`;
  const server = Bun.spawn(["bun", main, "mock", "--port", "0", "--itl-ms", "1"], {
    stdout: "pipe",
    stderr: "inherit",
  });
  let output = "";
  const read = (async () => {
    for await (const piece of server.stdout) output += Buffer.from(piece).toString();
  })();
  while (!output.includes("\n") && server.exitCode === null) await Bun.sleep(5);
  const url = /^mock listens on (http:\/\/127\.0\.0\.1:\d+)\n$/.exec(output)![1]!;
  const body = JSON.stringify({ prompt: "x", stream: true, max_tokens: 5 });
  await (await fetch(`${url}/v1/completions`, { method: "POST", body })).text();
  server.kill("SIGINT");
  expect(await server.exited).toBe(0);
  await read;
  expect(output).toContain("requests 1: 1 completed, 0 errors, 0 dropped, 0 left by the client\n");
  expect(output).toMatch(/tokens 5, .*\nlateness of chunks: p50 \d+\.\d{3} ms, p99 /);
});
