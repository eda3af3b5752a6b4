import { expect, test } from "bun:test";
import { targetOf } from "#endpoint";
import { failureOf } from "../../../src/engine/transport/failures.ts";

const TARGET = targetOf("http://server:8000", "/");

const coded = (code: string, message = "") => Object.assign(new Error(message), { code });

const CASES: [error: Error | string, type: string, message: RegExp][] = [
  [coded("ECONNREFUSED", "Failed to connect"), "ConnectionRefused", /start the server/],
  [coded("ENOTFOUND", "getaddrinfo ENOTFOUND server"), "NameNotFound", /cannot be resolved/],
  [coded("EAI_AGAIN"), "NameNotFound", /cannot be resolved/],
  [coded("DEPTH_ZERO_SELF_SIGNED_CERT", "self signed"), "TlsError", /\(self signed\).*--insecure/],
  [coded("CERT_HAS_EXPIRED", "expired"), "TlsError", /--insecure/],
  [coded("UNABLE_TO_VERIFY_LEAF_SIGNATURE"), "TlsError", /--insecure/],
  // The certificate's names are in the message, and one of them is called DNS.
  [coded("ERR_TLS_CERT_ALTNAME_INVALID", "altnames: DNS:other"), "TlsError", /DNS:other/],
  [coded("EPROTO", "error:100000f7:SSL routines"), "TlsHandshakeFailed", /http:\/\//],
  [coded("ECONNRESET", "before secure TLS connection"), "ConnectionReset", /server's log/],
  [coded("EPIPE"), "ConnectionReset", /server's log/],
  [coded("ETIMEDOUT"), "ConnectTimeout", /does not answer/],
  [new Error("Timeout"), "ConnectTimeout", /does not answer/],
  [coded("EMFILE"), "DescriptorLimit", /ulimit -n/],
  [coded("EADDRNOTAVAIL"), "PortsExhausted", /lower --concurrency/],
  [coded("EHOSTUNREACH"), "Unreachable", /no route/],
  [coded("ENETUNREACH"), "Unreachable", /no route/],
  [coded("EODD", "something odd"), "EODD", /: something odd$/],
  [new Error("something odd"), "TransportError", /: something odd$/],
  ["not even an error", "TransportError", /: not even an error$/],
];
const NAMED = CASES.map(([error, type, message]) => {
  const what = error instanceof Error && "code" in error ? String(error.code) : String(error);
  return [what, type, error, message] as const;
});
test.each(NAMED)("%s is told as %s", (_what, type, error, message) => {
  const failure = failureOf(error, TARGET);
  expect(failure.type).toBe(type);
  expect(failure.message).toMatch(message);
  expect(failure.message).toContain("server:8000");
});
