// Everything that must hold, in the order in which it is cheapest to find out. Ends with one line,
// `N passed, N failed`, whatever happened before.

import { existsSync, readdirSync } from "node:fs";
import { resolve } from "node:path";
import { systemCompiler } from "./build/compiler.ts";

const ROOT = resolve(import.meta.dir, "..");
const BUN = process.execPath;

interface Outcome {
  readonly passed: number;
  readonly failed: number;
}

interface Step {
  readonly name: string;
  run(): Promise<Outcome>;
}

const STEPS: readonly Step[] = [
  { name: "native core", run: () => succeed([BUN, "scripts/build.ts", "--native"]) },
  { name: "types", run: () => succeed([BUN, "x", "tsc"]) },
  {
    name: "format and lint",
    run: () =>
      succeed([
        BUN,
        "x",
        "biome",
        "check",
        "--config-path=scripts/style.json",
        "--error-on-warnings",
      ]),
  },
  ...nativeTests(),
  { name: "program", run: () => succeed([BUN, "scripts/build.ts"]) },
  { name: "tests", run: () => bunTest(["test"]) },
];

/** C tests, each a program of its own, built with the sanitizers that the compiler has. */
function nativeTests(): Step[] {
  const dir = `${ROOT}/test/native`;
  const compiler = systemCompiler();
  if (!existsSync(dir) || compiler === undefined) return [];
  const sources = readdirSync(dir).filter((name) => name.endsWith("_test.c"));
  return sources.map((source) => ({
    name: `native: ${source}`,
    async run() {
      const program = `${ROOT}/dist/native/${source.replace(/\.c$/, "")}`;
      const flags = [
        "-std=c11",
        "-g",
        "-O1",
        "-fsanitize=address,undefined",
        "-fno-sanitize-recover=all",
      ];
      const build = await succeed([
        "cc",
        ...flags,
        "-Inative",
        "-o",
        program,
        `${dir}/${source}`,
        "-lm",
      ]);
      return build.failed > 0 ? build : succeed([program]);
    },
  }));
}

/** One check: it passes when the command exits with 0. */
async function succeed(command: readonly string[]): Promise<Outcome> {
  const child = Bun.spawn([...command], {
    cwd: ROOT,
    stdin: "ignore",
    stdout: "inherit",
    stderr: "inherit",
  });
  const ok = (await child.exited) === 0;
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1 };
}

/** As many checks as there are tests, by the runner's own count. */
async function bunTest(args: readonly string[]): Promise<Outcome> {
  const child = Bun.spawn([BUN, ...args, "--only-failures"], {
    cwd: ROOT,
    stdin: "ignore",
    stdout: "inherit",
    stderr: "pipe",
    env: { ...process.env, FORCE_COLOR: "0" },
  });
  let text = "";
  const decoder = new TextDecoder();
  for await (const piece of child.stderr) {
    process.stderr.write(piece);
    text += decoder.decode(piece, { stream: true });
  }
  const status = await child.exited;
  const count = (word: string) =>
    Number(new RegExp(`^ *(\\d+) ${word}$`, "m").exec(text)?.[1] ?? 0);
  const failed = count("fail");
  // A runner that breaks without counting has failed too.
  return { passed: count("pass"), failed: status !== 0 && failed === 0 ? 1 : failed };
}

let passed = 0;
let failed = 0;
for (const { name, run } of STEPS) {
  const startedMs = performance.now();
  console.log(`\n── ${name}`);
  const outcome = await run();
  passed += outcome.passed;
  failed += outcome.failed;
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  console.log(`── ${name}: ${outcome.failed === 0 ? "ok" : "FAILED"}, ${seconds} s`);
}
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
