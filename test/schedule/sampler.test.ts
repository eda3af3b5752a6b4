import { expect, test } from "bun:test";
import { rngStream } from "#core";
import { cancelledCredits, fixedOpenings, sampler } from "#schedule";

const draws = (strategy: Parameters<typeof sampler>[0], count: number, many: number, seed = 1) => {
  const draw = sampler(strategy, count, rngStream(seed, "test"));
  return Array.from({ length: many }, (_, i) => draw(i));
};

test("sequential: in order, then from the start again", () =>
  expect(draws("sequential", 3, 7)).toEqual([0, 1, 2, 0, 1, 2, 0]));

test("shuffle: each once in every pass, each pass in an order of its own", () => {
  const all = draws("shuffle", 50, 150);
  const passes = [all.slice(0, 50), all.slice(50, 100), all.slice(100)];
  for (const pass of passes)
    expect(pass.toSorted((a, b) => a - b)).toEqual(draws("sequential", 50, 50));
  expect(passes[0]).not.toEqual(passes[1]!);
  expect(passes[0]).not.toEqual(draws("sequential", 50, 50));
  expect(draws("shuffle", 50, 150)).toEqual(all);
});

test("shuffle: every place is as likely for everyone", () => {
  const first = draws("shuffle", 4, 40_000).filter((_, i) => i % 4 === 0);
  for (const who of [0, 1, 2, 3])
    expect(first.filter((drawn) => drawn === who).length).toBeWithin(2250, 2750);
});

test("random: with replacement, all as likely", () => {
  const all = draws("random", 5, 50_000);
  for (const who of [0, 1, 2, 3, 4])
    expect(all.filter((drawn) => drawn === who).length).toBeWithin(9500, 10_500);
  expect(new Set(all.slice(0, 20)).size).toBeLessThan(20);
});

test("two threads that share the draws see what one would", () => {
  const whole = draws("shuffle", 9, 30);
  for (const parity of [0, 1]) {
    const draw = sampler("shuffle", 9, rngStream(1, "test"));
    for (let i = parity; i < 30; i += 2) expect(draw(i)).toBe(whole[i]!);
  }
});

test("credits to cancel are a share, the same for a seed", () => {
  const chosen = (seed: number) => {
    const cancels = cancelledCredits(0.3, rngStream(seed, "cancel"));
    return Array.from({ length: 20_000 }, (_, credit) => cancels(credit));
  };
  expect(chosen(3)).toEqual(chosen(3));
  expect(chosen(3)).not.toEqual(chosen(4));
  expect(chosen(3).filter(Boolean).length).toBeWithin(5700, 6300);
  expect(cancelledCredits(1, rngStream(1, "x"))(0)).toBe(true);
});

test("a schedule is replayed in order of time, and of the recording where times are equal", () => {
  const firstNs = [30, 10, 10, 20];
  const openings = fixedOpenings({
    count: 4,
    turnsOf: (conversation) => conversation + 1,
    firstNs: (conversation) => firstNs[conversation]!,
  });
  expect(openings).toEqual([
    { conversation: 1, dueNs: 10, turns: 2 },
    { conversation: 2, dueNs: 10, turns: 3 },
    { conversation: 3, dueNs: 20, turns: 4 },
    { conversation: 0, dueNs: 30, turns: 1 },
  ]);
});
