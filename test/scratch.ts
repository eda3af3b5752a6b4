// Where the tests put what they write. It is one folder a run of the tests, and goes with it: made
// before the first test file is loaded, so that whoever asks for a temporary folder is inside.

import { afterAll } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folder = mkdtempSync(join(tmpdir(), "aiperf-test-"));
process.env.TMPDIR = folder;
afterAll(() => rmSync(folder, { recursive: true, force: true }));
