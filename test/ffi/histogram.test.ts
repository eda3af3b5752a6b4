// The truth is a sorted array; the second opinion is hdr-histogram-js, where it is exact: its slots
// come from a rounded logarithm and go wrong just below high powers of two.

import { describe, expect, test } from "bun:test";
import { deflateSync, inflateSync } from "node:zlib";
import fc from "fast-check";
import { build, decodeFromCompressedBase64, encodeIntoCompressedBase64 } from "hdr-histogram-js";
import { Histogram, NANOSECONDS, type Resolution } from "#ffi";
import { javascriptEngine, nativeEngine } from "../../src/ffi/histogram/engine.ts";

const native = nativeEngine();
const engines = [
  ["JavaScript", javascriptEngine],
  ...(native === undefined ? [] : [["native", native] as const]),
] as const;

const PERCENTS = [0, 1, 5, 10, 25, 50, 75, 90, 95, 99, 99.9, 99.99, 100];

/** Values of every size, whole and not. */
const anyValue = (powers: number) =>
  fc
    .tuple(fc.integer({ min: 0, max: powers - 1 }), fc.double({ min: 1, max: 2, noNaN: true }))
    .map(([power, fraction]) => Math.min(2 ** power * fraction, 2 ** powers - 1));

const anyValues = (powers: number, maxLength = 300) =>
  fc.array(fc.oneof(anyValue(powers), fc.integer({ min: 0, max: 5000 })), {
    minLength: 1,
    maxLength,
  });

const anyResolution = fc.record({
  lowest: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 5000 })),
  highest: fc.constantFrom(NANOSECONDS.highest, 3_600_000_000, Number.MAX_SAFE_INTEGER),
  digits: fc.integer({ min: 1, max: 4 }),
});

describe.each(engines)("%s", (_, engine) => {
  test("a percentile is the nearest rank of the sorted values, within the resolution", () => {
    const property = (values: number[], digits: number) => {
      const histogram = Histogram.create({ ...NANOSECONDS, digits }, engine);
      expect(histogram.recordAll(Float64Array.from(values))).toBe(0);
      const sorted = values.map(Math.floor).sort((a, b) => a - b);
      const found = histogram.percentiles(PERCENTS);
      for (const [i, percent] of PERCENTS.entries()) {
        const rank = Math.max(1, Math.ceil((percent * values.length) / 100));
        const truth = sorted[rank - 1]!;
        if (percent > 0) {
          expect(found[i]!).toBeGreaterThanOrEqual(truth);
          expect(found[i]! - truth).toBeLessThanOrEqual(truth / 10 ** digits);
        } else {
          expect(found[i]!).toBeLessThanOrEqual(truth);
          expect(truth - found[i]!).toBeLessThanOrEqual(truth / 10 ** digits);
        }
      }
      expect(histogram.min).toBe(found[0]!);
      expect(histogram.max).toBe(found.at(-1)!);
      expect(histogram.count).toBe(values.length);
    };
    fc.assert(fc.property(anyValues(46), fc.integer({ min: 1, max: 4 }), property), {
      numRuns: 60,
    });
  });

  test("mean and deviation are those of the values, within the resolution", () => {
    const property = (values: number[]) => {
      const histogram = Histogram.create(NANOSECONDS, engine);
      histogram.recordAll(Float64Array.from(values));
      const whole = values.map(Math.floor);
      const mean = whole.reduce((sum, value) => sum + value, 0) / whole.length;
      const squares = whole.reduce((sum, value) => sum + (value - mean) ** 2, 0);
      const found = histogram.moments();
      const error = Math.max(...whole) / 1000;
      expect(Math.abs(found.mean - mean)).toBeLessThanOrEqual(error);
      expect(Math.abs(found.stddev - Math.sqrt(squares / whole.length))).toBeLessThanOrEqual(error);
    };
    fc.assert(fc.property(anyValues(46), property), { numRuns: 60 });
  });

  test("says the same as hdr-histogram-js", () => {
    const property = (values: number[], resolution: Resolution) => {
      const whole = values.map(Math.floor).filter((value) => value < resolution.highest);
      const mine = Histogram.create(resolution, engine);
      const theirs = build({
        lowestDiscernibleValue: resolution.lowest,
        highestTrackableValue: resolution.highest,
        numberOfSignificantValueDigits: resolution.digits as 1 | 2 | 3 | 4,
        bitBucketSize: 64,
      });
      mine.recordAll(Float64Array.from(whole));
      for (const value of whole) theirs.recordValue(value);
      expect(mine.count).toBe(theirs.totalCount);
      expect([...mine.percentiles(PERCENTS)]).toEqual(
        PERCENTS.map((percent) => theirs.getValueAtPercentile(percent)),
      );
      const { mean, stddev } = mine.moments();
      expect(mean).toBe(theirs.mean);
      expect(stddev).toBe(theirs.stdDeviation);
    };
    fc.assert(fc.property(anyValues(40), anyResolution, property), { numRuns: 60 });
  });

  test("leaves out what has no slot, and says how many", () => {
    const histogram = Histogram.create({ lowest: 1, highest: 1000, digits: 2 }, engine);
    const values = [1, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, 1e6, 1023, 1024, -0];
    expect(histogram.recordAll(Float64Array.from(values))).toBe(6);
    expect(histogram.count).toBe(3);
    expect(histogram.max).toBe(1023);
    expect(values.map((value) => histogram.record(value)).filter((kept) => !kept).length).toBe(6);
  });

  test("an empty one answers 0", () => {
    const histogram = Histogram.create(NANOSECONDS, engine);
    expect(histogram.recordAll(new Float64Array(0))).toBe(0);
    expect([...histogram.percentiles(PERCENTS)]).toEqual(PERCENTS.map(() => 0));
    expect(histogram.moments()).toEqual({ mean: 0, stddev: 0 });
    expect([histogram.min, histogram.max, histogram.count]).toEqual([0, 0, 0]);
    expect([...histogram.percentiles([])]).toEqual([]);
  });

  test("percentiles in any order, and the same one twice", () => {
    const histogram = Histogram.create(NANOSECONDS, engine);
    histogram.recordAll(Float64Array.from({ length: 1000 }, (_, i) => i + 1));
    expect([...histogram.percentiles([99, 50, 50, 1, 99.9, 0])]).toEqual([
      990, 500, 500, 10, 999, 1,
    ]);
  });

  test("a merge is the same as recording all, in whatever order", () => {
    const property = (parts: number[][], resolution: Resolution) => {
      const of = (values: readonly number[]) => {
        const histogram = Histogram.create(resolution, engine);
        histogram.recordAll(Float64Array.from(values));
        return histogram;
      };
      const [a, b, c] = parts.map(of) as [Histogram, Histogram, Histogram];
      const together = of(parts.flat());
      const left = of([]);
      for (const part of [a, b, c]) expect(left.merge(part)).toBe(0);
      expect(c.merge(b)).toBe(0);
      expect(a.merge(c)).toBe(0);
      expect(left.memory).toEqual(together.memory);
      expect(a.memory).toEqual(together.memory);
    };
    const parts = fc.array(anyValues(46, 50), { minLength: 3, maxLength: 3 });
    fc.assert(fc.property(parts, anyResolution, property), { numRuns: 30 });
  });

  test("merges into another resolution, leaving out what is beyond it", () => {
    const fine = Histogram.create({ lowest: 1, highest: 1e9, digits: 4 }, engine);
    fine.recordAll(Float64Array.of(10, 1000, 65_000, 65_536, 1e8));
    const coarse = Histogram.create({ lowest: 1, highest: 65_000, digits: 2 }, engine);
    expect(coarse.merge(fine)).toBe(2);
    expect(coarse.count).toBe(3);
    expect(coarse.percentile(1)).toBe(10);
    expect(coarse.max).toBeGreaterThanOrEqual(65_000);
  });

  test("works in shared memory", () => {
    const writer = Histogram.createShared(NANOSECONDS, engine);
    const reader = Histogram.over(writer.memory, engine);
    writer.recordAll(Float64Array.of(1, 2, 3));
    expect(writer.memory.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(reader.percentile(50)).toBe(2);
    writer.clear();
    expect(reader.count).toBe(0);
    expect(reader.resolution).toEqual(NANOSECONDS);
  });
});

test.if(native !== undefined)("C and JavaScript give the same bits", () => {
  const property = (values: number[], others: number[], resolution: Resolution) => {
    const [inC, inJs] = [native!, javascriptEngine].map((engine) => {
      const histogram = Histogram.create(resolution, engine);
      const other = Histogram.create({ ...resolution, digits: 3 }, engine);
      const leftOut = [
        histogram.recordAll(Float64Array.from(values)),
        other.recordAll(Float64Array.from(others)),
        histogram.merge(other),
      ];
      return [leftOut, histogram.memory, histogram.percentiles(PERCENTS), histogram.moments()];
    });
    expect(inC).toEqual(inJs!);
  };
  const anything = fc.array(fc.oneof(fc.double(), anyValue(54)), { maxLength: 300 });
  fc.assert(fc.property(anything, anyValues(53), anyResolution, property), { numRuns: 100 });
});

describe("the V2 encoding", () => {
  test("comes back as it went", () => {
    const property = (values: number[], resolution: Resolution) => {
      const histogram = Histogram.create(resolution);
      histogram.recordAll(Float64Array.from(values));
      const back = Histogram.decode(histogram.encode());
      expect(back.memory).toEqual(histogram.memory);
      expect(back.resolution).toEqual(resolution);
    };
    fc.assert(fc.property(anyValues(53), anyResolution, property), { numRuns: 60 });
  });

  test("is read by hdr-histogram-js", () => {
    const property = (values: number[], resolution: Resolution) => {
      const histogram = Histogram.create(resolution);
      histogram.recordAll(Float64Array.from(values));
      const theirs = decodeFromCompressedBase64(histogram.encode(), 64);
      expect(theirs.totalCount).toBe(histogram.count);
      expect(theirs.getValueAtPercentile(50)).toBe(histogram.percentile(50));
      expect(theirs.getValueAtPercentile(100)).toBe(histogram.percentile(100));
    };
    fc.assert(fc.property(anyValues(40), anyResolution, property), { numRuns: 60 });
  });

  test("of hdr-histogram-js is read here", () => {
    const property = (values: number[], resolution: Resolution) => {
      const whole = values.map(Math.floor).filter((value) => value < resolution.highest);
      const theirs = build({
        lowestDiscernibleValue: resolution.lowest,
        highestTrackableValue: resolution.highest,
        numberOfSignificantValueDigits: resolution.digits as 1 | 2 | 3 | 4,
        bitBucketSize: 64,
      });
      for (const value of whole) theirs.recordValue(value);
      const mine = Histogram.create(resolution);
      mine.recordAll(Float64Array.from(whole));
      const read = Histogram.decode(encodeIntoCompressedBase64(theirs));
      expect(read.memory).toEqual(mine.memory);
    };
    fc.assert(fc.property(anyValues(40), anyResolution, property), { numRuns: 60 });
  });

  test("keeps great counts", () => {
    const histogram = Histogram.create();
    histogram.record(5);
    histogram.record(7);
    const five = histogram.memory.indexOf(1, 8);
    for (const count of [63, 64, 2 ** 31, 2 ** 32 + 1, 2 ** 52 + 1]) {
      histogram.memory[five] = count;
      const back = Histogram.decode(histogram.encode());
      expect(back.memory[five]).toBe(count);
      expect(back.count).toBe(count + 1);
    }
  });

  test("of an empty one is read back", () => {
    expect(Histogram.decode(Histogram.create().encode()).count).toBe(0);
  });

  test("damaged in any way is an error with a code, or another histogram", () => {
    const histogram = Histogram.create({ ...NANOSECONDS, digits: 2 });
    histogram.recordAll(Float64Array.from({ length: 100 }, (_, i) => i * i * 1000));
    const packed = Buffer.from(histogram.encode(), "base64");
    const plain = inflateSync(packed.subarray(8));
    let errors = 0;
    const tryOut = (bytes: Buffer) => {
      try {
        expect(Histogram.decode(bytes.toString("base64")).count).toBeGreaterThanOrEqual(0);
      } catch (error) {
        expect((error as { code?: string }).code).toBe("E_HISTOGRAM");
        errors++;
      }
    };
    const change = fc.record({ at: fc.nat(plain.length - 1), byte: fc.nat(255) });
    const property = (changes: { at: number; byte: number }[], length: number) => {
      // Under the checksum of zlib, where damage is a matter of the format, and above it.
      const inner = deflateSync(damaged(plain, changes, length));
      const head = Buffer.from(packed.subarray(0, 8));
      head.writeUInt32BE(inner.length, 4);
      tryOut(Buffer.concat([head, inner]));
      tryOut(damaged(packed, changes, length));
    };
    const changes = fc.array(change, { minLength: 1, maxLength: 4 });
    const lengths = fc.oneof(fc.constant(plain.length), fc.nat(plain.length));
    fc.assert(fc.property(changes, lengths, property), { numRuns: 300 });
    expect(errors).toBeGreaterThan(0);
  });
});

function damaged(bytes: Buffer, changes: { at: number; byte: number }[], length: number): Buffer {
  const copy = Buffer.from(bytes.subarray(0, length));
  for (const { at, byte } of changes) if (at < copy.length) copy[at] = byte;
  return copy;
}
