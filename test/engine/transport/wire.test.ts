// What only the native core's sockets may get wrong: bytes that are framed outside of JavaScript,
// places that are used again, and a kernel that is asked too often.

import { describe, expect, test } from "bun:test";
import { NS_PER_MS } from "#core";
import { targetOf } from "#endpoint";
import { startPulses, type TransportOptions, type WireOptions, wireTransport } from "#engine";
import { threadClock, threadCpuNs } from "#ffi";
import { createRing } from "#ring";
import { TestExchange } from "./exchange.ts";
import { openWireBench, type WireBench, wireBench } from "./framed.ts";
import { FullListener } from "./full.ts";
import { CHUNKED, chunk, OK, type Peer, TestServer, withLength } from "./server.ts";

const now = threadClock();
const OPTIONS: TransportOptions = { now, headers: [], insecure: false, freshConnections: false };

const probe = openWireBench(OPTIONS);
probe?.close();

/** A wire that closes at the end of its scope. */
function scoped(options: Partial<WireOptions> = {}, ringBytes?: number) {
  const bench = openWireBench({ ...OPTIONS, ...options }, ringBytes)!;
  return Object.assign(bench, { [Symbol.dispose]: () => bench.close() });
}

/** Sends one request and waits for its end. */
async function ask(bench: WireBench, exchange: TestExchange): Promise<TestExchange> {
  bench.start(exchange);
  return exchange.over;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await Bun.sleep(1);
}

describe.if(probe !== undefined)("wire:", () => {
  describe("replies", () => {
    const CUT =
      "HTTP/1.1 100 Continue\r\n\r\n" +
      "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" +
      `${CHUNKED}4;x\r\nab\r\n\r\n0\r\nTrailer: 1\r\n\r\n`;

    test.each([true, false])("cut at any byte, watched: %p", async (isWatched) => {
      using server = new TestServer(async (peer, { turn }) => {
        peer.say(CUT.slice(0, turn));
        await Bun.sleep(2);
        peer.say(CUT.slice(turn));
      });
      using bench = scoped();
      const first = new TestExchange(server.url());
      for (let cut = 0; cut < CUT.length; cut++) {
        const exchange = new TestExchange(first.target);
        exchange.isWatched = isWatched;
        await ask(bench, exchange);
        expect(exchange).toMatchObject({ failure: undefined, text: "ab\r\n" });
      }
      expect(bench.counts).toEqual({ opened: 1, reused: CUT.length - 1, broken: 0 });
    });

    test("byte by byte", async () => {
      using server = new TestServer(async (peer) => {
        for (const byte of CUT) {
          peer.say(byte);
          await Bun.sleep(1);
        }
      });
      using bench = scoped();
      const exchange = await ask(bench, new TestExchange(server.url()));
      expect(exchange).toMatchObject({ failure: undefined, text: "ab\r\n" });
      expect(bench.tallies[0]).toMatchObject({ bytesReceived: 4, framesLost: 0 });
    });

    const ENDS: [what: string, says: string, body: string, reusable: boolean][] = [
      ["of HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na", "a", false],
      [
        "of HTTP/1.0 that stays",
        "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\na",
        "a",
        true,
      ],
      ["of no content", "HTTP/1.1 204 No Content\r\n\r\n", "", true],
      ["that closes", `${OK}Connection: close\r\nContent-Length: 1\r\n\r\na`, "a", false],
      ["in chunks that closes", CHUNKED.replace("\r\n", "\r\nConnection: close\r\n"), "", false],
      ["with a surplus", `${withLength("a")}b`, "a", false],
      ["in chunks", CHUNKED, "", true],
    ];
    test.each(ENDS)("%s", async (_what, says, body, reusable) => {
      const text = says.includes("chunked") ? `${says}0\r\n\r\n` : says;
      using server = new TestServer((peer) => peer.say(text));
      using bench = scoped();
      const target = new TestExchange(server.url()).target;
      for (let i = 0; i < 4; i++) {
        const exchange = await ask(bench, new TestExchange(target));
        expect(exchange).toMatchObject({ failure: undefined, text: body });
      }
      expect(bench.counts).toEqual({
        opened: reusable ? 1 : 4,
        reused: reusable ? 3 : 0,
        broken: 0,
      });
    });

    test.each([withLength("a"), `${CHUNKED + chunk("a")}0\r\n\r\n`, `${OK}\r\na`])(
      "that end with a close in the same packet: %j",
      async (says) => {
        using server = new TestServer((peer) => {
          peer.say(says);
          peer.finish();
        });
        using bench = scoped();
        const target = new TestExchange(server.url()).target;
        for (let i = 0; i < 5; i++) {
          const exchange = await ask(bench, new TestExchange(target));
          expect(exchange).toMatchObject({ failure: undefined, text: "a" });
        }
        expect(bench.counts).toEqual({ opened: 5, reused: 0, broken: 0 });
      },
    );

    test("whose heads all differ, more than are remembered", async () => {
      using server = new TestServer((peer, { turn }) =>
        peer.say(
          `HTTP/1.1 200 Number ${turn % 300}\r\nContent-Type: x/${turn % 300}\r\nContent-Length: 1\r\n\r\na`,
        ),
      );
      using bench = scoped();
      const target = new TestExchange(server.url()).target;
      for (let i = 0; i < 600; i++) {
        const exchange = new TestExchange(target);
        exchange.isWatched = i % 2 === 0;
        await ask(bench, exchange);
        expect(exchange.text).toBe("a");
        expect(exchange.replyHead).toMatchObject({
          reason: `Number ${i % 300}`,
          contentType: `x/${i % 300}`,
        });
      }
      expect(bench.counts.opened).toBe(1);
    });

    test("with a head that is larger than a segment", async () => {
      const long = `X-Long: ${"y".repeat(100_000)}`;
      using server = new TestServer((peer) =>
        peer.say(`HTTP/1.1 200 OK\r\n${long}\r\nContent-Length: 1\r\n\r\na`),
      );
      using bench = scoped();
      for (let i = 0; i < 3; i++)
        expect(await ask(bench, new TestExchange(server.url()))).toMatchObject({
          failure: undefined,
          text: "a",
        });
    });

    test("with a head that does not end", async () => {
      using server = new TestServer((peer) => peer.say(`${OK}X: ${"y".repeat(300_000)}`));
      using bench = scoped();
      const { failure } = await ask(bench, new TestExchange(server.url()));
      expect(failure!.type).toBe("MalformedReply");
      expect(failure!.message).toContain("head does not end");
      // The next head is read by a reader that knows nothing of this one.
      using other = new TestServer((peer) => peer.say(withLength("a")));
      expect(await ask(bench, new TestExchange(other.url()))).toMatchObject({ text: "a" });
    });

    test("of 5 MB through a ring that is read in time", async () => {
      const piece = "0123456789abcdef".repeat(1000);
      using server = new TestServer(async (peer) => {
        peer.say(CHUNKED);
        for (let i = 0; i < 320; i++) peer.say(chunk(piece));
        peer.say("0\r\n\r\n");
      });
      using bench = scoped({}, 2 ** 23);
      const exchange = await ask(bench, new TestExchange(server.url()));
      expect(exchange.text.length).toBe(320 * piece.length);
      expect(exchange.text).toBe(piece.repeat(320));
    });

    test("that a ring has no room for are whole up to a gap, and nothing follows it", async () => {
      using server = new TestServer((peer) => peer.say(withLength("0123456789".repeat(10_000))));
      using bench = scoped({}, 2 ** 14);
      const target = new TestExchange(server.url()).target;
      for (let i = 0; i < 4; i++) {
        const exchange = new TestExchange(target);
        exchange.isWatched = i % 2 === 0;
        await ask(bench, exchange);
        expect(exchange.failure).toBeUndefined();
        expect(exchange.text.length).toBeLessThan(2 ** 14);
        expect("0123456789".repeat(10_000).startsWith(exchange.text)).toBe(true);
        expect(bench.tallies[i]).toMatchObject({ bytesReceived: 100_000, framesLost: 1 });
      }
    });
  });

  describe("requests", () => {
    test("with long heads, and bodies that the kernel takes in parts", async () => {
      const value = "é".repeat(20_000);
      using server = new TestServer((peer) => peer.say(withLength("ok")), { deafMs: 30 });
      using bench = scoped({ headers: [["X-Long", value]] });
      for (const bytes of [0, 1, 5_000_000, 20_000_000]) {
        const exchange = await ask(bench, new TestExchange(server.url(), new Uint8Array(bytes)));
        expect(exchange).toMatchObject({ failure: undefined, text: "ok" });
        expect(exchange.told).toEqual(["connected", "sent", "segment", "head", "span", "ended"]);
      }
      expect(server.requests.map(({ bodyBytes }) => bodyBytes)).toEqual([
        0, 1, 5_000_000, 20_000_000,
      ]);
      expect(server.requests.every(({ head }) => head.includes(value))).toBe(true);
    });

    test("that are answered and then reset before they are out have their answer", async () => {
      using server = new TestServer(() => {}, {
        deafMs: 5000,
        greet: async (peer) => {
          await Bun.sleep(5);
          peer.say("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno");
          peer.reset();
        },
      });
      using bench = scoped();
      const exchange = new TestExchange(server.url(), new Uint8Array(20_000_000));
      await ask(bench, exchange);
      expect(exchange).toMatchObject({ failure: undefined, text: "no" });
      expect(exchange.replyHead!.status).toBe(413);
    });

    test("that are reset before they are out fail", async () => {
      using server = new TestServer(() => {}, {
        deafMs: 5000,
        greet: (peer) => void setTimeout(() => peer.reset(), 10),
      });
      using bench = scoped();
      const exchange = new TestExchange(server.url(), new Uint8Array(20_000_000));
      await ask(bench, exchange);
      expect(exchange.failure!.type).toBe("ConnectionReset");
      expect(bench.counts).toEqual({ opened: 1, reused: 0, broken: 1 });
    });

    test("a connection that is reset while it idles is not used again", async () => {
      using server = new TestServer((peer) => {
        peer.say(withLength("a"));
        setTimeout(() => peer.reset(), 5);
      });
      using bench = scoped();
      for (let i = 0; i < 3; i++) {
        const exchange = await ask(bench, new TestExchange(server.url()));
        expect(exchange).toMatchObject({ failure: undefined, text: "a" });
        await Bun.sleep(25);
      }
      expect(bench.counts).toEqual({ opened: 3, reused: 0, broken: 0 });
    });
  });

  describe("opening", () => {
    test("a connection that nobody answers ends in time, and others go on meanwhile", async () => {
      using full = new FullListener();
      using server = new TestServer((peer) => peer.say(withLength("a")));
      using bench = scoped({ connectTimeoutMs: 60 });
      const waiting = [1, 2, 3].map(() => new TestExchange(full.url));
      for (const exchange of waiting) bench.start(exchange);
      expect(await ask(bench, new TestExchange(server.url()))).toMatchObject({ text: "a" });
      for (const { over } of waiting) {
        const { failure, told } = await over;
        expect(failure!.type).toBe("ConnectTimeout");
        expect(failure!.message).toContain(`127.0.0.1:${full.port} does not answer`);
        expect(told).toEqual(["failed"]);
      }
      expect(bench.counts).toEqual({ opened: 4, reused: 0, broken: 3 });
    });

    test("one that is given up is told no more, and its place is used again", async () => {
      using full = new FullListener();
      using server = new TestServer((peer) => peer.say(withLength("a")));
      using bench = scoped({ connectTimeoutMs: 30 });
      for (let i = 0; i < 5; i++) {
        const exchange = new TestExchange(full.url);
        bench.start(exchange);
        bench.cancel(exchange);
        bench.cancel(exchange);
        expect(await ask(bench, new TestExchange(server.url()))).toMatchObject({ text: "a" });
        expect(exchange.told).toEqual([]);
      }
      await Bun.sleep(50);
      expect(bench.counts.broken).toBe(0);
    });

    test("ahead of a server that does not answer leaves the thread to others", async () => {
      using full = new FullListener();
      using bench = scoped({ connectTimeoutMs: 80 });
      let turns = 0;
      const timer = setInterval(() => turns++, 5);
      await bench.warm(targetOf(full.url, "/"), 3);
      clearInterval(timer);
      expect(turns).toBeGreaterThan(1);
      expect(bench.counts).toEqual({ opened: 3, reused: 0, broken: 0 });
    });

    test("ahead ends when the transport is closed meanwhile", async () => {
      using full = new FullListener();
      using bench = scoped({ connectTimeoutMs: 20_000 });
      const warming = bench.warm(targetOf(full.url, "/"), 200);
      await Bun.sleep(5);
      bench.close();
      await warming;
      expect(bench.counts.opened).toBe(64);
    });
  });

  describe("giving up", () => {
    /** What a server does before the request is given up, and how much of the reply is told. */
    const STATES: [
      what: string,
      answer: (peer: Peer) => void,
      bodyBytes: number,
      isThere: (exchange: TestExchange) => boolean,
      told: string[],
    ][] = [
      ["while it is sent", () => {}, 20_000_000, () => true, ["connected"]],
      ["while it waits", () => {}, 1, () => true, ["connected", "sent"]],
      ["within the head", (peer) => peer.say(OK), 1, () => true, ["connected", "sent"]],
      [
        "after the head",
        (peer) => peer.say(CHUNKED),
        1,
        () => true,
        ["connected", "sent", "segment", "head"],
      ],
      [
        "within the body",
        (peer) => peer.say(`${CHUNKED + chunk("abc")}2\r\n`),
        1,
        (exchange) => exchange.hasBody,
        ["connected", "sent", "segment", "head", "span"],
      ],
    ];
    test.each(STATES)("a request %s", async (_what, answer, bodyBytes, isThere, told) => {
      let asked = 0;
      let isGone = false;
      const greet = (peer: Peer) => {
        if (++asked > 1) return;
        void peer.gone.then(() => {
          isGone = true;
        });
        answer(peer);
      };
      using server = new TestServer(
        (peer, { connection }) => connection > 0 && peer.say(withLength("b")),
        bodyBytes > 1 ? { greet, deafMs: 50 } : { greet },
      );
      using bench = scoped();
      const exchange = new TestExchange(server.url(), new Uint8Array(bodyBytes));
      bench.start(exchange);
      await until(() => asked > 0 && isThere(exchange));
      await Bun.sleep(10);
      bench.cancel(exchange);
      expect(exchange.told).toEqual(told);
      expect(await ask(bench, new TestExchange(exchange.target))).toMatchObject({ text: "b" });
      await until(() => isGone);
      expect(exchange.told).toEqual(told);
      expect(bench.counts).toEqual({ opened: 2, reused: 0, broken: 0 });
    });

    test.each([
      ["in its middle", CHUNKED + chunk("ab")],
      ["at its end", withLength("ab")],
      ["before what is malformed", `${CHUNKED + chunk("ab")}oops`],
      ["before its close", `${OK}\r\nab`],
    ])("a reply that is heard, %s", async (_what, says) => {
      using server = new TestServer((peer, { connection }) => {
        peer.say(connection === 0 ? says : withLength("b"));
        if (connection === 0 && says.startsWith(`${OK}\r\n`)) peer.finish();
      });
      using bench = scoped();
      const exchange = new TestExchange(server.url());
      const next = new TestExchange(exchange.target);
      exchange.whenHeard = () => {
        bench.cancel(exchange);
        // Takes the very place, and number, that have just become free.
        bench.start(next);
      };
      bench.start(exchange);
      expect(await next.over).toMatchObject({ failure: undefined, text: "b", reused: false });
      expect(exchange.told.at(-1)).toBe("span");
      expect(exchange.text).toBe("ab");
      expect(bench.counts).toEqual({ opened: 2, reused: 0, broken: 0 });
    });

    test("others that have ended, inside the end of one", async () => {
      const peers: Peer[] = [];
      using server = new TestServer((peer) => {
        if (peers.push(peer) === 20) for (const waiting of peers) waiting.say(withLength("a"));
        else if (peers.length > 20) peer.say(withLength("b"));
      });
      using bench = scoped();
      const first = new TestExchange(server.url());
      const all = [first, ...Array.from({ length: 19 }, () => new TestExchange(first.target))];
      const next = Array.from({ length: 10 }, () => new TestExchange(first.target));
      let over = 0;
      for (const exchange of all)
        exchange.whenEnded = () => {
          if (over++ > 0) return;
          const others = all.filter((other) => other !== exchange).slice(0, 10);
          for (const other of others) bench.cancel(other);
          for (const other of next) bench.start(other);
        };
      for (const exchange of all) bench.start(exchange);
      await Promise.all(next.map((exchange) => exchange.over));
      await until(() => over === 10);
      expect(next.every(({ text }) => text === "b")).toBe(true);
      expect(all.filter(({ told }) => told.at(-1) === "ended")).toHaveLength(10);
      expect(bench.counts.broken).toBe(0);
    });
  });

  describe("what is thrown", () => {
    /** Turns by hand until it throws, so that the test sees it. */
    async function thrown(bench: WireBench): Promise<unknown> {
      for (;;) {
        try {
          bench.wire.turn(now() + NS_PER_MS);
        } catch (error) {
          return error;
        }
        await Bun.sleep(0);
      }
    }

    test.each(["whenEnded", "whenHeard"] as const)("inside %s is thrown once", async (when) => {
      using server = new TestServer((peer) => peer.say(withLength("a")));
      using bench = scoped();
      bench.pump.stop();
      await Bun.sleep(2);
      const exchange = new TestExchange(server.url());
      exchange[when] = () => {
        throw new Error("a defect");
      };
      bench.start(exchange);
      expect(String(await thrown(bench))).toBe("Error: a defect");
      exchange[when] = () => {};
      bench.pump.start(bench.wire);
      const next = await ask(bench, new TestExchange(exchange.target));
      expect(next).toMatchObject({ failure: undefined, text: "a" });
      expect(exchange.told.filter((what) => what === "ended")).toHaveLength(1);
    });
  });

  test("idle, waiting, blocked and opening connections cost next to nothing", async () => {
    using full = new FullListener();
    using server = new TestServer((peer, { connection }) => {
      if (connection < 5) peer.say(withLength("a"));
      else if (connection < 10) peer.say(CHUNKED + chunk("a"));
    });
    using deaf = new TestServer(() => {}, { deafMs: 5000 });
    using bench = scoped();
    const first = new TestExchange(server.url());
    const idle = [first, ...Array.from({ length: 4 }, () => new TestExchange(first.target))];
    for (const exchange of idle) bench.start(exchange);
    await Promise.all(idle.map((exchange) => exchange.over));
    await bench.warm(first.target, 3);
    for (let i = 0; i < 20; i++) bench.start(new TestExchange(first.target));
    bench.start(new TestExchange(deaf.url(), new Uint8Array(20_000_000)));
    bench.start(new TestExchange(full.url));
    await Bun.sleep(50);
    const [beforeNs, cpuNs] = [now(), threadCpuNs()!];
    await Bun.sleep(300);
    const share = (threadCpuNs()! - cpuNs) / (now() - beforeNs);
    expect(share).toBeLessThan(0.5);
  });

  test("pulses come with the time of their sending", async () => {
    const waitsNs: number[] = [];
    using bench = scoped({ pulse: (nowNs, sentNs) => waitsNs.push(nowNs - sentNs) });
    const pulses = (await startPulses([bench.wire.pulsePort!], now))!;
    await until(() => waitsNs.length >= 3);
    pulses.stop();
    expect(Math.min(...waitsNs)).toBeGreaterThanOrEqual(0);
  });

  test("closed inside an end, it turns no more and keeps silent", async () => {
    using server = new TestServer((peer) => peer.say(withLength("a")));
    const bench = wireBench(OPTIONS);
    const exchange = new TestExchange(server.url());
    const other = new TestExchange(exchange.target);
    exchange.whenEnded = () => {
      bench.start(other);
      bench.close();
      bench.close();
    };
    await ask(bench, exchange);
    expect(bench.wire.turn(now() + 1e12)).toBe(false);
    bench.cancel(other);
    expect(other.told.at(-1)).toBe("sent");
  });

  test("what it cannot reach is left to others", () => {
    const ring = createRing(4096);
    const open = (url: string, sources: readonly string[] = []) => {
      const wire = wireTransport(ring, [targetOf(url, "/")], { ...OPTIONS, sources });
      wire?.close();
      return wire !== undefined;
    };
    expect(open("http://127.0.0.1:1")).toBe(true);
    expect(open("http://[::1]:1")).toBe(true);
    expect(open("https://127.0.0.1:1")).toBe(false);
    expect(open("http://localhost:1")).toBe(false);
    expect(open("http://127.0.0.1:1", ["127.0.0.2"])).toBe(true);
    expect(open("http://127.0.0.1:1", ["fe80::1%lo"])).toBe(false);
  });
});
