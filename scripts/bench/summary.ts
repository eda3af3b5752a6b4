// How fast a finished run becomes figures, each step beside the plain way to do it: the statistics of
// a large column beside sorting it, and lines read back beside JSON.parse of each.

import { loadavg } from "node:os";
import { type RequestRecord, type Rng, rngStream } from "#core";
import { epochOf, lineMaker, lineReader, recordReader } from "#export";
import { createCollector, PERCENTILES, percentile, Sample, statsOf } from "#metrics";

const VALUES = 10_000_000;
const LINES = 20_000;
const CHUNKS = 16;
/** Behind the last line end; a reader may look so far. */
const PADDING_BYTES = 512;

interface Way {
  readonly name: string;
  /** Does it once. */
  run(): void;
}

/** Prints how long each way takes, the best and worst of some rounds, and ratios. */
export function benchSummary(rounds: number): void {
  console.log(`ms, best (worst) of ${rounds}; load ${loadavg()[0]!.toFixed(1)}`);
  print(`statistics of ${VALUES.toLocaleString("en")} latencies`, columnWays(), rounds);
  print(`${LINES.toLocaleString("en")} lines of ${CHUNKS} chunks to records`, lineWays(), rounds);
}

function columnWays(): readonly Way[] {
  const rng = rngStream(1, "latencies");
  const latencies = Float64Array.from({ length: VALUES }, () => Math.floor(2e7 + 4e8 * rng() ** 3));
  const room = new Float64Array(VALUES);
  return [
    {
      name: "aiperf",
      run() {
        room.set(latencies);
        statsOf(new Sample(room), 1e6);
      },
    },
    {
      name: "sorted by a comparison",
      run() {
        room.set(latencies);
        room.sort((a, b) => a - b);
        for (const percent of PERCENTILES) percentile(room, percent);
      },
    },
  ];
}

function lineWays(): readonly Way[] {
  const texts = linesOf(rngStream(2, "lines"));
  const epoch = epochOf(texts[0]!)!;
  const bytes = Buffer.from(`${texts.join("\n")}\n${" ".repeat(PADDING_BYTES)}`);
  return [
    {
      name: "aiperf",
      run() {
        const read = recordReader(epoch);
        for (let from = 0, line = 0; line < LINES; line++) {
          const to = bytes.indexOf(10, from);
          read(bytes, from, to);
          from = to + 1;
        }
      },
    },
    {
      name: "JSON.parse",
      run() {
        const read = lineReader(epoch);
        for (let from = 0, line = 0; line < LINES; line++) {
          const to = bytes.indexOf(10, from);
          read(bytes.toString("utf8", from, to));
          from = to + 1;
        }
      },
    },
  ];
}

function linesOf(rng: Rng): string[] {
  const make = lineMaker({
    epoch: { monotonicNs: 0, wallNs: 1_795_508_309_754_007_806n },
    phases: [{ name: "profiling", kind: "profiling" }],
  });
  const plan = { endpoint: { streaming: true, useServerTokenCount: false } };
  const collector = createCollector({ plan });
  return Array.from({ length: LINES }, (_, credit) => {
    const record = recordOf(rng, credit);
    return make(record, collector.add(record));
  });
}

function recordOf(rng: Rng, credit: number): RequestRecord {
  const ns = (most: number): number => Math.floor(most * rng());
  const startNs = credit * 1e6 + ns(1e6);
  const sentNs = startNs + ns(1e5);
  const firstByteNs = sentNs + 1e7 + ns(5e7);
  const contentNs = new Float64Array(CHUNKS);
  for (let i = 0, at = firstByteNs; i < CHUNKS; i++) contentNs[i] = at += ns(4e6);
  const lastByteNs = contentNs[CHUNKS - 1]! + ns(1e5);
  const id = crypto.randomUUID();
  return {
    ...{ phase: "profiling", phaseIndex: 0, credit, session: credit, turn: 0 },
    ...{ conversationId: `session_${credit}`, requestId: id, correlationId: id },
    ...{ worker: 0, recorder: 0, dueNs: startNs - ns(1e5), startNs, sentNs, ackNs: firstByteNs },
    ...{ endNs: lastByteNs, cancelledNs: Number.NaN, contentNs, firstOutputNs: contentNs[0]! },
    ...{ inputTokens: 100, outputTokens: CHUNKS, reasoningTokens: undefined },
    ...{ requestedTokens: CHUNKS, error: undefined },
    usage: {
      ...{ promptTokens: 98, completionTokens: CHUNKS, totalTokens: 98 + CHUNKS },
      ...{ reasoningTokens: undefined, cacheReadTokens: undefined },
    },
    http: {
      ...{ status: 200, dnsNs: 0, connectNs: 0, reused: true, bytesSent: 600 + ns(99) },
      ...{ bytesReceived: 3000 + ns(99), chunksReceived: CHUNKS, firstByteNs, lastByteNs },
    },
  };
}

/** Ways take turns, so that a busy machine is busy for each. */
function print(title: string, ways: readonly Way[], rounds: number): void {
  const took = ways.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, way] of ways.entries()) {
      const sinceMs = performance.now();
      way.run();
      took[i]!.push(performance.now() - sinceMs);
    }
  }
  const best = took.map((all) => Math.min(...all));
  console.log(title);
  for (const [i, { name }] of ways.entries()) {
    const figures = `${best[i]!.toFixed(0)} (${Math.max(...took[i]!).toFixed(0)})`;
    const ratio = `${(best[i]! / best[0]!).toFixed(2)}x`;
    console.log(`  ${name.padEnd(28)}${figures.padStart(16)}${ratio.padStart(10)}`);
  }
}
