// Benchmarks, each beside a rival: a number by itself says more about the machine.
//   bun run bench               this build and the load generators on the PATH
//   bun run bench REVISION      and another revision of it, such as main
//   bun run bench tokenizer     the tokenizer beside others
//   bun run bench summary       figures and records beside plainer ways to them
//   --rounds N                  turns that each takes [5]
//   --append FILE               add a line of JSON to a file

import { parseArgs } from "node:util";
import { benchLoad } from "./bench/load.ts";
import { benchSummary } from "./bench/summary.ts";
import { benchTokenizer } from "./bench/tokenizer.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: "string", default: "5" }, append: { type: "string" } },
});
const [what, ...more] = positionals;
const rounds = Number(values.rounds);
if (more.length > 0 || !Number.isInteger(rounds) || rounds < 1) {
  console.error(
    "usage: bun run bench [REVISION | tokenizer | summary] [--rounds N] [--append FILE]",
  );
  process.exit(2);
}
if (what === "tokenizer") await benchTokenizer();
else if (what === "summary") benchSummary(rounds);
else if (!(await benchLoad({ revision: what, rounds, append: values.append }))) process.exit(1);
