// Every file of a run against the shape that the program publishes for it, as the schemas here say
// and, where Python has a validator, as somebody else reads the printed ones.

import { afterAll, beforeAll, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { PUBLISHED } from "../../src/cli/schema.ts";
import { aiperf, type Finished, profile } from "./aiperf.ts";
import { linesOf } from "./artifacts.ts";
import { startMock } from "./mock.ts";

const FLAGS =
  "--streaming --concurrency 4 --request-count 30 --warmup-request-count 4 --slice-duration 0.1 " +
  "--goodput time_to_first_token:1000 --percentiles 75,99.9 --export-level raw " +
  "--export-http-trace --export-outputs-json --network-latency-automatic " +
  "--network-latency-ping-interval 0.05 --request-cancellation-rate 20 " +
  "--request-cancellation-delay 0.005 --tokenizer builtin --isl 20 --osl 6";

let run: Finished;
beforeAll(async () => {
  await using mock = await startMock(..."--ttft-ms 15 --itl-ms 2 --error-rate 0.2".split(" "));
  run = await aiperf(profile(mock.url, ...FLAGS.split(" ")));
  expect(run.status, run.stderr).toBe(0);
});
afterAll(() => run[Symbol.asyncDispose]());

const cells = (table: string): readonly (readonly string[])[] =>
  table
    .trimEnd()
    .split("\r\n")
    .map((line) => line.split(","));

/** What is read of a file: one value or, where it has lines, many. */
const READERS: { readonly [name: string]: (text: string) => readonly unknown[] } = {
  csv: (text) => {
    const [spread, single] = text.split("\r\n\r\n").map(cells);
    return [{ spread, single }];
  },
  "timeslices-csv": (text) => [cells(text)],
  metric: (text) => [JSON.parse(text).request_latency],
  audit: (text) => [JSON.parse(text).audit],
  trace: (text) => linesOf(text).map((line) => JSON.parse(line).trace_data),
};

const fileOf = (of: string) => /[\w.]+\.(jsonl?|csv)/.exec(of)?.[0];
const FILES: { readonly [name: string]: string } = {
  metric: "profile_export_aiperf.json",
  audit: "profile_export_aiperf.json",
  trace: "profile_export.jsonl",
};

/** What a run left that has this shape. */
function valuesOf({ name, of }: (typeof PUBLISHED)[number]): readonly unknown[] {
  const file = FILES[name] ?? fileOf(of)!;
  const text = run.artifacts.text(file);
  const read = READERS[name];
  if (read !== undefined) return read(text);
  return file.endsWith(".jsonl")
    ? linesOf(text).map((line) => JSON.parse(line))
    : [JSON.parse(text)];
}

test.each(PUBLISHED.map((row) => [row.name, row] as const))("%s", (_, row) => {
  const values = valuesOf(row);
  expect(values.length).toBeGreaterThan(0);
  for (const value of values) expect(row.schema.safeParse(value).error).toBeUndefined();
});

test("no file for programs is without a schema", () => {
  const known = new Set(PUBLISHED.map(({ of }) => fileOf(of)));
  const files = run.artifacts.files().map((path) => path.slice(path.lastIndexOf("/") + 1));
  const forPeople = ["aiperf.log", "profile_export_console.txt"];
  expect(files.filter((file) => !known.has(file) && !forPeople.includes(file))).toEqual([]);
});

test("names are listed, each with what it is the shape of; an unknown one is refused", async () => {
  await using list = await aiperf(["schema"]);
  expect(list.status).toBe(0);
  for (const { name, of } of PUBLISHED)
    expect(list.stdout).toMatch(new RegExp(`^  ${name} +${RegExp.escape(of)}$`, "m"));
  await using wrong = await aiperf(["schema", "nothing"]);
  expect(wrong.status).toBe(1);
  expect(wrong.complaint).toContain("use one of summary, ");
});

const PYTHON = Bun.which("python3") ?? "";
const hasValidator =
  PYTHON !== "" && Bun.spawnSync([PYTHON, "-c", "import jsonschema"]).exitCode === 0;

test.skipIf(!hasValidator)("others read the printed schemas as they are meant", async () => {
  const cases = await Promise.all(
    PUBLISHED.map(async (row) => {
      await using printed = await aiperf(["schema", row.name]);
      return { name: row.name, schema: JSON.parse(printed.stdout), values: valuesOf(row) };
    }),
  );
  writeFileSync(join(run.cwd, "cases.json"), JSON.stringify(cases));
  const script = `
import json, jsonschema
for case in json.load(open("cases.json")):
    check = jsonschema.Draft202012Validator(case["schema"])
    check.check_schema(case["schema"])
    errors = [error.message[:200] for value in case["values"] for error in check.iter_errors(value)]
    print(case["name"], errors[:3], check.is_valid({"no": "such"}))
`;
  const python = Bun.spawnSync([PYTHON, "-c", script], { cwd: run.cwd });
  expect(python.stdout.toString().trim().split("\n")).toEqual(
    PUBLISHED.map(({ name }) => `${name} [] False`),
  );
});
