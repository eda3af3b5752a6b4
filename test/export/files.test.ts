import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AiperfError } from "#core";
import {
  artifactNames,
  dropBrokenEnd,
  openLineFile,
  prepareArtifactDir,
  startLineFile,
  writeArtifacts,
  writeWhole,
} from "#export";

const dir = mkdtempSync(join(tmpdir(), "aiperf-export-"));
afterAll(() => rmSync(dir, { recursive: true }));

const read = (name: string): string => readFileSync(join(dir, name), "utf8");

function errorOf(act: () => void): AiperfError {
  try {
    act();
  } catch (error) {
    if (error instanceof AiperfError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

test("artifacts are written, in folders that are made for them", () => {
  const pieces = ["one ", "two"];
  const { written, failures } = writeArtifacts(dir, [
    { name: "a.json", text: () => "{}" },
    { name: "deep/er/b.txt", text: () => pieces },
  ]);
  expect([written, failures]).toEqual([["a.json", "deep/er/b.txt"], []]);
  expect([read("a.json"), read("deep/er/b.txt")]).toEqual(["{}", "one two"]);
});

test("one that fails leaves the others alone and says where", () => {
  writeFileSync(join(dir, "file"), "");
  const { written, failures } = writeArtifacts(dir, [
    { name: "file/under.json", text: () => "{}" },
    {
      name: "broken.json",
      text: () => {
        throw new Error("no figures");
      },
    },
    { name: "fine.json", text: () => "{}" },
  ]);
  expect(written).toEqual(["fine.json"]);
  expect(failures.map((failure) => failure.code)).toEqual(["E_ARTIFACT_DIR", "E_ARTIFACT"]);
  expect(failures[0]!.message).toContain(join(dir, "file/under.json"));
  expect(failures[1]!.message).toContain("no figures");
});

test("a file is replaced as a whole or not at all", () => {
  writeWhole(join(dir, "whole.json"), "old");
  const breaking = function* () {
    yield "half of the new";
    throw new Error("stopped");
  };
  expect(() => writeWhole(join(dir, "whole.json"), breaking())).toThrow("stopped");
  expect(read("whole.json")).toBe("old");
  expect(readdirSync(dir).filter((name) => name.includes("part"))).toEqual([]);
});

test("a directory that cannot be made is refused before the run", () => {
  writeFileSync(join(dir, "taken"), "");
  const error = errorOf(() => prepareArtifactDir(join(dir, "taken/artifacts")));
  expect(error.code).toBe("E_ARTIFACT_DIR");
  expect(error.message).toContain(join(dir, "taken/artifacts"));
  expect(error.message).toContain("--artifact-dir");
  prepareArtifactDir(join(dir, "new/artifacts"));
  expect(statSync(join(dir, "new/artifacts/logs")).isDirectory()).toBe(true);
});

test.skipIf(process.platform !== "linux")("a full disk is called one", () => {
  const lines = openLineFile("/dev/full");
  lines.write("{}");
  const error = errorOf(() => lines.flush());
  expect([error.code, error.message]).toEqual(["E_DISK", expect.stringContaining("/dev/full")]);
  lines.close();
});

test("recorders share a file of lines; an older one is emptied first", () => {
  const path = join(dir, "lines.jsonl");
  writeFileSync(path, "from an older run\n");
  startLineFile(path);
  const [left, right] = [openLineFile(path), openLineFile(path)];
  const long = "x".repeat(10_000);
  for (let i = 0; i < 20; i++) {
    left.write(JSON.stringify({ left: i, long }));
    right.write(JSON.stringify({ right: i, long }));
  }
  left.flush();
  left.close();
  right.close();
  const lines = read("lines.jsonl").trimEnd().split("\n");
  expect(lines.length).toBe(40);
  expect(lines.map((line) => Object.keys(JSON.parse(line))[0]).sort()).toEqual([
    ...Array.from({ length: 20 }, () => "left"),
    ...Array.from({ length: 20 }, () => "right"),
  ]);
});

test.each([
  ["", ""],
  ["half a line", ""],
  ["one\ntwo\n", "one\ntwo\n"],
  ["one\ntwo\nthr", "one\ntwo\n"],
  [`one\n${"x".repeat(200_000)}`, "one\n"],
])("what follows the last whole line is dropped (%#)", (before, after) => {
  const path = join(dir, "broken.jsonl");
  writeFileSync(path, before);
  dropBrokenEnd(path);
  expect(read("broken.jsonl")).toBe(after);
});

test("file names, with and without a prefix", () => {
  expect(artifactNames()).toEqual({
    summaryJson: "profile_export_aiperf.json",
    summaryCsv: "profile_export_aiperf.csv",
    records: "profile_export.jsonl",
    raw: "profile_export_raw.jsonl",
    timeslicesJson: "profile_export_aiperf_timeslices.json",
    timeslicesCsv: "profile_export_aiperf_timeslices.csv",
    networkLatency: "profile_export_network_latency.jsonl",
    ...{ outputs: "outputs.json", outputLines: ".outputs.jsonl", manifest: "phase_manifest.json" },
    ...{ run: ".aiperf_run.json", ready: ".aiperf_results_ready.json" },
    console: "profile_export_console.txt",
    inputs: "inputs.json",
    log: "logs/aiperf.log",
  });
  expect(artifactNames("foo")).toMatchObject({
    summaryJson: "foo.json",
    records: "foo.jsonl",
    raw: "foo_raw.jsonl",
    timeslicesCsv: "foo_timeslices.csv",
    console: "foo_console.txt",
    inputs: "inputs.json",
  });
});

test.each([
  ["foo.json", "foo.csv"],
  ["/some/where/foo", "foo.csv"],
  ["foo_raw.jsonl", "foo.csv"],
  ["foo_timeslices.json", "foo.csv"],
  ["v1.2", "v1.2.csv"],
  ["/some/where/", "profile_export_aiperf.csv"],
])("the prefix %s names %s", (prefix, csv) => {
  expect(artifactNames(prefix).summaryCsv).toBe(csv);
});
