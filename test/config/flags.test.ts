import { describe, expect, test } from "bun:test";
import { SECTIONS } from "../../src/config/flags/row.ts";
import { BY_NAME, FLAGS, GROUPS } from "../../src/config/flags/table.ts";
import { schemaOf } from "../../src/config/values.ts";

const LISTS = ["list", "numbers"];

test("every flag name of AIPerf 0.13 is known, and each name once", () => {
  const names = FLAGS.flatMap((row) => row.names);
  const ofAiperf = FLAGS.filter((row) => row.since !== "own").flatMap((row) => row.names);
  expect(ofAiperf.length).toBe(311);
  expect(new Set(names).size).toBe(names.length);
  expect(BY_NAME.size).toBe(names.length + FLAGS.filter((row) => row.offName).length);
});

test("every section is there once, in order", () => {
  expect(GROUPS.map((group) => group.section)).toEqual([...SECTIONS]);
});

describe.each(FLAGS.map((row) => [row.names[0], row] as const))("%s", (_, row) => {
  test("is a sound row", () => {
    for (const name of row.names) expect(name).toMatch(/^(?:--[a-z][a-z0-9-]+|-[a-zA-Z]|-vv)$/);
    expect(row.names[0]).toStartWith("--");
    expect(row.help).not.toBe("");
    expect(row.help).not.toMatch(/\.$/);
    const hasChoices = (row.choices?.length ?? 0) > 0;
    if (row.kind !== "list") expect(hasChoices).toBe(row.kind === "choice");
    for (const choice of [...(row.choices ?? []), ...(row.choicesLater ?? [])]) {
      expect(choice).toBe(choice.toLowerCase().replaceAll("_", "-"));
    }
    expect(row.min !== undefined && row.above !== undefined).toBe(false);
    expect(row.max !== undefined && row.below !== undefined).toBe(false);
    if (row.offName !== undefined) expect(row.kind).toBe("boolean");
  });

  test("has a default that it would accept", () => {
    if (row.default === undefined) return;
    if (row.kind === "boolean") return expect(typeof row.default).toBe("boolean");
    const items = Array.isArray(row.default) ? row.default : [row.default];
    expect(Array.isArray(row.default)).toBe(LISTS.includes(row.kind));
    for (const item of items) {
      const read = schemaOf(row).safeParse(String(item));
      expect(read.data).toBe(item);
    }
  });
});
