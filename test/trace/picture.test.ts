import { expect, test } from "bun:test";
import { arrivalBars, drawBars, grouped, lengthBars, seconds, shortCount, traceOf } from "#trace";
import { row } from "./rows.ts";

test("bars to scale, with their labels and notes, as wide as asked", () => {
  const bars = [
    { label: "a", value: 4, note: "4" },
    { label: "b", value: 1, note: "1" },
    { label: "c", value: 0, note: "0" },
  ];
  const lines = drawBars("Title", bars, 4, 62).split("\n");
  expect(lines[0]).toBe("Title");
  expect(lines.slice(1).every((line) => line.length <= 62)).toBe(true);
  const full = (line: string) => line.replace(/[^█]/g, "").length;
  expect(lines.slice(1).map(full)).toEqual([40, 10, 0]);
});

test("every length is in one class, and the classes have no gaps", () => {
  const bars = lengthBars(Float64Array.of(1, 5, 6, 64, 127, 128, Number.NaN));
  expect(bars.map(({ label }) => label).slice(0, 3)).toEqual(["1–1", "2–3", "4–7"]);
  expect(bars.map(({ value }) => value)).toEqual([1, 0, 2, 0, 0, 0, 2, 1]);
});

test("every request is in one stretch of time", () => {
  const rows = Array.from({ length: 100 }, (_, i) => row(1, [], 1, 5000 + i * 1000));
  const bars = arrivalBars(traceOf(rows));
  expect(bars.length).toBeLessThanOrEqual(12);
  expect(bars.reduce((sum, { value }) => sum + value, 0)).toBe(100);
  expect(arrivalBars(traceOf([row(1)]))).toEqual([]);
});

test("numbers as people read them", () => {
  expect([grouped(1234567), grouped(999), grouped(1000)]).toEqual(["1,234,567", "999", "1,000"]);
  expect([7, 32768, 131072, 93_600_000].map(shortCount)).toEqual(["7", "32.8k", "131k", "93.6M"]);
  expect([90, 300, 7200].map(seconds)).toEqual(["90 s", "5 min", "2 h"]);
});
