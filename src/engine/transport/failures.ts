// System errors in words that say what to do. One row a code.

import type { Target } from "#endpoint";
import type { Failure } from "./transport.ts";

interface FailureRow {
  readonly codes: RegExp;
  readonly type: string;
  readonly message: (at: string) => string;
}

const ROWS: readonly FailureRow[] = [
  {
    codes: /ECONNREFUSED|ConnectionRefused|FailedToOpenSocket/,
    type: "ConnectionRefused",
    message: (at) => `nothing listens on ${at}: start the server, or check --url`,
  },
  {
    codes: /ENOTFOUND|EAI_|DNS/i,
    type: "NameNotFound",
    message: (at) => `the name of ${at} cannot be resolved: check --url`,
  },
  {
    codes: /CERT|SELF_SIGNED|UNABLE_TO|TLS|SSL|altname/i,
    type: "TlsError",
    message: (at) => `the TLS certificate of ${at} was not accepted: fix it, or pass --insecure`,
  },
  {
    codes: /ETIMEDOUT|Timeout/,
    type: "ConnectTimeout",
    message: (at) => `${at} does not answer: check --url and the network`,
  },
  {
    codes: /EMFILE|ENFILE|SystemFdQuotaExceeded|ProcessFdQuotaExceeded/,
    type: "DescriptorLimit",
    message: (at) => `no file descriptor left for ${at}: raise the limit (ulimit -n)`,
  },
  {
    codes: /EADDRNOTAVAIL/,
    type: "PortsExhausted",
    message: (at) => `no local port left for ${at}: lower --concurrency, or reuse connections`,
  },
  {
    codes: /EHOSTUNREACH|ENETUNREACH/,
    type: "Unreachable",
    message: (at) => `there is no route to ${at}: check --url and the network`,
  },
  {
    codes: /ECONNRESET|ConnectionReset|EPIPE/,
    type: "ConnectionReset",
    message: (at) => `${at} reset the connection: see the server's log`,
  },
];

/** What a thrown or reported system error means for a request to `target`. */
export function failureOf(error: unknown, target: Target): Failure {
  const { code, message } = error instanceof Error ? (error as NodeJS.ErrnoException) : {};
  const text = `${code ?? ""} ${message ?? String(error)}`;
  const row = ROWS.find(({ codes }) => codes.test(text));
  if (row === undefined) return { type: code ?? "TransportError", message: text.trim() };
  const detail = row.type === "TlsError" ? ` (${text.trim()})` : "";
  return { type: row.type, message: row.message(target.authority) + detail };
}

/** The connection ended before the reply did. */
export function brokenReply(target: Target, begun: boolean): Failure {
  return begun
    ? {
        type: "IncompleteReply",
        message: `${target.authority} closed the connection in the middle of its reply`,
      }
    : {
        type: "ServerDisconnected",
        message: `${target.authority} closed the connection without a reply`,
      };
}

export function malformedReply(target: Target, defect: string): Failure {
  return {
    type: "MalformedReply",
    message: `${target.authority} does not speak HTTP/1.1: ${defect}`,
  };
}
