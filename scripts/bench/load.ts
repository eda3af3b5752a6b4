// This build beside another revision and beside rivals, in turns and in one process tree, so that a
// busy machine is busy for each. Ratios are what a reader can take elsewhere.

import { appendFileSync } from "node:fs";
import { loadavg } from "node:os";
import { resolve } from "node:path";
import { compare, MEASURES, type Measure, median } from "./compare.ts";
import { measure, type Run } from "./measure.ts";
import { buildRevision, revisionOf, run, sizeMb, startUpMs } from "./revision.ts";
import { ours, type Program, rivals, WORKLOADS, type Workload } from "./workloads.ts";

const ROOT = resolve(import.meta.dir, "../..");
const BINARY = `${ROOT}/dist/aiperf`;

export interface LoadOptions {
  /** Git's name of what to compare with; undefined compares with rivals alone. */
  readonly revision: string | undefined;
  readonly rounds: number;
  /** A file that gets one line of JSON. */
  readonly append: string | undefined;
}

/** Answers with false when this build is certainly worse than the other revision. */
export async function benchLoad({ revision, rounds, append }: LoadOptions): Promise<boolean> {
  console.log("building this revision");
  await run([process.execPath, "scripts/build.ts"], ROOT);
  if (revision !== undefined) console.log(`building ${revision}`);
  await using old = revision === undefined ? undefined : await buildRevision(ROOT, revision);

  const us = ours("this", BINARY);
  const them = old && ours(old.name, old.path);
  const programs = [us, ...(them ? [them] : []), ...rivals(BINARY)];
  const results: { readonly [workload: string]: object }[] = [];
  const complaints: string[] = [];

  for (const workload of WORKLOADS) {
    const runs = await inTurns(programs, workload, rounds);
    print(programs, runs);
    results.push({ [workload.name]: figuresOf(programs, runs) });
    if (them !== undefined) complaints.push(...worsened(workload, runs.get(us)!, runs.get(them)!));
  }
  const start = { this: await startUpMs(BINARY), old: old && (await startUpMs(old.path)) };
  const size = { this: sizeMb(BINARY), old: old && sizeMb(old.path) };
  console.log(`\nstart-up ${pair(start, "ms", 1)} · binary ${pair(size, "MB", 1)}`);

  if (append !== undefined) {
    const line = {
      at: new Date().toISOString(),
      revision: await revisionOf(ROOT),
      against: revision,
      load_average: loadavg()[0],
      start_up_ms: start,
      binary_mb: size,
      workloads: Object.assign({}, ...results),
    };
    appendFileSync(append, `${JSON.stringify(line)}\n`);
  }
  for (const complaint of complaints) console.log(`WORSE: ${complaint}`);
  return complaints.length === 0;
}

type Runs = ReadonlyMap<Program, readonly Run[]>;

async function inTurns(
  programs: readonly Program[],
  workload: Workload,
  rounds: number,
): Promise<Runs> {
  const runs = new Map(programs.map((program): [Program, Run[]] => [program, []]));
  const before = loadavg()[0]!;
  const out = new Set<Program>();
  for (let round = 0; round < rounds; round++) {
    for (const program of programs) {
      if (out.has(program)) continue;
      const result = await measure(program, workload, BINARY);
      if (typeof result === "object") runs.get(program)!.push(result);
      else {
        out.add(program);
        if (result !== undefined) console.log(`${program.name} failed: ${result}`);
      }
    }
  }
  const load = `load average ${before.toFixed(1)} to ${loadavg()[0]!.toFixed(1)}`;
  console.log(`\n${workload.name}: ${describe(workload)}; ${rounds} rounds, ${load}`);
  return runs;
}

function describe({ requests, concurrency, replyTokens }: Workload): string {
  return `${requests} requests, ${concurrency} at a time, ${replyTokens} tokens each`;
}

const WIDTH = 26;

/** A line a program: medians with their range, and our ratio to them. */
function print(programs: readonly Program[], runs: Runs): void {
  const ourRuns = runs.get(programs[0]!)!;
  console.log(" ".repeat(WIDTH) + MEASURES.map(({ header }) => header.padStart(WIDTH)).join(""));
  for (const program of programs) {
    const theirs = runs.get(program)!;
    if (theirs.length === 0) continue;
    const cells = MEASURES.map((measure) => cell(measure, theirs));
    console.log(program.name.padEnd(WIDTH) + cells.map((text) => text.padStart(WIDTH)).join(""));
    if (program === programs[0]) continue;
    const ratios = MEASURES.map((measure) => {
      const found = compare(measure, ourRuns, theirs);
      return found ? `${found.ratio.toFixed(2)}x ±${found.spread.toFixed(2)}` : "";
    });
    const label = `  this / ${program.name}`.padEnd(WIDTH);
    console.log(label + ratios.map((text) => text.padStart(WIDTH)).join(""));
  }
}

function cell({ of, digits }: Measure, runs: readonly Run[]): string {
  const values = runs.map(of).filter((value) => value !== undefined);
  if (values.length === 0) return "";
  const [low, high] = [Math.min(...values), Math.max(...values)].map((v) => v.toFixed(digits));
  return `${median(values).toFixed(digits)} (${low}–${high})`;
}

function worsened(workload: Workload, us: readonly Run[], them: readonly Run[]): string[] {
  return MEASURES.filter((measure) => compare(measure, us, them)?.worse).map(
    (measure) =>
      `${workload.name}: the best run's ${measure.header} is worse than the worst old one`,
  );
}

function figuresOf(programs: readonly Program[], runs: Runs): object {
  const entries = programs.map((program) => [program.name, runs.get(program)!.map(figures)]);
  return Object.fromEntries(entries);
}

function figures(run: Run): object {
  return Object.fromEntries(MEASURES.map(({ key, of }) => [key, of(run)]));
}

function pair(values: { this: number; old: number | undefined }, unit: string, digits: number) {
  const text = `${values.this.toFixed(digits)} ${unit}`;
  if (values.old === undefined) return text;
  return `${text}, ${(values.this / values.old).toFixed(2)}x of ${values.old.toFixed(digits)} ${unit}`;
}
