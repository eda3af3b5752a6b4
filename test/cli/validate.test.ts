import { expect, test } from "bun:test";
import { inspectFile } from "#dataset";
import { inspectionText, runValidate } from "../../src/cli/validate.ts";
import { fileOf, refusalOf } from "../dataset/plans.ts";

const SMALL = `${import.meta.dir}/../golden/trace/small.jsonl`;

test("a good trace: its type, its rows, and that all fits together", async () => {
  const found = await inspectFile(SMALL, "mooncake-trace", 512);
  expect(found).toMatchObject({ rows: 12, wrong: 0, errors: [], sessions: 12 });
  expect(inspectionText(SMALL, "mooncake-trace", found).split("\n")).toEqual([
    `${SMALL}: mooncake-trace, 12 rows, 12 sessions`,
    "  ok    every row has a timestamp; they span 1.8 s",
    "  ok    13 blocks of 512 tokens fit the lengths of 12 rows",
    "  ok    every row has the fields of its type",
  ]);
});

test("what does not fit: sizes of blocks, missing times", async () => {
  const texts = async (path: string, blockTokens: number) =>
    (await inspectFile(path, "mooncake-trace", blockTokens)).findings.map(({ text }) => text);
  expect(await texts(SMALL, 64)).toContain(
    "prompts are longer than their blocks at lines 1, 2, 3 and 9 more",
  );
  expect(await texts(SMALL, 1000)).toContain(
    "lengths are less than their blocks of 1000 tokens at lines 1, 2, 4 and 5 more",
  );
  const other = await fileOf(
    { input_length: 9, hash_ids: [1] },
    { input_length: 20, hash_ids: [1, 2] },
  );
  expect(await texts(other, 16)).toContain("blocks have another length than before at line 2");
  const path = await fileOf({ input_length: 9, timestamp: 3 }, { input_length: 9 });
  const half = await inspectFile(path, "mooncake-trace", 512);
  expect(half.findings[0]!.text).toBe("1 of 2 rows have a timestamp, the others none");
  const short = await fileOf({ input_length: 9, hash_ids: [1, 2] });
  const unfit = await inspectFile(short, "mooncake-trace", 512);
  expect(unfit.findings[0]!.text).toBe(
    "lengths are less than their blocks of 512 tokens at line 1",
  );
});

test("the first wrong rows in words, the others counted", async () => {
  const rows = Array.from({ length: 8 }, () => ({ text: 1 }));
  const found = await inspectFile(await fileOf({ text: "a" }, ...rows), "single-turn", 512);
  expect(found).toMatchObject({ rows: 9, wrong: 8, sessions: 1 });
  expect(found.errors.length).toBe(5);
  expect(found.errors[0]).toContain("line 2: text: expected string");
  expect(inspectionText("x", "single-turn", found)).toContain("wrong 3 more rows");
});

test("the verb: a type may stand before the file, and a bad file ends with 1", async () => {
  expect(await runValidate([SMALL])).toBe(0);
  expect(await runValidate(["mooncake_trace", "--input", SMALL])).toBe(0);
  expect(await runValidate([await fileOf({ text: 1 })])).toBe(1);
  expect((await refusalOf(runValidate(["/nowhere"]))).code).toBe("E_INPUT_FILE");
  expect((await refusalOf(runValidate([SMALL, "--type", "x"]))).code).toBe("E_DATA_TYPE");
  expect((await refusalOf(runValidate([]))).code).toBe("E_ARGUMENT");
  expect((await refusalOf(runValidate([SMALL, "--nope", "x"]))).code).toBe("E_FLAG_UNKNOWN");
});
