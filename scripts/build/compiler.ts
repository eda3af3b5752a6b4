// C to a library: by the system's compiler for this machine, by zig for every other. zig comes as
// a Python package that holds headers and libraries of all targets; it is fetched once.

import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Target } from "./targets.ts";

const ROOT = resolve(import.meta.dir, "../..");
const SOURCE = `${ROOT}/native/core.c`;
const ZIG = { version: "0.17.1", folder: `${ROOT}/node_modules/.cache/ziglang` };

/** Floating point as written, never fused: JavaScript's twins give the same bits. */
const FLAGS = ["-std=c11", "-O3", "-DNDEBUG", "-fPIC", "-ffp-contract=off", "-fno-math-errno"];
const WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion"];

/** A compiler: the words that begin its command line. */
export type Compiler = readonly string[];

/** The C compiler of this machine, `CC` first; undefined when it has none. */
export function systemCompiler(): Compiler | undefined {
  const named = process.env.CC;
  const found = [...(named ? [named] : []), "cc", "gcc", "clang"].find((name) => Bun.which(name));
  return found === undefined ? undefined : [found];
}

/** zig's C compiler: the one on the path, the one fetched before, or one fetched now. */
export function crossCompiler(): Compiler {
  if (Bun.which("zig")) return ["zig", "cc"];
  const fetched = `${ZIG.folder}/ziglang/zig`;
  if (!existsSync(fetched)) {
    console.log(`fetching zig ${ZIG.version}, the cross compiler, once`);
    const wanted = `ziglang==${ZIG.version}`;
    run([
      "python3",
      "-m",
      "pip",
      "install",
      "--quiet",
      "--root-user-action=ignore",
      "--target",
      ZIG.folder,
      wanted,
    ]);
  }
  return [fetched, "cc"];
}

/**
 * Builds the core for a target into `outfile`.
 * The file appears whole or not at all: a program may be running from the one it replaces.
 */
export function buildLibrary(compiler: Compiler, target: Target, outfile: string): void {
  const cross = compiler[1] === "cc";
  const machine = cross
    ? ["-target", target.triple, `-mcpu=${target.cpu}`]
    : [`-march=${target.march}`];
  const object = `${outfile}.${process.pid}.o`;
  const fresh = `${outfile}.${process.pid}`;
  mkdirSync(dirname(outfile), { recursive: true });
  // Two steps: told at once to link without a libc, zig would not find the headers of one.
  run([...compiler, ...machine, ...FLAGS, ...WARNINGS, "-c", "-o", object, SOURCE]);
  run([...compiler, ...machine, ...target.link, "-o", fresh, object]);
  rmSync(object);
  renameSync(fresh, outfile);
}

function run(command: readonly string[]): void {
  const { exitCode } = Bun.spawnSync([...command], { stdout: "inherit", stderr: "inherit" });
  if (exitCode !== 0) throw new Error(`exit code ${exitCode} of: ${command.join(" ")}`);
}
