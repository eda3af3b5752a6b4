import { expect, test } from "bun:test";
import fc from "fast-check";
import { rngStream } from "#core";
import type { Moment } from "../../src/metrics/moment.ts";
import { ascendingOrder } from "../../src/metrics/order.ts";
import { TimeWeighted } from "../../src/metrics/time-weighted.ts";
import { Timeline, type TimelineData } from "../../src/metrics/timeline.ts";

const positive = fc.double({ min: 0, max: 1e15, noNaN: true });

test("the order is that of a plain stable sort", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(positive, fc.nat({ max: 3 })), { maxLength: 300 }), (values) => {
      const plain = values.map((_, i) => i).sort((a, b) => values[a]! - values[b]!);
      expect([...ascendingOrder(Float64Array.from(values))]).toEqual(plain);
    }),
  );
});

test("and so it is of many", () => {
  const values = Array.from({ length: 20_000 }, (_, i) => ((i * 7919) % 5003) * 1e9 + (i % 3));
  const plain = values.map((_, i) => i).sort((a, b) => values[a]! - values[b]! || a - b);
  expect([...ascendingOrder(Float64Array.from(values))]).toEqual(plain);
});

const held = fc.array(fc.tuple(positive, fc.integer({ min: 0, max: 1000 })), { minLength: 1 });

/** The smallest value that is not exceeded for a share of the time. */
function plainQuantile(pairs: readonly (readonly [number, number])[], percent: number): number {
  const total = pairs.reduce((sum, [, weight]) => sum + weight, 0);
  const shareUpTo = (limit: number): number =>
    pairs.reduce((sum, [value, weight]) => sum + (value <= limit ? weight : 0), 0);
  const values = pairs.filter(([, weight]) => weight > 0).map(([value]) => value);
  return values.sort((a, b) => a - b).find((value) => shareUpTo(value) * 100 >= percent * total)!;
}

test("a value that held longer weighs more", () => {
  fc.assert(
    fc.property(held, (pairs) => {
      const [weighted, kept] = [new TimeWeighted(), new TimeWeighted(true)];
      for (const [value, weight] of pairs) {
        weighted.add(value, weight);
        kept.add(value, weight);
      }
      const total = pairs.reduce((sum, [, weight]) => sum + weight, 0);
      const rough = weighted.stats();
      if (total === 0) return expect(rough).toBeUndefined();
      const mean = pairs.reduce((sum, [value, weight]) => sum + value * weight, 0) / total;
      const squares = pairs.reduce((sum, [value, w]) => sum + w * (value - mean) ** 2, 0);
      expect(rough!.avg! / mean || 1).toBeCloseTo(1, 9);
      // The plain computation rounds at the size of its values, whatever their spread is.
      const largest = Math.max(...pairs.map(([value]) => value));
      const plainStd = Math.sqrt(squares / total);
      expect(Math.abs(rough!.std! - plainStd)).toBeLessThanOrEqual(
        1e-6 * plainStd + 1e-12 * largest + 1e-9,
      );

      const exact = kept.stats();
      for (const percent of [50, 90, 95, 99] as const) {
        const plain = plainQuantile(pairs, percent);
        expect(exact?.[`p${percent}`]).toBe(plain);
        if (plain < 2 ** 40) {
          const off = Math.abs(rough![`p${percent}`]! - plain);
          expect(off).toBeLessThanOrEqual(plain * 0.0005 + 0.001);
        }
      }
    }),
  );
});

test("time of rest counts as zeros, or not at all", () => {
  const weighted = new TimeWeighted(true);
  weighted.add(10, 20);
  weighted.rest(60);
  weighted.add(30, 20);
  // Zeros for 60 %, then 10 up to 80 %; the variance is 0.2 * 100 + 0.2 * 900 - 8 * 8.
  expect(weighted.stats()).toMatchObject({ avg: 8, min: 0, p50: 0, max: 30 });
  expect(weighted.stats()?.std).toBeCloseTo(Math.sqrt(136), 9);
  expect(weighted.stats({ activeOnly: true })).toMatchObject({
    avg: 20,
    min: 10,
    max: 30,
    std: 10,
  });
  expect(weighted.stats()).toMatchObject({ p50: 0, p90: 30, p99: 30 });
  expect(weighted.stats({ activeOnly: true })).toMatchObject({ p50: 10, p90: 30 });
});

test("a run that only rested has zeros, and no active time", () => {
  const weighted = new TimeWeighted();
  weighted.rest(5);
  expect(weighted.stats()).toMatchObject({ avg: 0, p50: 0, max: 0, std: 0 });
  expect(weighted.stats({ activeOnly: true })).toBeUndefined();
});

test("a constant value has no spread, to the last bit", () => {
  const weighted = new TimeWeighted();
  for (let i = 1; i < 1000; i++) weighted.add(1 / 3, i / 7);
  expect(weighted.stats()).toMatchObject({ avg: 1 / 3, std: 0, min: 1 / 3, max: 1 / 3 });
});

function walk(data: Partial<TimelineData>, startNs: number, endNs: number) {
  const length = data.startNs?.length ?? 0;
  const unknown = new Float64Array(length).fill(Number.NaN);
  const timeline = new Timeline({
    ...{ startNs: unknown, firstNs: unknown, endNs: unknown, inputTokens: unknown },
    ...{ outputTokens: unknown, gapsNs: new Float64Array(0), gapCounts: unknown },
    ...data,
  });
  const seen: (Moment & { lastedNs: number })[] = [];
  const spells: number[] = [];
  timeline.walk(startNs, endNs, {
    stretch: (moment, lastedNs) => seen.push({ ...moment, lastedNs }),
    spell: (_, lastedNs) => spells.push(lastedNs),
  });
  // Spells are stretches joined: they fill the window too.
  expect(spells.reduce((sum, ns) => sum + ns, 0)).toBe(endNs - startNs);
  expect(seen.length).toBeLessThanOrEqual(timeline.length + 1);
  return seen;
}

test("a window cuts what reaches beyond it", () => {
  const data = { startNs: Float64Array.of(0, 50), endNs: Float64Array.of(100, 400) };
  const seen = walk(data, 20, 200).map(({ requests, lastedNs }) => [requests, lastedNs]);
  expect(seen).toEqual([
    [1, 30],
    [2, 50],
    [1, 100],
  ]);
});

test("a request that follows another at once does not overlap with it", () => {
  const data = { startNs: Float64Array.of(0, 100), endNs: Float64Array.of(100, 200) };
  expect(Math.max(...walk(data, 0, 200).map(({ requests }) => requests))).toBe(1);
});

test("gaps of no length carry no tokens, and nothing is left at the end", () => {
  const data = {
    startNs: Float64Array.of(0, 10),
    firstNs: Float64Array.of(100, 110),
    endNs: Float64Array.of(400, 500),
    inputTokens: Float64Array.of(7, 7),
    outputTokens: Float64Array.of(11, 4),
    gapsNs: Float64Array.of(0, 100, 0, 200, 0),
    gapCounts: Float64Array.of(4, 1),
  };
  const seen = walk(data, 0, 600);
  const at = (ns: number): Moment => {
    let left = ns;
    return seen.find(({ lastedNs }) => (left -= lastedNs) < 0)!;
  };
  // Ten tokens over two real gaps; the other request's only gap is none, so it comes evenly.
  expect(at(150).decodeRate).toBeCloseTo(5 / 100 + 3 / 390, 12);
  expect(at(250)).toMatchObject({ tokens: 7 + 1 + 5 + 7 + 4, decoding: 2 });
  expect(at(250).decodeRate).toBeCloseTo(5 / 200 + 3 / 390, 12);
  expect(at(550)).toMatchObject({
    ...{ requests: 0, prefilling: 0, decoding: 0, tokens: 0 },
    ...{ decodeRate: 0, prefillRate: 0, evenDecodeRate: 0 },
  });
});

test("a run without requests has nothing going on", () => {
  expect(walk({}, 0, 10)).toMatchObject([{ requests: 0, lastedNs: 10 }]);
});

test("one that was never sent does not count", () => {
  const data = {
    startNs: Float64Array.of(Number.NaN, 10),
    endNs: Float64Array.of(40, 20),
  };
  expect(walk(data, 0, 50).map(({ requests, lastedNs }) => [requests, lastedNs])).toEqual([
    [0, 10],
    [1, 10],
    [0, 30],
  ]);
});

test("many requests at once, each with many chunks: every moment is what a plain count says", () => {
  const count = 300;
  const random = rngStream(7, "timeline");
  const pick = (max: number): number => Math.floor(random() * max);
  const starts = Array.from({ length: count }, () => pick(1000));
  const gaps = starts.map(() => Array.from({ length: pick(6) }, () => pick(50)));
  const firsts = starts.map((start) => start + 1 + pick(300));
  const lasts = firsts.map((first, i) => gaps[i]!.reduce((sum, gap) => sum + gap, first));
  const ends = lasts.map((last) => last + pick(20));
  const data = {
    startNs: Float64Array.from(starts),
    firstNs: Float64Array.from(firsts),
    endNs: Float64Array.from(ends),
    inputTokens: new Float64Array(count).fill(10),
    outputTokens: new Float64Array(count).fill(7),
    gapsNs: Float64Array.from(gaps.flat()),
    gapCounts: Float64Array.from(gaps, (list) => list.length),
  };
  const seen = walk(data, 0, 2000);
  let from = 0;
  for (const { lastedNs, requests, prefilling, decoding, tokens } of seen) {
    // Between two changes nothing happens: the middle stands for the stretch.
    const at = from + lastedNs / 2;
    const among = (a: number[], b: number[]) => a.filter((ns, i) => ns < at && b[i]! > at).length;
    expect([requests, prefilling, decoding]).toEqual([
      among(starts, ends),
      among(starts, firsts),
      among(firsts, ends),
    ]);
    let out = 0;
    for (let i = 0; i < count; i++) {
      if (starts[i]! > at || ends[i]! < at) continue;
      out += 10;
      const real = gaps[i]!.filter((gap) => gap > 0);
      if (firsts[i]! > at) continue;
      if (real.length === 0) out += 7;
      else {
        out += 1;
        let arrival = firsts[i]!;
        for (const gap of real) if ((arrival += gap) < at) out += 6 / real.length;
      }
    }
    expect(tokens).toBeCloseTo(out, 6);
    from += lastedNs;
  }
  expect(Math.max(...seen.map(({ requests }) => requests))).toBeGreaterThan(64);
});
