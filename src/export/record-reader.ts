// From lines to the records that figures are made of, each by the fastest way that can read it.

import type { Epoch, RequestRecord } from "#core";
import { recordOf } from "./line-parts.ts";
import { LineScanner } from "./line-scanner.ts";
import { lineReader } from "./read-line.ts";

/** What the requests were called, no figure needs. */
const NO_NAMES = { conversationId: "", requestId: "", correlationId: "" } as const;

/**
 * Reads lines of a file whose times are told from one epoch. The records lack their names: no
 * figure needs them. Lines are given as a {@link LineVisitor} has them.
 * @throws SyntaxError for a line that is no JSON, TypeError for one that is no record
 */
export function recordReader(
  epoch: Epoch,
): (bytes: Buffer, from: number, to: number) => RequestRecord {
  const scanner = new LineScanner(epoch);
  const readAny = lineReader(epoch);
  return (bytes, from, to) =>
    scanner.take(bytes, from, to)
      ? recordOf(scanner.parts, NO_NAMES)
      : { ...readAny(bytes.toString("utf8", from, to)), ...NO_NAMES };
}
