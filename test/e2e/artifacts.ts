// The files of a run, read back through the schemas that the program publishes: what a test gets
// from here has the right shape, or the test has failed.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { z } from "zod";
import { inputsSchema, type Line, lineSchema, summarySchema } from "#export";

export type RunSummary = z.infer<typeof summarySchema>;
export type Inputs = z.infer<typeof inputsSchema>;

export class Artifacts {
  readonly dir: string;

  constructor(dir: string) {
    this.dir = dir;
  }

  text(name: string): string {
    return readFileSync(join(this.dir, name), "utf8");
  }

  /** Paths of all files, relative and sorted; empty when the folder is not there. */
  files(): readonly string[] {
    if (!existsSync(this.dir)) return [];
    return readdirSync(this.dir, { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name).slice(this.dir.length + 1))
      .sort();
  }

  summary(name = "profile_export_aiperf.json"): RunSummary {
    return summarySchema.parse(JSON.parse(this.text(name)));
  }

  records(name = "profile_export.jsonl"): readonly Line[] {
    return linesOf(this.text(name)).map((line) => lineSchema.parse(JSON.parse(line)));
  }

  inputs(): Inputs {
    return inputsSchema.parse(JSON.parse(this.text("inputs.json")));
  }

  log(): string {
    return this.text("logs/aiperf.log");
  }
}

/** The lines of a file in which every line has an end. */
export function linesOf(text: string): readonly string[] {
  const lines = text.split("\n");
  if (lines.pop() !== "") throw new Error("the last line has no end");
  return lines;
}

/** A metric of the summary, which must be there. */
export function metric(summary: RunSummary, tag: string) {
  const found = summary[tag];
  if (typeof found !== "object" || !("unit" in found)) throw new Error(`no metric ${tag}`);
  return found;
}
