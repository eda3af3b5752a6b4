// The bytes around a reply: status line, headers, chunk framing, and errors as OpenAI's API
// words them.

import type { HttpRequest } from "./http-head.ts";

/** Status → reason phrase, and the type that vLLM names in an error's body. */
const STATUS: Readonly<Record<number, readonly [reason: string, type: string]>> = {
  200: ["OK", ""],
  400: ["Bad Request", "BadRequestError"],
  401: ["Unauthorized", "AuthenticationError"],
  403: ["Forbidden", "PermissionDeniedError"],
  404: ["Not Found", "NotFoundError"],
  405: ["Method Not Allowed", "MethodNotAllowedError"],
  408: ["Request Timeout", "TimeoutError"],
  413: ["Content Too Large", "BadRequestError"],
  429: ["Too Many Requests", "RateLimitError"],
  431: ["Request Header Fields Too Large", "BadRequestError"],
  500: ["Internal Server Error", "InternalServerError"],
  501: ["Not Implemented", "NotImplementedError"],
  502: ["Bad Gateway", "BadGatewayError"],
  503: ["Service Unavailable", "ServiceUnavailableError"],
  504: ["Gateway Timeout", "TimeoutError"],
  505: ["HTTP Version Not Supported", "BadRequestError"],
};

/** What decides how a reply is framed. */
export type Framing = Pick<HttpRequest, "keepAlive" | "chunked">;

/** The end of a chunked body; nothing for a client that reads until the connection closes. */
export function bodyEnd(framing: Framing): string {
  return framing.chunked ? "0\r\n\r\n" : "";
}

/** Head of a streamed reply, whose length is not known yet. */
export function streamHead(contentType: string, framing: Framing, dateHeader: string): string {
  const coding = framing.chunked ? "transfer-encoding: chunked\r\n" : "";
  const close = framing.keepAlive && framing.chunked ? "" : "connection: close\r\n";
  return (
    `HTTP/1.1 200 OK\r\n${dateHeader}content-type: ${contentType}\r\n` +
    `cache-control: no-cache\r\n${coding}${close}\r\n`
  );
}

/** A whole reply of known length. */
export function wholeReply(
  status: number,
  contentType: string,
  body: string,
  framing: Framing,
  dateHeader: string,
): string {
  const reason = STATUS[status]?.[0] ?? "Unknown";
  const connection = framing.keepAlive
    ? framing.chunked
      ? ""
      : "connection: keep-alive\r\n"
    : "connection: close\r\n";
  return (
    `HTTP/1.1 ${status} ${reason}\r\n${dateHeader}content-type: ${contentType}\r\n` +
    `content-length: ${Buffer.byteLength(body)}\r\n${connection}\r\n${body}`
  );
}

/** The body of an error, with the keys of OpenAI's API in vLLM's order. */
export function errorBody(status: number, message: string, param: string | null = null): string {
  const type = STATUS[status]?.[1] || (status < 500 ? "BadRequestError" : "InternalServerError");
  return JSON.stringify({ error: { message, type, param, code: status } });
}

/** Frames `text` as one chunk of a chunked body, if the client reads those. */
export function chunkOf(text: string, framing: Framing): string {
  return framing.chunked ? `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n` : text;
}

/** A `date` header line that is made anew once a second. */
export function dateHeaders(wallMs: () => number): () => string {
  let second = Number.NaN;
  let header = "";
  return () => {
    const nowS = Math.floor(wallMs() / 1000);
    if (nowS !== second) {
      second = nowS;
      header = `date: ${new Date(nowS * 1000).toUTCString()}\r\n`;
    }
    return header;
  };
}
