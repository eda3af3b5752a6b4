// Command lines that cannot be obeyed: one line on stderr that says what, where and the way out,
// status 1, and not a byte sent or written.

import { expect, test } from "bun:test";
import { existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { aiperf, LLAMA2, scratch } from "./aiperf.ts";
import { serve } from "./wire.ts";

/** Flags after `profile`, and what the line must contain. */
const REFUSED: readonly (readonly [flags: readonly string[], ...parts: readonly string[]])[] = [
  [["--isl", "0"], "--isl", "give a length"],
  [["--isl", "-5"], '--isl is "-5"', "at least 0"],
  [["--osl", "0"], "--osl", "at least 1"],
  [["--concurrency", "-1"], "--concurrency", "at least 1"],
  [["--request-count", "0"], "--request-count", "at least 1"],
  [["--request-count", "1.5"], "--request-count", "whole number"],
  [["--request-count", "many"], '--request-count is "many"', "whole number"],
  [["--benchmark-duration", "0"], "--benchmark-duration", "above 0"],
  [["--benchmark-grace-period", "5"], "no duration", "--benchmark-duration"],
  [["--url", "http://local host:8000"], "--url", "has a space", "%20"],
  [["--url", "ftp://localhost"], "scheme ftp", "http://"],
  [["--url", "localhost:99999"], "port", "65535"],
  [["--concurency", "5"], '"--concurency" is not a flag', "--concurrency"],
  [["--goodput", "latency:100"], '--goodput sets a limit on "latency"', "request_latency"],
  [["--concurrency", "1,2,4"], "--concurrency with several values", "run once for each"],
  [["--endpoint-type", "telepathy"], '--endpoint-type is "telepathy"', "chat, completions"],
  [["--endpoint-type", "chatt"], '"chatt"', "chat"],
  [["--streaming=maybe"], "--streaming takes no value"],
  [["--tokenizer"], "--tokenizer", "value"],
  [["--header", "nonsense"], "--header", "key:value"],
  [["--artifact-dir", "file/inside"], '"file/inside"', "is a file", "--artifact-dir"],
  [["--artifact-dir", "file"], '"file"', "is a file", "--artifact-dir"],
  [["--artifact-dir", "/proc/nowhere"], "/proc/nowhere", "--artifact-dir"],
];

test.each(REFUSED.map(([flags, ...parts]) => [flags.join(" "), flags, parts] as const))(
  "profile %s is refused",
  async (_, flags, parts) => {
    using server = serve((wire) => wire.end());
    const cwd = scratch();
    writeFileSync(join(cwd, "file"), "");
    const url = flags.includes("--url") ? [] : ["--url", server.authority];
    const run = await aiperf(["profile", "--model", "m", ...flags, ...url], { cwd });
    expect(run).toMatchObject({ status: 1, stdout: "" });
    expect(run.stderr.trimEnd()).toBe(run.complaint);
    expect(run.complaint).toMatch(/^aiperf: .+ \[E_[A-Z_]+\]$/);
    for (const part of parts) expect(run.complaint).toContain(part);
    expect(server.received).toEqual([]);
    expect(readdirSync(cwd)).toEqual(["file"]);
    rmSync(cwd, { recursive: true });
  },
);

test("a missing model is asked for", async () => {
  await using run = await aiperf(["profile", "--url", "localhost:1"]);
  expect(run).toMatchObject({ status: 1, stdout: "" });
  expect(run.stderr).toBe("aiperf: --model is missing; add --model NAME [E_FLAG_MISSING]\n");
  expect(existsSync(join(run.cwd, "artifacts"))).toBe(false);
});

test.each([
  ["a hub id that is not in the cache", "no-such/tokenizer", "HF_HUB_OFFLINE"],
  ["a folder without a tokenizer", ".", "no tokenizer.json"],
])("%s: what was tried, and the way out", async (_, name, tried) => {
  using server = serve((wire) => wire.end());
  await using run = await aiperf([
    ...["profile", "-m", "m", "-u", server.authority, "--tokenizer", name],
  ]);
  expect(run).toMatchObject({ status: 1, stdout: "" });
  for (const part of [name, tried, "--tokenizer builtin"]) expect(run.complaint).toContain(part);
  expect(server.received).toEqual([]);
});

test("a model name that is no tokenizer is counted with the built-in one, and that is said", async () => {
  using server = serve((wire) => wire.end());
  await using run = await aiperf([
    ...["profile", "-m", "no-such/model", "-u", server.authority, "--artifact-dir", "out"],
    ...["--isl", "20", "--request-count", "1"],
  ]);
  const warning = "tokens are counted with the built-in o200k_base";
  expect(run.stderr).toContain(warning);
  expect(run.stdout).toContain(warning);
  expect(run.artifacts.summary().metadata?.notes.join()).toContain(warning);
});

test.each([
  [["profil"], 'no command "profil"', "profile"],
  [["mock", "--bogus"], "--bogus", "aiperf mock --help"],
  [["mock", "--port", "99999"], "--port is 99999", "65535"],
])("%j is refused", async (args, what, wayOut) => {
  await using run = await aiperf(args);
  expect(run).toMatchObject({ status: 1, stdout: "" });
  expect(run.stderr.trimEnd()).toBe(run.complaint);
  expect(run.complaint).toContain(what);
  expect(run.complaint).toContain(wayOut);
});

test.each([
  [["--help"]],
  [["profile", "--help"]],
  [["help", "profile"]],
  [["mock", "--help"]],
  [["--version"]],
])("%j answers on stdout within 80 columns", async (args) => {
  await using run = await aiperf(args);
  expect(run).toMatchObject({ status: 0, stderr: "" });
  expect(run.stdout.trim()).not.toBe("");
  for (const line of run.stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
});

test("nothing at all: the verbs are listed, and it is no success", async () => {
  await using run = await aiperf([]);
  expect(run.status).toBe(1);
  expect(run.stdout).toContain("aiperf profile");
});

test("one word too many is not taken for a value", async () => {
  await using run = await aiperf(["profile", "-m", "m", "--tokenizer", LLAMA2, "extra"]);
  expect(run).toMatchObject({ status: 1 });
  expect(run.complaint).toContain('"extra"');
});
