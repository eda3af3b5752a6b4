// A tokenizer's files from a Hugging Face hub. The client library knows the hub's ways; here is
// what to ask it for, and what its errors mean to somebody who only wants a tokenizer.

import { downloadFile, fileDownloadInfo, HubApiError } from "@huggingface/hub";
import { messageOf } from "#core";
import type { HubFile } from "./cache.ts";
import { CONFIG_FILE, TEMPLATE_FILE, TOKENIZER_FILE } from "./files.ts";
import { guardedFetch, type HubNotes, HubRefusal } from "./guarded.ts";

/** How far a download has come. */
export interface Progress {
  readonly file: string;
  readonly loadedBytes: number;
  readonly totalBytes: number | undefined;
}

export interface HubRequest {
  /** The hub's address; valid, without a trailing slash. */
  readonly endpoint: string;
  readonly repo: string;
  readonly revision: string;
  readonly token: string | undefined;
  /** The longest wait for an answer, and for the next bytes of one. */
  readonly silenceMs: number;
  readonly onProgress: (progress: Progress) => void;
  readonly fetch: typeof fetch;
}

export interface HubFiles {
  /** Undefined where a mirror does not tell; such files cannot be cached. */
  readonly commit: string | undefined;
  readonly tokenizer: HubFile;
  readonly config: HubFile | undefined;
  /** The chat template, where it is a file of its own. */
  readonly template: HubFile | undefined;
}

/** What a status means here. */
const MEANING: Readonly<Record<number, string>> = {
  401: "it is private, gated or does not exist; HF_TOKEN says who asks",
  403: "whoever HF_TOKEN names has not been granted access",
  404: "there is no such model or revision",
  429: "it has been asked too often",
};

/** Tags that can be names of files. */
const TAG = /^[\w.-]{1,100}$/;

/**
 * Downloads `tokenizer.json` and, where there are any, its config and its chat template.
 * @throws HubRefusal that says why not
 */
export async function downloadFiles(request: HubRequest): Promise<HubFiles> {
  const notes: HubNotes = { commit: undefined, tag: undefined };
  const tokenizer = await download(request, TOKENIZER_FILE, notes);
  if (tokenizer === undefined) throw new HubRefusal(`the model has no ${TOKENIZER_FILE}`);
  const config = await download(request, CONFIG_FILE, notes);
  // Asked for by every run: what the cache lacks later is never looked for again.
  const template = await download(request, TEMPLATE_FILE, notes);
  return { commit: notes.commit, tokenizer, config, template };
}

/** One file; undefined when the repository has none of that name. */
async function download(
  request: HubRequest,
  path: string,
  notes: HubNotes,
): Promise<HubFile | undefined> {
  notes.tag = undefined;
  const wanted = {
    repo: { type: "model", name: request.repo } as const,
    path,
    revision: request.revision,
    hubUrl: request.endpoint,
    fetch: Object.assign(guardedFetch(request, path, notes), { preconnect: fetch.preconnect }),
    // The plain download is one stream with a length; chunked storage has no progress to report.
    xet: false,
  };
  try {
    const downloadInfo = await fileDownloadInfo(wanted);
    if (downloadInfo === null) return undefined;
    const blob = await downloadFile({ ...wanted, downloadInfo });
    if (blob === null) return undefined;
    const bytes = new Uint8Array(await blob.arrayBuffer());
    if (bytes.length !== downloadInfo.size) {
      throw new HubRefusal(`${path} ended after ${bytes.length} of ${downloadInfo.size} bytes`);
    }
    return { name: path, tag: tagOf(notes.tag ?? downloadInfo.etag, bytes), bytes };
  } catch (error) {
    // Not every mirror says that it is the file alone which is missing.
    if (path !== TOKENIZER_FILE && error instanceof HubApiError && error.statusCode === 404)
      return undefined;
    throw refusalOf(error, request.token);
  }
}

/** Messages of others repeat addresses, which may hold signatures, and headers: neither goes on. */
function refusalOf(error: unknown, token: string | undefined): HubRefusal {
  if (error instanceof HubRefusal) return error;
  if (error instanceof HubApiError) {
    const meaning = MEANING[error.statusCode];
    return new HubRefusal(`status ${error.statusCode}${meaning ? ` (${meaning})` : ""}`);
  }
  const code = (error as { code?: unknown }).code;
  if (typeof code === "string" && /^[A-Z]\w+$/.test(code)) {
    return new HubRefusal(`no answer (${code})`);
  }
  const message = messageOf(error).replace(/\?\S*/g, "").replace(/\s+/g, " ");
  return new HubRefusal(token ? message.replaceAll(token, "<redacted>") : message);
}

function tagOf(etag: string, bytes: Uint8Array): string {
  const tag = etag.replace(/^W\//, "").replaceAll('"', "");
  return TAG.test(tag) ? tag : new Bun.CryptoHasher("sha256").update(bytes).digest("hex");
}
