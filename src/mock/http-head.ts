// A request's head: what its lines mean, how its body is delimited, and whether the connection
// outlives it. Whatever could be read in two ways is refused.

export interface HttpRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** Names in lower case; a repeated header keeps its last value. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
  /** Whether the client wants the connection kept after the reply. */
  readonly keepAlive: boolean;
  /** HTTP/1.1, that is, a client that reads chunked bodies. */
  readonly chunked: boolean;
}

/** What makes the rest of a connection's bytes unreadable. */
export interface HttpFault {
  readonly status: 400 | 413 | 431 | 501 | 505;
  readonly message: string;
}

export const BODY_BYTES_MAX = 256 * 1024 * 1024;

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

export type Head = Omit<HttpRequest, "body"> & { readonly bodyBytes: number | "chunks" };

/** Raised by what reads a request, caught by the reader. */
export class Unreadable extends Error {
  readonly fault: HttpFault;
  constructor(status: HttpFault["status"], message: string) {
    super(message);
    this.fault = { status, message };
  }
}

/** Parses the lines before the empty one, without their last line end. */
export function parseHead(text: string): Head {
  const lines = text.split("\r\n");
  const [method = "", target = "", version = "", extra] = lines[0]!.split(" ");
  if (
    !TOKEN.test(method) ||
    target === "" ||
    extra !== undefined ||
    !/^HTTP\/\d\.\d$/.test(version)
  )
    throw new Unreadable(400, "the request line is not METHOD TARGET HTTP/1.1");
  if (!version.startsWith("HTTP/1.")) throw new Unreadable(505, `${version} is not spoken here`);

  const headers = new Map<string, string>();
  for (let i = 1; i < lines.length; i++) {
    const header = lines[i]!;
    const colon = header.indexOf(":");
    const name = header.slice(0, colon).toLowerCase();
    if (colon < 1 || !TOKEN.test(name)) throw new Unreadable(400, "a header line has no name");
    if (name === "content-length" && headers.has(name))
      throw new Unreadable(400, "the body has two lengths");
    headers.set(name, header.slice(colon + 1).trim());
  }

  const chunked = version !== "HTTP/1.0";
  const connection = (headers.get("connection") ?? "").toLowerCase();
  const keepAlive = chunked ? !/\bclose\b/.test(connection) : /\bkeep-alive\b/.test(connection);
  return {
    method,
    path: pathOf(target),
    headers,
    chunked,
    keepAlive,
    bodyBytes: bodySize(headers),
  };
}

/** The path of `/path?query` or of `http://host/path?query`. */
function pathOf(target: string): string {
  const path = target.replace(/^https?:\/\/[^/?]*/i, "");
  const query = path.indexOf("?");
  return query === -1 ? path : path.slice(0, query);
}

function bodySize(headers: ReadonlyMap<string, string>): number | "chunks" {
  const coding = headers.get("transfer-encoding");
  const length = headers.get("content-length");
  if (coding !== undefined) {
    if (coding.toLowerCase() !== "chunked")
      throw new Unreadable(501, `transfer-encoding ${coding} is not read`);
    if (length !== undefined)
      throw new Unreadable(400, "the body has a length and a transfer-encoding");
    return "chunks";
  }
  if (length === undefined) return 0;
  if (!/^\d+$/.test(length)) throw new Unreadable(400, "content-length is not a number");
  const bytes = Number(length);
  if (bytes > BODY_BYTES_MAX) throw new Unreadable(413, "the body is too long");
  return bytes;
}
