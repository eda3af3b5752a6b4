// The items of a JSON list that is too long to be parsed as a whole: the file is read in pieces,
// and cut where an item ends.

import { basename } from "node:path";
import { fail } from "#core";
import { unpacked } from "#trace";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN = [0x5b, 0x7b];
const CLOSE = [0x5d, 0x7d];

/**
 * Yields the items of a file that is one list.
 * @throws E_DATA_JSON when it is none
 */
export async function* jsonItems(path: string): AsyncGenerator<unknown> {
  const refuse = (): never =>
    fail("E_DATA_JSON", `${basename(path)} is not one JSON list`, "download it again");
  const parse = (parts: readonly Uint8Array[]): unknown => {
    try {
      return JSON.parse(Buffer.concat(parts).toString("utf8"));
    } catch {
      return refuse();
    }
  };

  let parts: Uint8Array[] = [];
  let depth = 0;
  let inString = false;
  let isEscaped = false;
  let hasItem = false;
  for await (const bytes of unpacked(path)) {
    let start = 0;
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at]!;
      if (inString) {
        if (isEscaped) isEscaped = false;
        else if (byte === BACKSLASH) isEscaped = true;
        else if (byte === QUOTE) inString = false;
        continue;
      }
      const isEnd = depth === 1 && (byte === COMMA || CLOSE.includes(byte));
      if (isEnd && (hasItem || byte === COMMA)) {
        parts.push(bytes.subarray(start, at));
        yield parse(parts);
        parts = [];
        hasItem = false;
      }
      if (isEnd) start = at + 1;
      else if (depth >= 1 && byte > 0x20) hasItem = true;
      if (byte === QUOTE && depth === 0) refuse();
      else if (byte === QUOTE) inString = true;
      else if (OPEN.includes(byte) && ++depth === 1) start = at + 1;
      else if (CLOSE.includes(byte)) depth--;
      else if (depth === 0 && byte > 0x20 && byte < 0x80) refuse();
    }
    if (depth > 0) parts.push(bytes.slice(start));
  }
  if (depth !== 0 || inString) refuse();
}
