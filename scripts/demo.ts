// The first thing a newcomer runs: builds the program, starts its mock server and profiles it for
// a few seconds. Nothing but Node and a C compiler is needed, and nothing leaves this machine.

import { resolve } from "node:path";

const ROOT = resolve(import.meta.dir, "..");
const AIPERF = `${ROOT}/dist/aiperf`;
const ARTIFACTS = "artifacts/demo";

async function run(command: readonly string[]): Promise<number> {
  const child = Bun.spawn([...command], { cwd: ROOT, stdio: ["ignore", "inherit", "inherit"] });
  return await child.exited;
}

console.log("Building dist/aiperf …");
const built = await run([process.execPath, "scripts/build.ts"]);
if (built !== 0) process.exit(built);

const mock = Bun.spawn(
  [AIPERF, "mock", "--port", "0", "--ttft-ms", "120", "--itl-ms", "8", "--jitter", "lognormal"],
  {
    cwd: ROOT,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  },
);
const output = mock.stdout.getReader();
const url = await addressOf(output);

const profile = [
  ...["profile", "--model", "demo", "--url", url, "--endpoint-type", "chat", "--streaming"],
  ...["--concurrency", "20", "--request-count", "200", "--isl", "200", "--osl", "30"],
  ...["--tokenizer", "builtin", "--artifact-dir", ARTIFACTS],
];
console.log(`\n$ aiperf mock --port 0 --ttft-ms 120 --itl-ms 8 --jitter lognormal &`);
console.log(`$ aiperf ${profile.join(" ")}\n`);
const status = await run([AIPERF, ...profile]);

mock.kill("SIGTERM");
for (let piece = await output.read(); !piece.done; piece = await output.read())
  process.stdout.write(piece.value);
await mock.exited;
console.log(`
The files are in ${ARTIFACTS}. Against a server of your own:
  dist/aiperf profile --model NAME --url localhost:8000 --endpoint-type chat --streaming \\
    --concurrency 10 --request-count 100 --isl 500 --osl 100`);
process.exit(status);

/** The address that the mock prints once it listens. */
async function addressOf(reader: {
  read(): Promise<{ done: boolean; value?: Uint8Array | undefined }>;
}): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  for (;;) {
    const { done, value } = await reader.read();
    text += decoder.decode(value, { stream: true });
    const address = /http:\/\/\S+/.exec(text)?.[0];
    if (address !== undefined) return address;
    if (done) throw new Error(`the mock did not start: ${text}`);
  }
}
