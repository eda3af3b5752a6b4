// What a person sees on a terminal, and that none of it is in the way where there is none.

import { expect, test } from "bun:test";
import { aiperf, profile, SHORT, until } from "./aiperf.ts";
import { startMock } from "./mock.ts";
import { onTerminal, screenOf } from "./terminal.ts";

const COLOR = /\x1b\[[\d;]*m/;
const SHORT_RUN = ["--streaming", "--concurrency", "4", "--request-count", "24", ...SHORT];

test("on a terminal a line tells how far the run is, in place, and stays with the end", async () => {
  await using mock = await startMock("--ttft-ms", "100");
  const { status, raw } = await onTerminal(profile(mock.url, ...SHORT_RUN), 80);
  expect(status).toBe(0);
  const drawn = raw.match(/\r\x1b\[KProfiling [^\r]*/g) ?? [];
  expect(drawn.length).toBeGreaterThan(2);
  expect(raw).toMatch(/4 in flight/);
  const live = screenOf(raw).filter((line) => line.startsWith("Profiling"));
  expect(live).toEqual([
    expect.stringMatching(/^Profiling ━+ 24\/24 100% · 0 errors · [\d.]+ req/),
  ]);
});

test("80 columns are enough for all that has a choice", async () => {
  await using mock = await startMock("--error-rate", "0.5");
  const { status, raw } = await onTerminal(profile(mock.url, ...SHORT_RUN), 80);
  expect(status).toBe(0);
  const screen = screenOf(raw);
  expect(screen.filter((line) => line.startsWith("┏")).length).toBe(2);
  // The log and the echoed command are one line each, to be copied and searched.
  const wide = screen.filter((line) => Bun.stringWidth(line) > 80);
  expect(wide.filter((line) => !/^(\d\d:\d\d:\d\d|CLI Command:)/.test(line))).toEqual([]);
});

test("colour is for terminals that did not say no, and the log has none", async () => {
  await using mock = await startMock();
  const args = profile(mock.url, ...SHORT_RUN);
  const colored = await onTerminal(args, 120);
  expect(colored.raw).toMatch(COLOR);
  for (const line of colored.raw.split("\n").filter((line) => /^\S*\d\d:\d\d:\d\d\./.test(line)))
    expect(line).not.toMatch(COLOR);
  const plain = await onTerminal(args, 120, { NO_COLOR: "1" });
  expect(plain.raw).not.toMatch(COLOR);
  expect(plain.raw).toContain("\x1b[KProfiling");
  const dumb = await onTerminal(args, 120, { TERM: "dumb" });
  expect(dumb.raw).not.toContain("\x1b");
});

test("Ctrl-C typed on the terminal is answered at once, above the line", async () => {
  await using mock = await startMock("--ttft-ms", "50");
  const flags = ["--concurrency", "2", "--request-count", "100000", "--num-prompts", "10"];
  const { status, raw } = await onTerminal(
    profile(mock.url, ...flags, ...SHORT),
    100,
    {},
    async (type, shown) => {
      await until("requests are in flight", () => /[1-9] in flight/.test(shown()));
      type("\x03");
    },
  );
  expect(status).toBe(130);
  const screen = screenOf(raw);
  const said = screen.findIndex((line) => line.includes("interrupted: "));
  const live = screen.findIndex((line) => line.startsWith("Profiling"));
  expect(said).toBeGreaterThan(0);
  expect(live).toBe(said + 1);
  expect(screen.join("\n")).toContain("INCOMPLETE RESULTS");
});

test("where there is no terminal there is no escape code, and no line but the log's on stderr", async () => {
  await using mock = await startMock("--error-rate", "0.3");
  await using run = await aiperf(profile(mock.url, ...SHORT_RUN), { env: { FORCE_COLOR: "1" } });
  expect(run).toMatchObject({ status: 0 });
  const texts = run.artifacts.files().map((name) => run.artifacts.text(name));
  for (const text of [run.stdout, run.stderr, ...texts]) expect(text).not.toContain("\x1b");
  for (const line of run.stderr.trimEnd().split("\n"))
    expect(line).toMatch(/^\d\d:\d\d:\d\d\.\d{3} [A-Z]+ +\S/);
  expect(run.stdout).toContain("AIPerf | LLM Metrics");
});

test("--ui none keeps a terminal quiet", async () => {
  await using mock = await startMock();
  const { raw } = await onTerminal(profile(mock.url, "--ui", "none", ...SHORT_RUN), 100);
  expect(raw).not.toContain("Profiling");
  expect(raw).toContain("AIPerf | LLM Metrics");
});
