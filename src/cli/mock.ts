// `aiperf mock`: the mock server as a verb. It says where it listens, serves until it is told to
// stop, and then says how late it was itself.

import { fail, NS_PER_MS } from "#core";
import {
  completeMockOptions,
  MOCK_FLAGS,
  type MockOptions,
  type MockStats,
  readMockFlag,
  startMock,
} from "#mock";

/**
 * Runs the verb until SIGINT or SIGTERM.
 * @param argv what follows `aiperf mock`
 * @returns the process's exit code
 * @throws E_MOCK_FLAG and what startMock raises
 */
export async function runMock(argv: string[]): Promise<number> {
  if (argv.includes("--help") || argv.includes("-h")) {
    process.stdout.write(mockHelp());
    return 0;
  }
  const server = await startMock(parseMockArgv(argv));
  process.stdout.write(`mock listens on ${server.url}\n`);
  await stopSignal();
  process.stdout.write(`${mockSummary(await server.stop())}\n`);
  return 0;
}

/** Reads `--name value` and `--name=value`. Raises E_MOCK_FLAG for one it cannot use. */
export function parseMockArgv(argv: readonly string[]): MockOptions {
  const values: Record<string, number | string> = {};
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at]!;
    const [, name = "", inline] = /^--([^=]+)(?:=(.*))?$/s.exec(word) ?? [];
    const row = MOCK_FLAGS.find((row) => row.name === name);
    if (row === undefined)
      return fail("E_MOCK_FLAG", `aiperf mock knows no ${word}`, "see aiperf mock --help");
    const text = inline ?? argv[++at];
    if (text === undefined || text === "" || (inline === undefined && text.startsWith("--")))
      return fail("E_MOCK_FLAG", `--${name} has no value`, `write --${name} VALUE`);
    values[row.key] = readMockFlag(row, text);
  }
  return completeMockOptions(values);
}

const HELP_COLUMNS = 80;
const HELP_INDENT = 24;

/** The help text, made from the flags' rows: grouped, and no line longer than 80 columns. */
export function mockHelp(): string {
  let text =
    "aiperf mock: an LLM server of known timing, to try load generators on.\n\n" +
    "Serves /v1/chat/completions, /v1/completions, /v1/models, /health and /metrics.\n" +
    "Prompt tokens are estimated: the mock has no tokenizer. Ctrl-C stops it and\n" +
    "tells how late its own writes were.\n";
  let group = "";
  for (const row of MOCK_FLAGS) {
    if (row.group !== group) text += `\n${(group = row.group)}\n`;
    const choices: readonly string[] = "choices" in row ? row.choices : [];
    const facts = [
      ...(choices.length > 0 ? [choices.join("|")] : []),
      ...(row.default === undefined ? [] : [`default ${row.default}`]),
    ];
    const help = facts.length > 0 ? `${row.help} [${facts.join("; ")}]` : row.help;
    const lines = wrap(help, HELP_COLUMNS - HELP_INDENT);
    text +=
      `  --${row.name}`.padEnd(HELP_INDENT) + lines.join(`\n${" ".repeat(HELP_INDENT)}`) + "\n";
  }
  return text;
}

function wrap(text: string, columns: number): string[] {
  const lines: string[] = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1)!;
    if (line !== "" && line.length + 1 + word.length > columns) lines.push(word);
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return lines;
}

function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    process.once("SIGINT", () => resolve());
    process.once("SIGTERM", () => resolve());
  });
}

/** What the server did, and its own error. */
export function mockSummary(stats: MockStats): string {
  const { lateness } = stats;
  const ms = (ns: number): string => (ns / NS_PER_MS).toFixed(3);
  return (
    `requests ${stats.requests}: ${stats.completed} completed, ${stats.errors} errors, ` +
    `${stats.dropped} dropped, ${stats.left} left by the client\n` +
    `tokens ${stats.tokens}, chunks ${lateness.count}, writes ${stats.writes}, ` +
    `held up by clients ${stats.stalls}\n` +
    `lateness of chunks: p50 ${ms(lateness.p50Ns)} ms, p99 ${ms(lateness.p99Ns)} ms, ` +
    `max ${ms(lateness.maxNs)} ms`
  );
}
