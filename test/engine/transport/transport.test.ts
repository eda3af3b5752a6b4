// What every transport must make of a connection's fate. Servers are real, on loopback; where
// transports can tell apart more or less, the difference is in a table.

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { networkInterfaces } from "node:os";
import { CORRELATION_ID, REQUEST_ID, targetOf } from "#endpoint";
import { fetchTransport, socketTransport, type Transport, type TransportOptions } from "#engine";
import { TestExchange } from "./exchange.ts";
import { openWireBench, wireBench } from "./framed.ts";
import {
  CERTIFICATE_FILE,
  CHUNKED,
  chunk,
  freePort,
  OK,
  type Peer,
  type Request,
  TestServer,
  withLength,
} from "./server.ts";

const KINDS = { socket: socketTransport, fetch: fetchTransport, wire: wireBench } as const;
type Kind = keyof typeof KINDS;

/** How a reset connection is called: Bun's fetch cannot tell it from a closed one. */
const RESET_BEFORE = {
  socket: "ConnectionReset",
  fetch: "ServerDisconnected",
  wire: "ConnectionReset",
} as const;
const RESET_WITHIN = {
  socket: "ConnectionReset",
  fetch: "IncompleteReply",
  wire: "ConnectionReset",
} as const;

const HAS_IPV6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === "::1"),
);

const OPTIONS: TransportOptions = {
  now: () => Bun.nanoseconds(),
  headers: [["X-Test", "1"]],
  insecure: false,
  freshConnections: false,
};

const hasWire = (() => {
  const bench = openWireBench(OPTIONS);
  bench?.close();
  return bench !== undefined;
})();
const kinds = (Object.keys(KINDS) as Kind[]).filter((kind) => kind !== "wire" || hasWire);
/** Those that frame HTTP themselves. */
const framing: readonly Kind[] = kinds.filter((kind) => kind !== "fetch");
/** Those that resolve names and speak TLS. */
const general: readonly Kind[] = kinds.filter((kind) => kind !== "wire");

function transportOf(kind: Kind, options: Partial<TransportOptions> = {}): Transport {
  return KINDS[kind]({ ...OPTIONS, ...options });
}

/** One exchange with a server that answers like this. */
async function exchangeWith(
  kind: Kind,
  answer: (peer: Peer, request: Request) => void,
  options: { readonly body?: string | Uint8Array; readonly deafMs?: number } = {},
) {
  using server = new TestServer(answer, options);
  const transport = transportOf(kind);
  const exchange = new TestExchange(server.url(), options.body);
  transport.start(exchange);
  await exchange.over;
  transport.close();
  return { exchange, counts: transport.counts, requests: server.requests };
}

describe.each(kinds)("%s:", (kind) => {
  const isFraming = framing.includes(kind);
  const isGeneral = general.includes(kind);

  describe("a reply is told as it comes:", () => {
    const REPLIES: [what: string, says: string[], body: string][] = [
      ["with a length", [withLength("abc")], "abc"],
      ["with a length of nothing", [`${OK}Content-Length: 0\r\n\r\n`], ""],
      ["in chunks", [CHUNKED, chunk("a"), chunk("bc"), "0\r\n\r\n"], "abc"],
      ["in one segment", [CHUNKED + chunk("a") + chunk("bc") + "0\r\n\r\n"], "abc"],
      ["after an interim reply", ["HTTP/1.1 100 Continue\r\n\r\n", withLength("abc")], "abc"],
    ];
    test.each(REPLIES)("%s", async (_what, says, body) => {
      const { exchange, counts } = await exchangeWith(kind, async (peer) => {
        for (const text of says) {
          peer.say(text);
          await Bun.sleep(2);
        }
      });
      expect(exchange.failure).toBeUndefined();
      expect(exchange.text).toBe(body);
      expect(exchange.replyHead).toMatchObject({
        status: 200,
        reason: "OK",
        contentType: "text/event-stream",
        contentEncoding: "",
      });
      expect(exchange.told.slice(0, 2)).toEqual(["connected", "sent"]);
      expect(exchange.told.at(-1)).toBe("ended");
      expect(exchange.stampsNs).toEqual(exchange.stampsNs.toSorted((a, b) => a - b));
      expect(counts).toMatchObject({ opened: 1, broken: 0 });
    });

    test("until the connection ends", async () => {
      const { exchange } = await exchangeWith(kind, (peer) => {
        peer.say(`${OK}\r\nabc`);
        setTimeout(() => peer.finish(), 10);
      });
      expect(exchange).toMatchObject({ failure: undefined, text: "abc" });
    });

    test("an error status is a reply, and a redirect is not followed", async () => {
      for (const status of ["500 Internal Server Error", "302 Found\r\nLocation: /x"]) {
        const { exchange, requests } = await exchangeWith(kind, (peer) =>
          peer.say(`HTTP/1.1 ${status}\r\nContent-Length: 2\r\n\r\nno`),
        );
        expect(exchange.replyHead!.status).toBe(Number(status.slice(0, 3)));
        expect(exchange.text).toBe("no");
        expect(requests).toHaveLength(1);
      }
    });
  });

  describe("a request", () => {
    test("goes out with its headers, ids and body", async () => {
      using server = new TestServer((peer) => peer.say(withLength("")));
      const transport = transportOf(kind, {
        headers: [
          ["User-Agent", "aiperf/1"],
          ["X-Request-ID", REQUEST_ID],
          ["X-Correlation-ID", CORRELATION_ID],
          ["Accept", "text/event-stream"],
        ],
      });
      const exchange = new TestExchange(`${server.url()}?key=1`, "é");
      transport.start(exchange);
      await exchange.over;
      transport.close();
      const { head, bodyBytes } = server.requests[0]!;
      expect(bodyBytes).toBe(2);
      const lines = head.toLowerCase().split("\r\n");
      expect(lines[0]).toBe("post /v1/chat/completions?key=1 http/1.1");
      for (const line of [
        `host: 127.0.0.1:${server.port}`,
        "user-agent: aiperf/1",
        `x-request-id: ${exchange.requestId}`,
        `x-correlation-id: ${exchange.correlationId}`,
        "accept: text/event-stream",
        "content-length: 2",
      ])
        expect(lines).toContain(line);
      expect(lines.some((line) => line.startsWith("accept-encoding"))).toBe(false);
    });

    test("of 5 MB waits for a server that does not read yet", async () => {
      const body = new Uint8Array(5_000_000).fill(120);
      const { exchange, requests } = await exchangeWith(
        kind,
        (peer) => peer.say(withLength("ok")),
        {
          body,
          deafMs: 60,
        },
      );
      expect(exchange).toMatchObject({ failure: undefined, text: "ok" });
      expect(requests[0]!.bodyBytes).toBe(body.length);
    });

    test.skipIf(!HAS_IPV6)("goes to an IPv6 address in brackets", async () => {
      using server = new TestServer((peer) => peer.say(withLength("six")), { hostname: "::1" });
      const transport = transportOf(kind);
      const exchange = new TestExchange(server.url("[::1]"));
      transport.start(exchange);
      await exchange.over;
      transport.close();
      expect(exchange).toMatchObject({ failure: undefined, text: "six" });
      expect(server.requests[0]!.head.toLowerCase()).toContain(`host: [::1]:${server.port}\r\n`);
    });
  });

  describe("connections", () => {
    /** Exchanges one after the other, each begun inside the end of the one before. */
    async function inTurn(transport: Transport, url: string, count: number) {
      const first = new TestExchange(url);
      const all = Array.from({ length: count - 1 }, () => new TestExchange(first.target));
      all.unshift(first);
      for (const [i, exchange] of all.entries())
        exchange.whenEnded = () => {
          const next = all[i + 1];
          if (next !== undefined) transport.start(next);
        };
      transport.start(first);
      for (const exchange of all) {
        await exchange.over;
        if (exchange.failure !== undefined) break;
      }
      return all;
    }

    test("are used again", async () => {
      using server = new TestServer((peer) => peer.say(withLength("a")));
      const transport = transportOf(kind);
      const all = await inTurn(transport, server.url(), 5);
      transport.close();
      expect(all.map((exchange) => exchange.text)).toEqual(["a", "a", "a", "a", "a"]);
      expect(server.connections).toBe(1);
      if (isFraming) {
        expect(all.map((exchange) => exchange.reused)).toEqual([false, true, true, true, true]);
        expect(all.map((exchange) => exchange.connectNs > 0)).toEqual([
          true,
          false,
          false,
          false,
          false,
        ]);
        expect(transport.counts).toEqual({ opened: 1, reused: 4, broken: 0 });
      }
    });

    test("are used once where the user says so", async () => {
      using server = new TestServer((peer) => peer.say(withLength("a")));
      const transport = transportOf(kind, { freshConnections: true });
      await inTurn(transport, server.url(), 3);
      transport.close();
      expect(server.connections).toBe(3);
    });

    test("are not used again when the server closes them with its reply", async () => {
      using server = new TestServer((peer) => {
        peer.say(`${OK}Connection: close\r\nContent-Length: 1\r\n\r\na`);
        peer.finish();
      });
      const transport = transportOf(kind);
      const all = await inTurn(transport, server.url(), 3);
      transport.close();
      expect(all.map((exchange) => exchange.text)).toEqual(["a", "a", "a"]);
      expect(server.connections).toBe(3);
    });

    test("that the server closed while they idled cost no request", async () => {
      using server = new TestServer(async (peer) => {
        peer.say(withLength("a"));
        await Bun.sleep(10);
        peer.finish();
      });
      const transport = transportOf(kind);
      for (let i = 0; i < 3; i++) {
        const exchange = new TestExchange(server.url());
        transport.start(exchange);
        await exchange.over;
        expect(exchange).toMatchObject({ failure: undefined, text: "a" });
        await Bun.sleep(40);
      }
      transport.close();
      expect(server.connections).toBe(3);
    });

    test.if(isFraming)(
      "that the server closes instead of a reply are not tried twice",
      async () => {
        let asked = 0;
        using server = new TestServer((peer) => {
          if (++asked % 2 === 1) peer.say(withLength("a"));
          else peer.finish();
        });
        const transport = transportOf(kind);
        const target = targetOf(server.url(), "/");
        const failures: (string | undefined)[] = [];
        for (let i = 0; i < 4; i++) {
          const exchange = new TestExchange(target);
          transport.start(exchange);
          await exchange.over;
          failures.push(exchange.failure?.message);
        }
        transport.close();
        expect(server.requests).toHaveLength(4);
        expect(failures).toEqual([
          undefined,
          expect.stringContaining("kept-alive"),
          undefined,
          expect.stringContaining("kept-alive"),
        ]);
      },
    );

    test.if(isFraming)("belong to a session where the user says so, until it ends", async () => {
      using server = new TestServer((peer, { connection }) =>
        peer.say(withLength(`${connection}`)),
      );
      const transport = transportOf(kind, { stickySessions: true });
      const { target } = new TestExchange(server.url());
      /** A turn of a session, and the number of the connection that carried it. */
      async function turn(correlationId: string, endsSession = false): Promise<string> {
        const exchange = new TestExchange(target);
        Object.assign(exchange, { correlationId, endsSession });
        transport.start(exchange);
        return (await exchange.over).text;
      }
      await transport.warm(target, 1);
      expect(await turn("a")).toBe("0");
      expect(await turn("b")).toBe("1");
      expect(await turn("a")).toBe("0");
      expect(await turn("b", true)).toBe("1");
      expect(await turn("c")).toBe("2");
      expect(await turn("a", true)).toBe("0");
      expect(await turn("a")).toBe("3");
      transport.close();
      expect(transport.counts).toEqual({ opened: 4, reused: 4, broken: 0 });
    });

    test.if(isFraming)("are ready before they are needed when opened ahead", async () => {
      using server = new TestServer((peer) => peer.say(withLength("a")));
      const transport = transportOf(kind);
      const { target } = new TestExchange(server.url());
      await transport.warm(target, 3);
      expect(transport.counts.opened).toBe(3);
      const all = await Promise.all(
        [1, 2, 3].map(async () => {
          const exchange = new TestExchange(target);
          transport.start(exchange);
          await exchange.over;
          return exchange;
        }),
      );
      transport.close();
      expect(all.map((exchange) => exchange.text)).toEqual(["a", "a", "a"]);
      expect(transport.counts).toEqual({ opened: 3, reused: 3, broken: 0 });
    });

    test.if(isFraming)("that cannot be opened ahead are left to the requests", async () => {
      const transport = transportOf(kind);
      const { target } = new TestExchange("http://127.0.0.1:1");
      await transport.warm(target, 2);
      transport.close();
      expect(transport.counts).toMatchObject({ reused: 0 });
    });

    test.if(isFraming)("come from the local addresses that were asked for, in turn", async () => {
      const seen: string[] = [];
      using server = new TestServer((peer) => peer.say(withLength(peer.remoteAddress)));
      const transport = transportOf(kind, {
        sources: ["127.0.0.2", "127.0.0.3"],
        freshConnections: true,
      });
      for (const exchange of await inTurn(transport, server.url(), 4)) seen.push(exchange.text);
      transport.close();
      expect(seen.sort()).toEqual(["127.0.0.2", "127.0.0.2", "127.0.0.3", "127.0.0.3"]);
    });

    test("on which more is said than was asked are left", async () => {
      using server = new TestServer((peer) => peer.say(`${withLength("a")}surplus`));
      const transport = transportOf(kind);
      const all = await inTurn(transport, server.url(), 3);
      transport.close();
      expect(all.map((exchange) => exchange.text)).toEqual(["a", "a", "a"]);
      if (isFraming) expect(server.connections).toBe(3);
    });

    test("that speak unasked are left", async () => {
      using server = new TestServer(async (peer) => {
        peer.say(withLength("a"));
        await Bun.sleep(5);
        peer.say(withLength("this answers nothing"));
      });
      const transport = transportOf(kind);
      for (let i = 0; i < 2; i++) {
        const exchange = new TestExchange(server.url());
        transport.start(exchange);
        await exchange.over;
        expect(exchange).toMatchObject({ failure: undefined, text: "a" });
        await Bun.sleep(30);
      }
      transport.close();
      expect(server.connections).toBe(2);
    });
  });

  describe("a failure says what, where and what to do:", () => {
    const later = (act: () => void) => setTimeout(act, 10);
    const BROKEN: [
      what: string,
      answer: (peer: Peer) => void,
      type: string,
      message: RegExp,
      body: string,
    ][] = [
      [
        "closed without a reply",
        (peer) => peer.finish(),
        "ServerDisconnected",
        /without a reply/,
        "",
      ],
      ["reset without a reply", (peer) => peer.reset(), RESET_BEFORE[kind], /server's log/, ""],
      [
        "closed within the head",
        (peer) => {
          peer.say("HTTP/1.1 200 OK\r\nContent-");
          later(() => peer.finish());
        },
        isFraming ? "IncompleteReply" : "ServerDisconnected",
        /closed the connection/,
        "",
      ],
      [
        "closed within a body with a length",
        (peer) => {
          peer.say(`${OK}Content-Length: 9\r\n\r\nabc`);
          later(() => peer.finish());
        },
        "IncompleteReply",
        /in the middle of its reply/,
        "abc",
      ],
      [
        "closed within a chunked body",
        (peer) => {
          peer.say(CHUNKED + chunk("abc"));
          later(() => peer.finish());
        },
        "IncompleteReply",
        /in the middle of its reply/,
        "abc",
      ],
      [
        "reset within a body",
        (peer) => {
          peer.say(CHUNKED + chunk("abc"));
          later(() => peer.reset());
        },
        RESET_WITHIN[kind],
        /server's log/,
        "abc",
      ],
      [
        "a chunk without a size",
        (peer) => peer.say(`${CHUNKED}xyz\r\n`),
        "MalformedReply",
        /does not speak HTTP\/1\.1/,
        "",
      ],
    ];
    test.each(BROKEN)("%s", async (_what, answer, type, message, body) => {
      const { exchange, counts } = await exchangeWith(kind, answer);
      expect(exchange.failure!.type).toBe(type);
      expect(exchange.failure!.message).toMatch(message);
      expect(exchange.failure!.message).toContain("127.0.0.1:");
      expect(exchange.text).toBe(body);
      expect(counts.broken).toBe(1);
    });

    test("another protocol", async () => {
      const { exchange } = await exchangeWith(kind, (peer) => {
        peer.say("SSH-2.0-OpenSSH_9.6\r\n\r\n");
        later(() => peer.finish());
      });
      // Bun's fetch swallows some of what is no HTTP and waits for the end.
      const types = isFraming ? ["MalformedReply"] : ["MalformedReply", "ServerDisconnected"];
      expect(types).toContain(exchange.failure!.type);
    });

    test("nobody listens", async () => {
      const transport = transportOf(kind);
      const exchange = new TestExchange(`http://127.0.0.1:${freePort()}`);
      transport.start(exchange);
      await exchange.over;
      transport.close();
      expect(exchange.failure!.type).toBe("ConnectionRefused");
      expect(exchange.failure!.message).toMatch(/nothing listens on 127\.0\.0\.1:\d+: start/);
      expect(exchange.told).not.toContain("segment");
    });

    test.if(isGeneral)("the name is nobody's", async () => {
      const transport = transportOf(kind);
      // A label this long is refused by the resolver itself: no name server is asked.
      const name = `${"x".repeat(64)}.invalid:8000`;
      const exchange = new TestExchange(`http://${name}`);
      transport.start(exchange);
      await exchange.over;
      transport.close();
      expect(exchange.failure).toEqual({
        type: "NameNotFound",
        message: `the name of ${name} cannot be resolved: check --url`,
      });
    });

    test("after a failure the next request starts afresh", async () => {
      using server = new TestServer((peer, { connection }) => {
        if (connection === 0) peer.reset();
        else peer.say(withLength("b"));
      });
      const transport = transportOf(kind);
      const first = new TestExchange(server.url());
      transport.start(first);
      await first.over;
      const second = new TestExchange(first.target);
      transport.start(second);
      await second.over;
      transport.close();
      expect(first.failure).toBeDefined();
      expect(second).toMatchObject({ failure: undefined, text: "b" });
    });
  });

  describe.if(isGeneral)("TLS:", () => {
    async function over(url: string, options: Partial<TransportOptions> = {}) {
      const transport = transportOf(kind, options);
      const exchange = new TestExchange(url);
      transport.start(exchange);
      await exchange.over;
      transport.close();
      return exchange;
    }
    const answer = (peer: Peer) => peer.say(withLength("secret"));

    test("a certificate that nobody signed is refused", async () => {
      using server = new TestServer(answer, { tls: true });
      const { failure } = await over(server.url("localhost"));
      expect(failure!.type).toBe("TlsError");
      expect(failure!.message).toMatch(/certificate of localhost:\d+ .*self.signed.*--insecure/i);
      expect(server.requests).toHaveLength(0);
    });

    test.each(["localhost", "127.0.0.1"])(
      "and accepted where any will do, for %s",
      async (host) => {
        using server = new TestServer(answer, { tls: true });
        const exchange = await over(server.url(host), { insecure: true });
        expect(exchange).toMatchObject({ failure: undefined, text: "secret" });
        if (kind === "socket") expect(exchange.connectNs).toBeGreaterThan(0);
      },
    );

    test("a large request and many chunks", async () => {
      using server = new TestServer(
        async (peer, { bodyBytes }) => {
          peer.say(CHUNKED);
          for (let i = 0; i < 50; i++) peer.say(chunk(`${bodyBytes} `));
          await Bun.sleep(1);
          peer.say("0\r\n\r\n");
        },
        { tls: true, deafMs: 30 },
      );
      const transport = transportOf(kind, { insecure: true });
      const exchange = new TestExchange(server.url("localhost"), new Uint8Array(3_000_000));
      transport.start(exchange);
      await exchange.over;
      transport.close();
      expect(exchange).toMatchObject({ failure: undefined, text: "3000000 ".repeat(50) });
    });

    test("a plain server is none", async () => {
      using server = new TestServer(() => {}, {
        greet: (peer) => {
          peer.say("HTTP/1.1 400 Bad Request\r\n\r\n");
          peer.finish();
        },
      });
      for (const insecure of [false, true]) {
        const { failure } = await over(server.url().replace("http:", "https:"), { insecure });
        expect(failure!.type).toBe("TlsHandshakeFailed");
        expect(failure!.message).toMatch(/does not speak TLS.*http:\/\//);
      }
    });

    test("a server that hangs up in the handshake", async () => {
      using server = new TestServer(() => {}, { greet: (peer) => peer.finish() });
      const { failure } = await over(server.url().replace("http:", "https:"), { insecure: true });
      expect(["ConnectionReset", "ServerDisconnected"]).toContain(failure!.type);
    });

    test("plain requests get no reply from it", async () => {
      using server = new TestServer(answer, { tls: true });
      const { failure } = await over(server.url().replace("https:", "http:"));
      expect(failure!.type).toBe("ServerDisconnected");
      expect(failure!.message).toContain("https://");
    });
  });

  describe("cancelling", () => {
    test("a request without reply closes its connection and tells nothing more", async () => {
      const peers: Peer[] = [];
      using server = new TestServer((peer) => peers.push(peer));
      const transport = transportOf(kind);
      const exchange = new TestExchange(server.url());
      transport.start(exchange);
      while (peers.length === 0) await Bun.sleep(1);
      transport.cancel(exchange);
      const told = [...exchange.told];
      await peers[0]!.gone;
      await Bun.sleep(5);
      transport.close();
      expect(exchange.told).toEqual(told);
      expect(told).toEqual(["connected", "sent"]);
    });

    test("a reply in its middle, and the connection is not used again", async () => {
      using server = new TestServer((peer, { connection }) => {
        if (connection === 0) peer.say(CHUNKED + chunk("a"));
        else peer.say(withLength("b"));
      });
      const transport = transportOf(kind);
      const first = new TestExchange(server.url());
      transport.start(first);
      while (!first.hasBody) await Bun.sleep(1);
      transport.cancel(first);
      const second = new TestExchange(first.target);
      transport.start(second);
      await second.over;
      transport.close();
      expect(second).toMatchObject({ failure: undefined, text: "b" });
      expect(first.told.at(-1)).toBe("span");
    });

    test.if(isGeneral)("before the connection is open", async () => {
      const peers: Peer[] = [];
      using server = new TestServer(() => {}, { greet: (peer) => peers.push(peer) });
      const transport = transportOf(kind);
      const exchange = new TestExchange(server.url().replace("http:", "https:"));
      transport.start(exchange);
      transport.cancel(exchange);
      await Bun.sleep(20);
      const second = new TestExchange(server.url().replace("http:", "https:"));
      transport.start(second);
      while (peers.length === 0) await Bun.sleep(1);
      transport.cancel(second);
      transport.cancel(second);
      await Promise.all(peers.map((peer) => peer.gone));
      await Bun.sleep(5);
      transport.close();
      for (const { told } of [exchange, second]) {
        expect(told).not.toContain("ended");
        expect(told).not.toContain("failed");
      }
    });
  });

  test("what was left open closes with the transport", async () => {
    const peers: Peer[] = [];
    using server = new TestServer((peer) => {
      if (peers.push(peer) === 1) peer.say(withLength("a"));
    });
    const transport = transportOf(kind);
    const first = new TestExchange(server.url());
    transport.start(first);
    await first.over;
    const [second, third] = [new TestExchange(first.target), new TestExchange(first.target)];
    transport.start(second);
    transport.start(third);
    while (peers.length < 3) await Bun.sleep(1);
    transport.close();
    if (isFraming) await Promise.all(peers.map((peer) => peer.gone));
    await Bun.sleep(5);
    for (const { told } of [second, third]) expect(told.at(-1)).toBe("sent");
  });
});

describe("in a process of its own:", () => {
  // A new process takes its time where others keep the machine busy.
  setDefaultTimeout(20_000);

  /** Runs `child.ts`, which must end by itself: nothing of a closed transport may hold it. */
  async function child(
    kind: Kind,
    task: string,
    env: Record<string, string>,
    limits = "",
  ): Promise<unknown> {
    const command = `${limits} exec "$0" "$@"`;
    const program = [process.execPath, `${import.meta.dir}/child.ts`, kind, task];
    const started = Bun.spawn(["sh", "-c", command, ...program], {
      env: { ...Bun.env, ...env },
      stdout: "pipe",
      stderr: "inherit",
      timeout: 15_000,
    });
    const text = await new Response(started.stdout).text();
    expect(await started.exited).toBe(0);
    return JSON.parse(text);
  }

  test.each(kinds)("%s: a closed transport keeps no process alive", async (kind) =>
    expect(await child(kind, "leave", {})).toEqual({ answered: 1 }),
  );

  test.each(framing)("%s: 600 requests at once", async (kind) =>
    expect(await child(kind, "600", {})).toEqual({ atOnce: 600, answered: 600 }),
  );

  test("fetch: 400 requests at once, where the process was started for it", async () =>
    expect(await child("fetch", "400", { BUN_CONFIG_MAX_HTTP_REQUESTS: "500" })).toEqual({
      atOnce: 400,
      answered: 400,
    }));

  test.each(kinds)("%s: no file descriptor left", async (kind) =>
    expect(await child(kind, "full", {}, "ulimit -n 64;")).toEqual({ failure: "DescriptorLimit" }),
  );

  test.each(general)("%s: a trusted certificate is accepted for its name alone", async (kind) =>
    expect(await child(kind, "names", { NODE_EXTRA_CA_CERTS: CERTIFICATE_FILE })).toEqual({
      localhost: "answered",
      "127.0.0.1": "TlsError",
    }),
  );
});

test.each(framing)("%s: the head goes out in one piece, in the order of its rows", async (kind) => {
  using server = new TestServer((peer) => peer.say(withLength("")));
  const transport = transportOf(kind, {
    headers: [
      ["B", "1"],
      ["A", "é"],
    ],
  });
  const exchange = new TestExchange(server.url(), "{}");
  transport.start(exchange);
  await exchange.over;
  transport.close();
  expect(server.requests[0]!.head).toBe(
    `POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nB: 1\r\nA: é\r\nContent-Length: 2\r\n\r\n`,
  );
});

test.each(framing)("%s: a host of the user's own is the only one", async (kind) => {
  using server = new TestServer((peer) => peer.say(withLength("")));
  const transport = transportOf(kind, { headers: [["host", "virtual.example"]] });
  const exchange = new TestExchange(server.url());
  transport.start(exchange);
  await exchange.over;
  transport.close();
  expect(server.requests[0]!.head.match(/^host: .*$/gim)).toEqual(["host: virtual.example"]);
});

test.each(framing)("%s: a reply may come before the request is out, and ends it", async (kind) => {
  using server = new TestServer(() => {}, {
    deafMs: 10_000,
    greet: (peer) => peer.say("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno"),
  });
  const transport = transportOf(kind);
  const exchange = new TestExchange(server.url(), new Uint8Array(20_000_000));
  transport.start(exchange);
  await exchange.over;
  const counts = { ...transport.counts };
  transport.close();
  expect(exchange).toMatchObject({ failure: undefined, text: "no" });
  expect(exchange.told).not.toContain("sent");
  expect(counts).toEqual({ opened: 1, reused: 0, broken: 0 });
});

test("socket: a TLS handshake that is never answered ends in time", async () => {
  using server = new TestServer(() => {});
  const transport = transportOf("socket", { connectTimeoutMs: 50 });
  const exchange = new TestExchange(server.url().replace("http:", "https:"));
  transport.start(exchange);
  await exchange.over;
  transport.close();
  expect(exchange.failure!.type).toBe("ConnectTimeout");
  expect(exchange.failure!.message).toMatch(/127\.0\.0\.1:\d+ .*handshake within 0\.05 s.*http:/);
});

test.each(framing)(
  "%s: a server that hangs up at every second request is not excused",
  async (kind) => {
    // The connection idled, but the request was seen: only the server can say why it hung up.
    using server = new TestServer(async (peer, { turn }) => {
      if (turn === 0) return peer.say(withLength("a"));
      await Bun.sleep(30);
      peer.finish();
    });
    const transport = transportOf(kind);
    const first = new TestExchange(server.url());
    transport.start(first);
    await first.over;
    const second = new TestExchange(first.target);
    transport.start(second);
    await second.over;
    transport.close();
    expect(second.reused).toBe(true);
    expect(second.failure!.type).toBe("ServerDisconnected");
    expect(server.connections).toBe(1);
  },
);
