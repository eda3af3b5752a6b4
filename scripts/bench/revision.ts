// Another revision of this program, built beside this one: in a worktree under the temp folder,
// so that what is being worked on is not touched.

import { mkdtempSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Built extends AsyncDisposable {
  readonly name: string;
  readonly path: string;
}

/** Builds a revision; disposing of it removes the worktree. */
export async function buildRevision(root: string, revision: string): Promise<Built> {
  const dir = join(mkdtempSync(join(tmpdir(), "bench-tree-")), "tree");
  await run(["git", "worktree", "add", "--detach", "--force", dir, revision], root);
  const remove = async () => {
    await run(["git", "worktree", "remove", "--force", dir], root);
    rmSync(join(dir, ".."), { recursive: true, force: true });
  };
  try {
    symlinkSync(join(root, "node_modules"), join(dir, "node_modules"));
    await run([process.execPath, "scripts/build.ts"], dir);
  } catch (error) {
    await remove();
    throw error;
  }
  return { name: revision, path: join(dir, "dist/aiperf"), [Symbol.asyncDispose]: remove };
}

/** The commit that a folder is at, with `+` when something is changed. */
export async function revisionOf(root: string): Promise<string> {
  const commit = (await run(["git", "rev-parse", "--short", "HEAD"], root)).trim();
  const changes = await run(["git", "status", "--porcelain", "--untracked-files=no"], root);
  return changes === "" ? commit : `${commit}+`;
}

/** Milliseconds of `--version`, the best of some. */
export async function startUpMs(path: string): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let left = 10; left > 0; left--) {
    const started = performance.now();
    await Bun.spawn([path, "--version"], { stdio: ["ignore", "ignore", "ignore"] }).exited;
    best = Math.min(best, performance.now() - started);
  }
  return best;
}

export function sizeMb(path: string): number {
  return statSync(path).size / 1e6;
}

/** Runs a command to its end; what it printed, or an error with what it complained of. */
export async function run(command: readonly string[], cwd: string): Promise<string> {
  const child = Bun.spawn([...command], { cwd, stdio: ["ignore", "pipe", "pipe"] });
  const [status, output, complaint] = await Promise.all([
    child.exited,
    child.stdout.text(),
    child.stderr.text(),
  ]);
  if (status !== 0) throw new Error(`${command.join(" ")}: ${complaint.trim()}`);
  return output;
}
