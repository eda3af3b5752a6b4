// The cache of hub files that all tools of a machine share, so that a model which was served here
// before needs no network. Its layout is Hugging Face's:
//
//   models--owner--name/refs/main                     the commit, 40 hex digits
//                      /snapshots/<commit>/<file>     a link to ../../blobs/<etag>
//                      /blobs/<etag>                  the bytes

import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { type Env, expandHome, homeFolder, TOKENIZER_FILE } from "./files.ts";

/** A file as the hub serves it; the tag names its content. */
export interface HubFile {
  readonly name: string;
  readonly tag: string;
  readonly bytes: Uint8Array;
}

const COMMIT = /^[0-9a-f]{40}$/;

/** The folder of the cache, as Hugging Face's own tools find it. */
export function cacheFolder(env: Env): string {
  const explicit = env.HF_HUB_CACHE || env.HUGGINGFACE_HUB_CACHE;
  return explicit ? expandHome(explicit, env) : join(hubHome(env), "hub");
}

/** Where Hugging Face's tools keep everything: the cache, and the token of who is logged in. */
export function hubHome(env: Env): string {
  const shared = env.XDG_CACHE_HOME || join(homeFolder(env), ".cache");
  return expandHome(env.HF_HOME || join(shared, "huggingface"), env);
}

/** The path of a repository's `tokenizer.json` in the cache; undefined when it is not there. */
export function findCached(cache: string, repo: string, revision: string): string | undefined {
  const folder = repoFolder(cache, repo);
  const commit = COMMIT.test(revision) ? revision : readRef(join(folder, "refs", revision));
  if (commit === undefined) return undefined;
  const file = join(folder, "snapshots", commit, TOKENIZER_FILE);
  return existsSync(file) ? file : undefined;
}

/** Puts files of one commit into the cache; a reader never sees half of one. */
export function storeCached(
  cache: string,
  repo: string,
  revision: string,
  commit: string,
  files: readonly HubFile[],
): void {
  const folder = repoFolder(cache, repo);
  for (const file of files) {
    const blob = join(folder, "blobs", file.tag);
    if (!existsSync(blob)) writeWhole(blob, file.bytes);
    const link = join(folder, "snapshots", commit, file.name);
    mkdirSync(dirname(link), { recursive: true });
    if (existsSync(link)) continue;
    try {
      symlinkSync(join("..", "..", "blobs", file.tag), link);
    } catch {
      // File systems without links hold a copy, as Hugging Face's tools do.
      writeWhole(link, file.bytes);
    }
  }
  if (revision !== commit) writeWhole(join(folder, "refs", revision), Buffer.from(commit));
}

/** Writes under another name first and renames, so the file is either whole or not there. */
export function writeWhole(path: string, bytes: Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.${Bun.nanoseconds().toString(36)}`;
  try {
    writeFileSync(temporary, bytes);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

function repoFolder(cache: string, repo: string): string {
  return join(cache, `models--${repo.replaceAll("/", "--")}`);
}

function readRef(path: string): string | undefined {
  const commit = readText(path)?.trim();
  return commit && COMMIT.test(commit) ? commit : undefined;
}

/** The text of a file; undefined when it is not there or not for us to read. */
export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
