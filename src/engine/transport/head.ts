// The head of a request as text. All but two ids and the body's length is the same for every
// request to a target, so it is joined once.

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
  const parts: (string | typeof REQUEST_ID | typeof CORRELATION_ID)[] = [];
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
  const tail = `${text}Content-Length: `;
  return (requestId, correlationId, bodyBytes) => {
    let head = "";
    for (const part of parts)
      head +=
        part === REQUEST_ID
          ? requestId
          : part === CORRELATION_ID
            ? correlationId
            : (part as string);
    return `${head}${tail}${bodyBytes}\r\n\r\n`;
  };
}
