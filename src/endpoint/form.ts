// A body as it is sent: JSON, or a form with files in it. The form's boundary is the same for all
// requests of all runs, so that the header which names it is, too.
// Source: RFC 7578.

import type { Json } from "#config";
import { fail } from "#core";
import { type Body, type EndpointRow, FORM_BOUNDARY } from "./endpoint.ts";

/** A body's bytes; text where it is nothing else. */
export type EncodedBody = string | Buffer;

interface Encoding {
  readonly files?: EndpointRow["files"] | undefined;
  readonly isForm: boolean;
}

/**
 * @param body what the row made, or what the data gave in its place
 * @throws E_FORM for a body that cannot be a form
 */
export function encodeBody(body: Json, { files = [], isForm }: Encoding): EncodedBody {
  if (!isForm) return JSON.stringify(body);
  if (typeof body !== "object" || body === null || Array.isArray(body))
    return fail("E_FORM", "a body that is no object cannot be sent as a form", "send an object");
  const parts: Buffer[] = [];
  for (const [name, value] of Object.entries(body as Body)) {
    const isFile = files.includes(name);
    for (const item of isFile && Array.isArray(value) ? value : [value])
      parts.push(
        ...(isFile && typeof item === "string"
          ? filePart(name, item)
          : textPart(name, item as Json)),
      );
  }
  parts.push(Buffer.from(`--${FORM_BOUNDARY}--\r\n`));
  return Buffer.concat(parts);
}

function textPart(name: string, value: Json): Buffer[] {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return part(`name="${quotable(name)}"`, undefined, Buffer.from(text));
}

/** A file that came as a data URL, or as its format and its bytes in base64. */
function filePart(name: string, content: string): Buffer[] {
  const url = /^data:([\w.+-]+\/([\w.+-]+))(?:;[^,;]*)*;base64,/.exec(content.slice(0, 256));
  const pair = /^(\w+),/.exec(content.slice(0, 32));
  const match = url ?? pair;
  if (match === null) return textPart(name, content);
  const type = url?.[1] ?? AUDIO_TYPES[pair![1]!] ?? `audio/${pair![1]}`;
  const ending = url?.[2] ?? pair![1]!;
  const bytes = Buffer.from(content.slice(match[0].length), "base64");
  return part(`name="${quotable(name)}"; filename="${name}.${ending}"`, type, bytes);
}

const AUDIO_TYPES: { readonly [format: string]: string } = { mp3: "audio/mpeg", wav: "audio/wav" };

function part(disposition: string, type: string | undefined, bytes: Buffer): Buffer[] {
  const typeLine = type === undefined ? "" : `Content-Type: ${type}\r\n`;
  const head = `--${FORM_BOUNDARY}\r\nContent-Disposition: form-data; ${disposition}\r\n${typeLine}\r\n`;
  if (bytes.includes(FORM_BOUNDARY))
    fail("E_FORM", "a text of a form has this program's boundary in it", "take it out");
  return [Buffer.from(head), bytes, Buffer.from("\r\n")];
}

/** A field's name where quotes and line ends would end it. */
function quotable(name: string): string {
  return name.replaceAll('"', "%22").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}
