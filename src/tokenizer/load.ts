// From a name to a tokenizer. A name that was given is that tokenizer or an error; a name that was
// guessed from the model must never stand in the way of a run.

import { join } from "node:path";
import { AiperfError, fail, messageOf } from "#core";
import { cacheFolder, findCached, type HubFile, hubHome, readText, storeCached } from "./cache.ts";
import { contentOf } from "./content.ts";
import {
  builtinFiles,
  type Env,
  expandHome,
  filesAt,
  isHubId,
  localFiles,
  type TokenizerFiles,
  withTemplate,
} from "./files.ts";
import type { HubFiles, Progress } from "./hub.ts";
import { openFiles } from "./open.ts";
import type { Tokenizer } from "./tokenizer.ts";

export interface LoadRequest {
  /** A hub id, a folder, a file or `builtin`; undefined tries the model's name, then `builtin`. */
  readonly name: string | undefined;
  readonly revision: string;
  readonly modelNames: readonly string[];
  readonly env: Env;
  readonly onProgress?: (progress: Progress) => void;
  readonly fetch?: typeof fetch;
}

export interface Loaded {
  readonly tokenizer: Tokenizer;
  /** What the reader of the results must know about the counts; undefined when nothing. */
  readonly warning: string | undefined;
}

/** How long a hub may say nothing: to somebody who named it, and to one who did not. */
const SILENCE_MS = { named: 15_000, guessed: 3_000 } as const;

const WAYS_OUT =
  "pass --tokenizer builtin, --tokenizer with a folder that has tokenizer.json, or --use-server-token-count";
const OFFLINE = /^(?:1|on|yes|true)$/i;
const REVISION = /^(?!.*\.\.)[\w][\w./-]*$/;

/**
 * Loads the tokenizer that a user named, or the best one there is when none was named.
 * @throws E_TOKENIZER_LOAD and its relatives, for a tokenizer that was named; never otherwise
 */
export async function loadTokenizer(request: LoadRequest): Promise<Loaded> {
  const { name, env } = request;
  if (name !== undefined) {
    const files = await findFiles(name, request, SILENCE_MS.named);
    return { tokenizer: await openFiles(files, env), warning: undefined };
  }
  const model = request.modelNames[0];
  let reason = "no model was named";
  if (model !== undefined) {
    try {
      const files = await findFiles(model, request, SILENCE_MS.guessed);
      return { tokenizer: await openFiles(files, env), warning: undefined };
    } catch (error) {
      reason = error instanceof AiperfError ? error.what : messageOf(error);
    }
  }
  const warning =
    `tokens are counted with the built-in o200k_base, not the model's own tokenizer: ${reason}; ` +
    "--tokenizer names another";
  return { tokenizer: await openFiles(builtinFiles(), env), warning };
}

async function findFiles(
  name: string,
  request: LoadRequest,
  silenceMs: number,
): Promise<TokenizerFiles> {
  const { env, revision } = request;
  if (name === "builtin") return builtinFiles();
  const local = localFiles(name, env);
  if (local) return local;
  const notFound = (tried: string): never =>
    fail("E_TOKENIZER_LOAD", `tokenizer ${name} could not be loaded: ${tried}`, WAYS_OUT);
  if (!isHubId(name)) return notFound("it is no file or folder here, nor a model of a hub");
  if (!REVISION.test(revision)) return notFound(`${revision} cannot be a revision`);

  const cache = cacheFolder(env);
  const cached = findCached(cache, name, revision);
  if (cached !== undefined) return filesAt(name, cached);
  const where = `its revision ${revision} is not in the cache ${cache}`;
  if (isOffline(env)) return notFound(`${where}, and HF_HUB_OFFLINE forbids to download it`);

  const endpoint = endpointOf(env);
  if (endpoint === undefined) return notFound(`${where}, and HF_ENDPOINT is not an address`);
  let files: HubFiles;
  try {
    // The client is large and most runs find the file in the cache: load it for those that do not.
    const { downloadFiles } = await import("./hub.ts");
    files = await downloadFiles({
      endpoint,
      repo: name,
      revision,
      token: tokenOf(env),
      silenceMs,
      onProgress: request.onProgress ?? (() => {}),
      fetch: request.fetch ?? fetch,
    });
  } catch (error) {
    return notFound(`${where}; ${new URL(endpoint).host}: ${messageOf(error)}`);
  }
  keep(cache, name, revision, files);
  return {
    name,
    stored: contentOf(files.tokenizer.bytes),
    unpack: (stored) => stored,
    config: () => configOf(files),
  };
}

function configOf({ config, template }: HubFiles): string {
  const text = (file: HubFile) => new TextDecoder().decode(file.bytes);
  const settings = config === undefined ? "{}" : text(config);
  return template === undefined ? settings : withTemplate(settings, text(template));
}

/** A cache that cannot be written costs the next run a download, not this run its tokenizer. */
function keep(cache: string, repo: string, revision: string, files: HubFiles): void {
  if (files.commit === undefined) return;
  const { tokenizer, config, template } = files;
  const all = [tokenizer, config, template].filter((file) => file !== undefined);
  try {
    storeCached(cache, repo, revision, files.commit, all);
  } catch {}
}

export function isOffline(env: Env): boolean {
  return OFFLINE.test(env.HF_HUB_OFFLINE ?? "") || OFFLINE.test(env.TRANSFORMERS_OFFLINE ?? "");
}

export function endpointOf(env: Env): string | undefined {
  const address = env.HF_ENDPOINT || "https://huggingface.co";
  return /^https?:/i.test(address) && URL.canParse(address)
    ? address.replace(/\/+$/, "")
    : undefined;
}

/** Who asks: a variable, or the file where a login is kept. */
export function tokenOf(env: Env): string | undefined {
  const given = env.HF_TOKEN || env.HUGGING_FACE_HUB_TOKEN;
  if (given) return given.trim();
  const file = env.HF_TOKEN_PATH ? expandHome(env.HF_TOKEN_PATH, env) : join(hubHome(env), "token");
  return readText(file)?.trim() || undefined;
}
