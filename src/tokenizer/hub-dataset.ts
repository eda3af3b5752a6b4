// A file of a data set on a Hugging Face hub, through the cache that all tools of a machine share.
// Such files are large: they go from the network to the disk, and never as a whole through memory.

import { createWriteStream, existsSync, mkdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { fail, messageOf } from "#core";
import { cacheFolder, readText, writeWhole } from "./cache.ts";
import type { Env } from "./files.ts";
import { guardedFetch, type HubNotes } from "./guarded.ts";
import type { Progress } from "./hub.ts";
import { endpointOf, isOffline, tokenOf } from "./load.ts";

export interface HubFileRequest {
  /** Such as `owner/name`. */
  readonly repo: string;
  readonly path: string;
  readonly revision: string;
  readonly env: Env;
  readonly onProgress: (progress: Progress) => void;
  readonly fetch?: typeof fetch;
}

const SILENCE_MS = 30_000;
const COMMIT = /^[0-9a-f]{40}$/;

/**
 * The path of the file on this machine, downloaded when it is not in the cache yet.
 * @throws E_DATASET_DOWNLOAD when it cannot be had
 */
export async function hubDatasetFile(request: HubFileRequest): Promise<string> {
  const { repo, path, revision, env } = request;
  const folder = join(cacheFolder(env), `datasets--${repo.replaceAll("/", "--")}`);
  const commit = readText(join(folder, "refs", revision))?.trim();
  if (commit !== undefined && COMMIT.test(commit)) {
    const cached = join(folder, "snapshots", commit, path);
    if (existsSync(cached)) return cached;
  }
  const refuse = (reason: string): never =>
    fail(
      "E_DATASET_DOWNLOAD",
      `${path} of ${repo} is not in the cache ${folder}, and ${reason}`,
      "put it into the cache, or name a hub that has it with HF_ENDPOINT",
    );
  if (isOffline(env)) return refuse("HF_HUB_OFFLINE forbids to download it");
  const endpoint = endpointOf(env);
  if (endpoint === undefined) return refuse("HF_ENDPOINT is not an address");
  try {
    return await download(
      request,
      `${endpoint}/datasets/${repo}/resolve/${revision}/${path}`,
      folder,
    );
  } catch (error) {
    return refuse(`${new URL(endpoint).host} did not give it: ${messageOf(error)}`);
  }
}

async function download(request: HubFileRequest, url: string, folder: string): Promise<string> {
  const { repo, path, revision, env, onProgress } = request;
  const notes: HubNotes = { commit: undefined, tag: undefined };
  const hub = {
    endpoint: new URL(url).origin,
    repo,
    revision,
    token: tokenOf(env),
    silenceMs: SILENCE_MS,
    onProgress,
    fetch: request.fetch ?? fetch,
  };
  const answer = await guardedFetch(hub, path, notes)(url);
  if (!answer.ok || answer.body === null) throw new Error(`status ${answer.status}`);

  // Without a commit there is still a place for it, but nobody else will look there.
  const commit = notes.commit ?? "0".repeat(40);
  const tag = (notes.tag ?? answer.headers.get("etag") ?? Bun.hash(url).toString(16))
    .replace(/^W\//, "")
    .replace(/[^\w.-]/g, "");
  const blob = join(folder, "blobs", tag);
  mkdirSync(dirname(blob), { recursive: true });
  const partial = `${blob}.${process.pid}.incomplete`;
  try {
    await pipeline(Readable.fromWeb(answer.body), createWriteStream(partial));
    renameSync(partial, blob);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
  const link = join(folder, "snapshots", commit, path);
  mkdirSync(dirname(link), { recursive: true });
  rmSync(link, { force: true });
  const up = path
    .split("/")
    .map(() => "..")
    .join("/");
  symlinkSync(join("..", up, "blobs", tag), link);
  writeWhole(join(folder, "refs", revision), Buffer.from(commit));
  return link;
}
