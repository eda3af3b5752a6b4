import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { checked } from "#ffi";

test("an answer passes", () => {
  expect(checked(0, "it")).toBe(0);
  expect(checked(7, "it")).toBe(7);
});

test("every code of core.h has a name of its own", () => {
  const header = readFileSync(`${import.meta.dir}/../../native/core.h`, "utf8");
  const codes = [...header.matchAll(/CORE_E\w+ = (-\d+)/g)].map((match) => Number(match[1]));
  expect(codes.length).toBeGreaterThan(0);
  const names = codes.map((code) => {
    try {
      return checked(code, "the core");
    } catch (error) {
      return (error as { code?: string }).code;
    }
  });
  expect(new Set(names).size).toBe(codes.length);
  expect(names).not.toContain("E_NATIVE");
});

test("an unknown code is still an error", () => {
  expect(() => checked(-99, "the core")).toThrow("failed with -99");
});
