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
