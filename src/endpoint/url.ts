// Where a request goes: the base URL that the user gave and the endpoint's own path.

/** A server's address, taken apart once so that no worker parses it again. */
export interface Target {
  readonly tls: boolean;
  /** Name or address without brackets, as a socket wants it. */
  readonly host: string;
  /** The name that a TLS certificate must have; `host` may become an address later. */
  readonly serverName: string;
  readonly port: number;
  /** The `Host` header. */
  readonly authority: string;
  /** Path and query of the request line. */
  readonly path: string;
  readonly url: string;
}

/**
 * Joins a base URL and an endpoint's path by AIPerf's rules: a base that already ends in the path
 * stays as it is, a doubled `/v1` is written once, and queries on either are kept, the base's first.
 */
export function targetOf(baseUrl: string, endpointPath: string): Target {
  const url = new URL(baseUrl);
  const mark = endpointPath.indexOf("?");
  const path = mark === -1 ? endpointPath : endpointPath.slice(0, mark);
  const query = mark === -1 ? "" : endpointPath.slice(mark + 1);
  url.pathname = joinPaths(url.pathname.replace(/\/+$/, ""), path);
  url.search = [url.search.slice(1), query].filter((part) => part !== "").join("&");
  const tls = url.protocol === "https:";
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  return {
    tls,
    host,
    serverName: host,
    port: url.port === "" ? (tls ? 443 : 80) : Number(url.port),
    authority: url.host,
    path: url.pathname + url.search,
    url: url.href,
  };
}

function joinPaths(base: string, path: string): string {
  if (path === "" || path === "/") return base === "" ? "/" : base;
  const tail = path.startsWith("/") ? path : `/${path}`;
  if (base.endsWith(tail)) return base;
  if (base.endsWith("/v1") && tail.startsWith("/v1/")) return base + tail.slice("/v1".length);
  return base + tail;
}
