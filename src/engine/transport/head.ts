// The head of a request as text. All but two ids and the body's length is the same for every
// request to a target, so it is joined once.

import { writeDigits, writePlain } from "#core";
import { CORRELATION_ID, type HeaderRow, REQUEST_ID, type Target } from "#endpoint";

/** Text of a request's head, up to and including the blank line. */
export type HeadTemplate = (requestId: string, correlationId: string, bodyBytes: number) => string;

/** The path below a target's own, whose query follows it. */
export function pathBelow({ path }: Pick<Target, "path">, lookup: string): string {
  const query = path.indexOf("?");
  return query === -1 ? path + lookup : path.slice(0, query) + lookup + path.slice(query);
}

/** The head of a GET for a path below the target's. */
export function lookupHead(
  target: Target,
  rows: readonly HeaderRow[],
  lookup: string,
): HeadTemplate {
  const asked = { ...target, path: pathBelow(target, lookup) };
  const own = rows.filter(([name]) => name.toLowerCase() !== "content-type");
  const template = headTemplate(asked, own, "GET");
  return (requestId, correlationId) =>
    template(requestId, correlationId, 0).replace(/Content-Length: 0\r\n\r\n$/, "\r\n");
}

/** The template of requests to `target` with these headers. */
export function headTemplate(
  target: Target,
  rows: readonly HeaderRow[],
  method = "POST",
): HeadTemplate {
  const { parts, tail } = partsOf(target, rows, method);
  return (requestId, correlationId, bodyBytes) => {
    let head = "";
    for (const part of parts) head += textOf(part, requestId, correlationId);
    return `${head}${tail}${bodyBytes}${END}`;
  };
}

type Part = string | typeof REQUEST_ID | typeof CORRELATION_ID;

const END = "\r\n\r\n";
const DIGITS_MAX = 16;

const textOf = (part: Part, requestId: string, correlationId: string): string =>
  part === REQUEST_ID ? requestId : part === CORRELATION_ID ? correlationId : (part as string);

/** What a head consists of up to the number of the body's bytes, which follows the tail. */
function partsOf(target: Target, rows: readonly HeaderRow[], method: string) {
  const parts: Part[] = [];
  const ownHost = rows.some(([name]) => name.toLowerCase() === "host");
  let text = `${method} ${target.path} HTTP/1.1\r\n`;
  if (!ownHost) text += `Host: ${target.authority}\r\n`;
  for (const [name, value] of rows) {
    text += `${name}: `;
    if (typeof value === "string") text += value;
    else {
      parts.push(text, value);
      text = "";
    }
    text += "\r\n";
  }
  return { parts, tail: `${text}Content-Length: ` };
}

/** Writes one head over the other: of most only the names and a number are new. */
export class HeadWriter {
  readonly #parts: readonly Part[];
  /** Where each part begins; -1 for what has to be written anew. */
  readonly #at: number[];
  /** The heads, one at a time. */
  bytes: Buffer = Buffer.allocUnsafeSlow(1024);

  constructor(target: Target, rows: readonly HeaderRow[]) {
    const { parts, tail } = partsOf(target, rows, "POST");
    this.#parts = [...parts, tail];
    this.#at = this.#parts.map(() => -1);
  }

  /** Puts the next head into `bytes`, which may be others now, and answers how many they are. */
  write(requestId: string, correlationId: string, bodyBytes: number): number {
    let at = 0;
    for (let i = 0; i < this.#parts.length; i++) {
      const part = this.#parts[i]!;
      const isSame = this.#at[i] === at && typeof part === "string";
      const text = textOf(part, requestId, correlationId);
      if (!isSame && !this.#put(text, at))
        return this.#writeWhole(requestId, correlationId, bodyBytes);
      this.#at[i] = at;
      at += text.length;
    }
    this.#reserve(at + DIGITS_MAX + END.length);
    at = writeDigits(this.bytes, bodyBytes, at);
    writePlain(this.bytes, END, at);
    return at + END.length;
  }

  #put(text: string, at: number): boolean {
    this.#reserve(at + text.length);
    return writePlain(this.bytes, text, at);
  }

  #reserve(bytes: number): void {
    if (bytes <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(bytes * 2);
    this.bytes.copy(larger);
    this.bytes = larger;
  }

  /** A head with letters of more than one byte. */
  #writeWhole(requestId: string, correlationId: string, bodyBytes: number): number {
    this.#at.fill(-1);
    const texts = this.#parts.map((part) => textOf(part, requestId, correlationId));
    const whole = Buffer.from(`${texts.join("")}${bodyBytes}${END}`);
    this.#reserve(whole.length);
    return whole.copy(this.bytes);
  }
}
