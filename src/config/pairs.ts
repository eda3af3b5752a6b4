// Headers and extra inputs: pairs of a key and a value on the command line, or one JSON object.
//
// A header's value is always a text and is never cut at a comma, so `Accept: text/a, text/b` and
// `X-Level: 1` arrive as they were typed; several headers take several flags or several arguments.
// An extra input is cut at commas outside of brackets, and its value gets the type that it spells.

import { fail } from "#core";
import type { Json } from "./plan.ts";

export type Header = readonly [name: string, value: string];
export type Dict = { readonly [key: string]: Json };

const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Headers that the transport sets; another value would break the framing of the request. */
const FRAMING = new Set(["content-length", "transfer-encoding", "connection"]);

/** Deeper JSON than this serves no server and could exhaust the stack. */
const DEPTH_MAX = 64;

/** The headers in order; of one given twice, in any case of letters, the last value holds. */
export function readHeaders(flag: string, values: readonly string[]): readonly Header[] {
  const headers = new Map<string, Header>();
  for (const value of values) {
    for (const [name, text] of isObject(value)
      ? headersOfJson(flag, value)
      : [split(flag, value)]) {
      if (!HEADER_NAME.test(name)) {
        fail(
          "E_HEADER",
          `${flag} has a name that is no header's`,
          "use letters, digits and hyphens",
        );
      }
      if (!HEADER_VALUE.test(text)) {
        const what = `${flag} ${name} has a character that no header may carry`;
        fail("E_HEADER", what, "use printable characters on one line");
      }
      if (FRAMING.has(name.toLowerCase())) {
        fail("E_HEADER", `${flag} ${name} is set by the transport`, "leave it out");
      }
      headers.delete(name.toLowerCase());
      headers.set(name.toLowerCase(), [name, text]);
    }
  }
  return [...headers.values()];
}

/**
 * The extra inputs; of a key given twice the last value holds. A dot in a key of a pair leads into
 * an object; the keys of a JSON object are taken as they are.
 */
export function readDict(flag: string, values: readonly string[]): Dict {
  let dict: Dict = {};
  for (const value of values) {
    if (isObject(value)) dict = { ...dict, ...parseObject(flag, value) };
    else
      for (const piece of splitOutsideBrackets(value)) {
        const [key, text] = split(flag, piece);
        const path = key.split(".");
        if (path.includes("")) {
          // A dot that leads nowhere is a part of the name.
          dict = { ...dict, [key]: typed(text) };
        } else if (path.length > DEPTH_MAX) tooDeep(flag);
        else dict = withField(dict, path, typed(text));
      }
  }
  return dict;
}

/** The fields with another one at a path, whose objects are made where there are none. */
function withField(fields: Dict, [name, ...rest]: readonly string[], value: Json): Dict {
  if (rest.length === 0) return { ...fields, [name!]: value };
  const inner = fields[name!];
  const isFields = typeof inner === "object" && inner !== null && !Array.isArray(inner);
  return { ...fields, [name!]: withField(isFields ? (inner as Dict) : {}, rest, value) };
}

function headersOfJson(flag: string, value: string): readonly Header[] {
  return Object.entries(parseObject(flag, value)).map(([name, field]) => {
    if (typeof field === "object") {
      fail("E_HEADER", `${flag} has a value that is no text`, "give each name a text");
    }
    return [name, String(field).trim()];
  });
}

function split(flag: string, piece: string): Header {
  const colon = piece.indexOf(":");
  const key = piece.slice(0, Math.max(0, colon)).trim();
  if (colon < 0) {
    // The text is not shown: it may be a secret that lost its name.
    fail("E_FLAG_VALUE", `${flag} has a value without a colon`, "write it as key:value");
  }
  if (key === "") fail("E_FLAG_VALUE", `${flag} has nothing before the colon`, "name the value");
  return [key, piece.slice(colon + 1).trim()];
}

/** Whether a value is a JSON object rather than a pair. */
export function isObject(value: string): boolean {
  return value.trimStart().startsWith("{");
}

function parseObject(flag: string, value: string): { [key: string]: Json } {
  let parsed: { [key: string]: Json };
  try {
    parsed = JSON.parse(value);
  } catch {
    // The parser's own message quotes the text, secrets included.
    return fail("E_FLAG_VALUE", `${flag} is not valid JSON`, "check quotes, commas and braces");
  }
  if (depthOf(parsed, 0) > DEPTH_MAX) {
    tooDeep(flag);
  }
  return parsed;
}

function tooDeep(flag: string): never {
  return fail("E_FLAG_VALUE", `${flag} is nested too deep`, `use at most ${DEPTH_MAX} levels`);
}

function depthOf(value: Json, depth: number): number {
  if (typeof value !== "object" || value === null || depth > DEPTH_MAX) return depth;
  return Object.values(value).reduce<number>(
    (deepest, field) => Math.max(deepest, depthOf(field as Json, depth + 1)),
    depth,
  );
}

/** The pieces between commas, leaving alone what brackets hold. */
export function splitOutsideBrackets(text: string): readonly string[] {
  const pieces: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const letter = text[at]!;
    if ("{[(".includes(letter)) depth++;
    else if ("}])".includes(letter)) depth--;
    else if (letter === "," && depth <= 0) {
      pieces.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return [...pieces, text.slice(start)];
}

/** true, false, null and numbers get their type; all else stays a text. */
function typed(text: string): Json {
  const word = text.toLowerCase();
  if (word === "true" || word === "false") return word === "true";
  if (word === "none" || word === "null") return null;
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text)) return text;
  const number = Number(text);
  // An integer that a double cannot hold would arrive as another one.
  const exact = /[.e]/i.test(text) ? Number.isFinite(number) : Number.isSafeInteger(number);
  return exact ? number : text;
}
