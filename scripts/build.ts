// Builds the program: one file that holds Bun, the bundle and the native core.
//   bun scripts/build.ts               dist/aiperf for this machine
//   bun scripts/build.ts --native      the core alone, for running from source and for tests
//   bun scripts/build.ts --target X    dist/X/aiperf; --all for every row of build/targets.ts

import { readFileSync, rmSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { buildLibrary, crossCompiler, systemCompiler } from "./build/compiler.ts";
import { readObject } from "./build/object.ts";
import { isSigned, removeSignature } from "./build/signature.ts";
import { hostTarget, TARGETS, type Target } from "./build/targets.ts";

const ROOT = resolve(import.meta.dir, "..");
const HOST_CORE = `${ROOT}/dist/native/core.lib`;

/** The front door first: the addresses of the others are relative to it. */
const ENTRIES = [
  "src/main.ts",
  "src/engine/worker.ts",
  "src/cli/recorder.ts",
  "src/cli/part-reader.ts",
].map((path) => `${ROOT}/${path}`);

const { values: options } = parseArgs({
  options: {
    native: { type: "boolean", default: false },
    all: { type: "boolean", default: false },
    target: { type: "string", multiple: true, default: [] },
  },
});

const unknown = options.target.find((name) => !TARGETS.some((target) => target.name === name));
if (unknown !== undefined) {
  console.error(`no target ${unknown}; there are ${TARGETS.map((row) => row.name).join(", ")}`);
  process.exit(2);
}

const targets = TARGETS.filter((row) => options.all || options.target.includes(row.name));
if (targets.length === 0) {
  const core = buildHostCore();
  if (!options.native) await buildProgram(hostTarget(), `${ROOT}/dist/aiperf`, core);
}
for (const target of targets) {
  const core = `${ROOT}/dist/${target.name}/core.lib`;
  buildLibrary(crossCompiler(), target, core);
  checkObject(core, target, target.needs);
  await buildProgram(target, `${ROOT}/dist/${target.name}/aiperf`, core, target.bun);
}

/** Builds the core by this machine's compiler; without one there is none, and the program says so. */
function buildHostCore(): string | undefined {
  const compiler = systemCompiler();
  const target = hostTarget();
  if (compiler !== undefined && target !== undefined) {
    buildLibrary(compiler, target, HOST_CORE);
    checkObject(HOST_CORE, target, target.needs);
    return HOST_CORE;
  }
  rmSync(HOST_CORE, { force: true });
  const lack =
    target === undefined ? "no target for this machine" : "no C compiler (cc, gcc, clang)";
  console.warn(`warning: ${lack}: built without the native core; JavaScript does its work, slower`);
  return undefined;
}

/** Bundles the program around Bun; without `bun` around the one that runs this script. */
async function buildProgram(
  target: Target | undefined,
  outfile: string,
  core: string | undefined,
  bun?: Bun.Build.CompileTarget,
): Promise<void> {
  await Bun.build({
    entrypoints: ENTRIES,
    target: "bun",
    format: "esm",
    minify: true,
    // Parsed at build time: the program starts in a quarter of the time.
    bytecode: true,
    compile: {
      outfile,
      ...(bun === undefined ? {} : { target: bun }),
      // A load generator must not change with the folder that it is started in.
      autoloadDotenv: false,
      autoloadBunfig: false,
    },
    plugins: [embed(core)],
  });
  if (target !== undefined) checkObject(outfile, target);
  if (target?.object === "mach-o") settleSignature(outfile, target);
  if (core !== undefined && !readFileSync(outfile).includes(readFileSync(core))) {
    throw new Error(`${outfile} does not hold ${core}`);
  }
  const sizeMb = (statSync(outfile).size / 1e6).toFixed(1);
  console.log(
    `${outfile.slice(ROOT.length + 1)}  ${sizeMb} MB  ${core ? "native core" : "no core"}`,
  );
}

/** Puts one core into the bundle where `ffi` asks for the host's. */
function embed(core: string | undefined): Bun.BunPlugin {
  return {
    name: "native core",
    setup(build) {
      const filter = /\/dist\/native\/core\.lib$/;
      build.onResolve({ filter }, ({ path }) =>
        core === undefined ? { path, namespace: "absent" } : { path: core },
      );
      build.onLoad({ filter, namespace: "absent" }, () => ({
        contents: "export default undefined;",
        loader: "js",
      }));
    },
  };
}

/** Leaves a program that macOS will run: signed rightly, or not at all where that is allowed. */
function settleSignature(path: string, target: Target): void {
  if (isSigned(readFileSync(path))) return;
  if (target.machine !== "x64") throw new Error(`${path} is not signed rightly`);
  removeSignature(path);
}

/** Fails unless a file is for the target's machine and asks for no library but those named. */
function checkObject(path: string, target: Target, needs?: readonly string[]): void {
  const found = readObject(readFileSync(path));
  if (found.object !== target.object || found.machine !== target.machine) {
    throw new Error(`${path} is ${found.object} for ${found.machine}, not for ${target.name}`);
  }
  const surplus = needs && found.needs.filter((name) => !needs.includes(name));
  if (surplus?.length) throw new Error(`${path} needs ${surplus.join(", ")}`);
}
