// A server's URL as the rest of the program wants it: absolute, clean, and without credentials.

import { fail } from "#core";
import { quoted } from "./complaint.ts";

export interface ServerUrl {
  /** Scheme, host, port, base path and query; no trailing slash, no user, no fragment. */
  readonly url: string;
  /** Value of the Authorization header that a user in the URL asks for. */
  readonly authorization: string | undefined;
}

/** Reads one `--url`; without a scheme it is http. */
export function readUrl(flag: string, text: string): ServerUrl {
  const no = (what: string, wayOut: string): never =>
    fail("E_URL", `${flag} ${quoted(text)} ${what}`, wayOut);

  if (text === "") no("is empty", "give host:port, such as localhost:8000");
  if (/\s/.test(text)) no("has a space in it", "remove it, or write it as %20");
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme !== undefined && scheme !== "http" && scheme !== "https") {
    no(`has the scheme ${scheme}`, "use http:// or https://");
  }
  if (scheme === undefined && /^https?:(?!\d+(?:\/|$))/i.test(text)) {
    no("has no // after its scheme", "write http://host:port");
  }
  const absolute = scheme === undefined ? `http://${text}` : text;
  const host = /^[a-z]+:\/\/([^/?#]*)/i.exec(absolute)?.[1]?.replace(/^.*@/, "") ?? "";
  if (host === "" || host.startsWith(":")) no("names no host", "write http://host:port");
  const port = /:([^:\]]*)$/.exec(host)?.[1];
  if (port !== undefined && !(/^\d{1,5}$/.test(port) && +port >= 1 && +port <= 65535)) {
    no("has no valid port", "use a port from 1 to 65535");
  }

  let parsed: URL;
  try {
    parsed = new URL(absolute);
  } catch {
    return no("is not a URL", "write http://host:port");
  }
  const { origin, pathname, search, username, password } = parsed;
  const user = username !== "" || password !== "";
  return {
    url: origin + pathname.replace(/\/+$/, "") + search,
    authorization: user ? `Basic ${basic(username, password)}` : undefined,
  };
}

function basic(username: string, password: string): string {
  return Buffer.from(`${unescaped(username)}:${unescaped(password)}`).toString("base64");
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
