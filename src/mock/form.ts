// Forms, as browsers and scripts upload files: parts between boundaries, each with a name.
// Source: RFC 7578, and RFC 2046 for the boundaries.

import type { Fields } from "./prompt.ts";

const HEAD_END = Buffer.from("\r\n\r\n");

/** The fields of a form, files as their bytes; undefined when it is not what its type says. */
export function formFields(body: Buffer, contentType: string): Fields | undefined {
  const boundary = /boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType);
  const mark = boundary?.[1] ?? boundary?.[2];
  if (mark === undefined) return undefined;
  const between = Buffer.from(`\r\n--${mark}`);
  const fields: { [name: string]: unknown } = {};
  // The first boundary may have nothing before it, not even a line end.
  const whole = Buffer.concat([Buffer.from("\r\n"), body]);
  let at = whole.indexOf(between);
  if (at === -1) return undefined;
  for (;;) {
    at += between.length;
    if (whole.toString("latin1", at, at + 2) === "--") return fields;
    const next = whole.indexOf(between, at);
    const headEnd = whole.indexOf(HEAD_END, at);
    if (next === -1 || headEnd === -1 || headEnd > next) return undefined;
    const head = whole.toString("utf8", at, headEnd);
    const name = /content-disposition:[^\r\n]*[; ]name="([^"]*)"/i.exec(head)?.[1];
    if (name === undefined) return undefined;
    const bytes = whole.subarray(headEnd + HEAD_END.length, next);
    fields[name] = /filename="/i.test(head) ? bytes : bytes.toString("utf8");
    at = next;
  }
}
