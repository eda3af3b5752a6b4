// Where the tests put what they write. It is one folder a run of the tests, and goes with it: made
// before the first test file is loaded, so that whoever asks for a temporary folder is inside. A run
// that is killed leaves its folder, which goes with a later one.

import { afterAll } from "bun:test";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PREFIX = "aiperf-test-";
/** No run of the tests takes as long. */
const LEFT_BEHIND_MS = 3_600_000;

const outside = tmpdir();
for (const name of readdirSync(outside).filter((name) => name.startsWith(PREFIX))) {
  const path = join(outside, name);
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat !== undefined && Date.now() - stat.mtimeMs > LEFT_BEHIND_MS)
    rmSync(path, { recursive: true, force: true });
}

const folder = mkdtempSync(join(outside, PREFIX));
process.env.TMPDIR = folder;
afterAll(() => rmSync(folder, { recursive: true, force: true }));
