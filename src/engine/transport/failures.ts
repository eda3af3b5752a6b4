// System errors in words that say what to do. One row a code.

import { closeSync, openSync } from "node:fs";
import { constants, devNull } from "node:os";
import type { Target } from "#endpoint";
import type { Failure } from "./transport.ts";

interface FailureRow {
  readonly codes: RegExp;
  readonly type: string;
  readonly message: (at: string, detail: string) => string;
}

const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO|HOSTNAME|ALTNAME/;

/** Matched against an error's code, or its message where it has no code. */
const ROWS: readonly FailureRow[] = [
  {
    codes: /ECONNREFUSED|ConnectionRefused|FailedToOpenSocket/,
    type: "ConnectionRefused",
    message: (at) => `nothing listens on ${at}: start the server, or check --url`,
  },
  {
    codes: /ENOTFOUND|EAI_/,
    type: "NameNotFound",
    message: (at) => `the name of ${at} cannot be resolved: check --url`,
  },
  {
    codes: CERTIFICATE,
    type: "TlsError",
    message: (at, detail) =>
      `the TLS certificate of ${at} was not accepted (${detail}): fix it, or pass --insecure`,
  },
  {
    codes: /EPROTO|SSL|TLS/,
    type: "TlsHandshakeFailed",
    message: (at) =>
      `${at} does not speak TLS as we do: check its port, or give --url with http://`,
  },
  {
    codes: /ETIMEDOUT|Timeout/,
    type: "ConnectTimeout",
    message: (at) => `${at} does not answer: check --url and the network`,
  },
  {
    codes: /EMFILE|ENFILE|FdQuotaExceeded/,
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
    codes: /ECONNRESET|ConnectionReset|EPIPE|ECONNABORTED/,
    type: "ConnectionReset",
    message: (at) => `${at} reset the connection: see the server's log`,
  },
];

/** Names of the system's errors by their numbers. */
const ERROR_NAMES = new Map(
  Object.entries(constants.errno).map(([name, number]) => [number, name] as const),
);

/** The error that the system's number stands for. */
export function systemError(number: number): Error {
  const code = ERROR_NAMES.get(number) ?? `system error ${number}`;
  return Object.assign(new Error(code), { code });
}

/** What a thrown or reported system error means for a request to `target`. */
export function failureOf(error: unknown, target: Target): Failure {
  const { code, message } = error instanceof Error ? (error as NodeJS.ErrnoException) : {};
  const text = message ?? String(error);
  const row = ROWS.find(({ codes }) => codes.test(code ?? text));
  if (row === undefined)
    return { type: code ?? "TransportError", message: `${target.authority}: ${text.trim()}` };
  return { type: row.type, message: row.message(target.authority, text.trim()) };
}

/**
 * The same for a connection that did not open. Bun says that it was refused when there was no file
 * descriptor for it: opening a file tells the two apart.
 */
export function connectFailure(error: unknown, target: Target): Failure {
  const failure = failureOf(error, target);
  if (failure.type !== "ConnectionRefused") return failure;
  try {
    closeSync(openSync(devNull, "r"));
    return failure;
  } catch (lack) {
    return failureOf(lack, target);
  }
}

/** True when a TLS handshake failed for its certificate alone, so that the connection works. */
export function isCertificateError(error: Error): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code !== undefined && CERTIFICATE.test(code);
}

/** The connection was closed before the reply was complete. */
export function brokenReply(target: Target, begun: boolean, reused = false): Failure {
  if (!begun && reused)
    return {
      type: "ServerDisconnected",
      message: `${target.authority} closed a kept-alive connection instead of a reply: see the server's log; if it closes them unannounced, pass --connection-reuse-strategy never`,
    };
  return begun
    ? {
        type: "IncompleteReply",
        message: `${target.authority} closed the connection in the middle of its reply: see the server's log`,
      }
    : {
        type: "ServerDisconnected",
        message: `${target.authority} closed the connection without a reply: see the server's log, or give --url with https:// if it speaks TLS`,
      };
}

/** The server is there, but what it says is not HTTP/1.1. */
export function malformedReply(target: Target, defect: string): Failure {
  return {
    type: "MalformedReply",
    message: `${target.authority} does not speak HTTP/1.1 (${defect}): check the port of --url`,
  };
}

/** A TLS handshake that does not end within `seconds`. */
export function handshakeTimeout(target: Target, seconds: number): Failure {
  return {
    type: "ConnectTimeout",
    message: `${target.authority} did not complete a TLS handshake within ${seconds} s: check its port, or give --url with http://`,
  };
}
