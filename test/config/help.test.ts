import { describe, expect, test } from "bun:test";
import { knownFlagNames, parseProfile, profileHelp, wantsHelp } from "#config";
import { FLAGS } from "../../src/config/flags/table.ts";
import { SHELL } from "./context.ts";

const HELP = profileHelp();

test("the help fits 80 columns", () => {
  expect(Math.max(...HELP.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(HELP).toEndWith("\n");
});

const named = new Set(HELP.match(/(?<![\w-])--?[a-zA-Z][\w-]*/g));

test.each(
  FLAGS.filter((row) => row.supported !== false).map((row) => [row.names[0], row] as const),
)("the help has %s with its aliases, choices and default", (_, row) => {
  for (const name of row.names) expect(named).toContain(name);
  const flat = HELP.replace(/\s+/g, " ");
  expect(flat).toContain(row.help);
  if (row.kind === "choice") expect(flat).toContain(row.choices?.join(", ") ?? "");
  if (typeof row.default === "number") expect(flat).toContain(`default: ${row.default}`);
});

test("the help names no flag that would be refused", () => {
  const refused = FLAGS.filter((row) => row.supported === false).flatMap((row) => row.names);
  expect(refused.filter((name) => named.has(name))).toEqual([]);
});

describe("the examples work", () => {
  const block = HELP.slice(HELP.indexOf("Examples"), HELP.indexOf("\n\nEndpoint"));
  const examples = block
    .replaceAll("\\\n", " ")
    .split("\n")
    .filter((line) => line.includes("aiperf profile"));
  test("there are some", () => expect(examples.length).toBeGreaterThanOrEqual(2));
  test.each(examples)("%s", (line) => {
    const argv = line.trim().split(/\s+/).slice(2);
    expect(parseProfile(argv, SHELL).endpoint.models).toEqual(["qwen3-0.6b"]);
  });
});

test("help is asked for anywhere", () => {
  expect(wantsHelp(["--isl", "0", "--help"])).toBe(true);
  expect(wantsHelp(["-h"])).toBe(true);
  expect(wantsHelp(["--model", "m"])).toBe(false);
});

test("every known name is answered by name", () => {
  for (const name of knownFlagNames()) expect(name).toStartWith("-");
});
