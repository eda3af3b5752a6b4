// The native reader and its twin in JavaScript must make the same of any reply, however it is cut:
// head, body, end, defect, and whether the connection may carry another request.

import { expect, test } from "bun:test";
import type { Socket } from "bun";
import fc from "fast-check";
import { REQUEST_ID, type Target, targetOf } from "#endpoint";
import { type ReplyHead, ReplyReader } from "#engine";
import { nativeState, threadClock } from "#ffi";
import { TestExchange } from "./exchange.ts";
import { openWireBench } from "./framed.ts";

const now = threadClock();

/** Lines that servers send, and such that none should. */
const STATUS_LINES = [
  "HTTP/1.1 200 OK",
  "HTTP/1.1 200",
  "HTTP/1.0 200 OK",
  "HTTP/1.1 204 No Content",
  "HTTP/1.1 304 Not Modified",
  "HTTP/1.1 500 Internal Server Error",
  "HTTP/1.1 100 Continue",
  "HTTP/1.1 101 Switching Protocols",
  "HTTP/2 200 OK",
  "hello",
];
const FIELDS = [
  "Content-Length: 0",
  "Content-Length: 3",
  "content-length:11",
  "Content-Length: 3, 3",
  "Content-Length: x",
  "Transfer-Encoding: chunked",
  "Transfer-Encoding: gzip, chunked",
  "Transfer-Encoding: gzip",
  "Connection: close",
  "Connection: keep-alive",
  "Content-Type: text/event-stream",
  "Content-Encoding: br",
  "no colon",
];
const LINE_ENDS = ["\r\n", "\n"];

const head = fc
  .tuple(
    fc.oneof(
      { weight: 5, arbitrary: fc.constant(STATUS_LINES[0]!) },
      { weight: 2, arbitrary: fc.constantFrom(...STATUS_LINES) },
    ),
    fc.array(fc.constantFrom(...FIELDS), { maxLength: 3 }),
    fc.constantFrom(...LINE_ENDS),
  )
  .map(([status, fields, end]) => `${[status, ...fields].join(end)}${end}${end}`);

const size = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(
        fc.constantFrom("", "0", "0000000000000000"),
        fc.constantFrom("", "", ";a=b", " ;x", "\t ", ";"),
      )
      .map(
        ([zeroes, rest]) =>
          (length: number) =>
            zeroes + length.toString(16) + rest,
      ),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom("", " 1", "x", "1x", "1\r2", "1;\rx", "1000000000000", "1 1", "-1")
      .map((text) => () => text),
  },
);

const chunkOf = fc
  .tuple(fc.stringMatching(/^[a-z\r\n]{1,20}$/), size, fc.constantFrom(...LINE_ENDS, "\r\r\n"))
  .map(
    ([text, sizeOf, end]) => sizeOf(text.length) + (end === "\r\r\n" ? "\r\n" : end) + text + end,
  );

const last = fc.constantFrom(
  "0\r\n\r\n",
  "0\n\n",
  "00;x\r\nTrailer: 1\r\nOther: 2\r\n\r\n",
  "0\r\n\r\r\n\r\n",
  "0\r\n\r\nsurplus",
  "0\r\n",
  "",
);

const chunked = fc
  .tuple(fc.array(chunkOf, { maxLength: 5 }), last)
  .map(([chunks, end]) => chunks.join("") + end);

const reply = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom("", "HTTP/1.1 100 Continue\r\n\r\n"), chunked)
      .map(
        ([interim, body]) =>
          `${interim}HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${body}`,
      ),
  },
  { weight: 2, arbitrary: fc.tuple(head, chunked).map((parts) => parts.join("")) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.array(head, { minLength: 1, maxLength: 3 }), fc.stringMatching(/^[a-z\r\n]{0,15}$/))
      .map(([heads, rest]) => heads.join("") + rest),
  },
  { weight: 1, arbitrary: fc.stringMatching(/^[ -~\r\n]{0,30}$/) },
);

/** Where to cut, as shares of the length. */
const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 6 });

function cutUp(text: string, shares: readonly number[]): Buffer[] {
  const bytes = Buffer.from(text, "latin1");
  const at = [0, ...shares.map((share) => Math.round(share * bytes.length)), bytes.length];
  at.sort((a, b) => a - b);
  return at
    .slice(1)
    .map((end, i) => bytes.subarray(at[i]!, end))
    .filter((piece) => piece.length > 0);
}

/** What came of a reply after which the server closes the connection, or does not. */
interface Verdict {
  readonly head: ReplyHead | undefined;
  readonly body: string;
  readonly end: "ended" | "incomplete" | "no reply" | "malformed";
  readonly defect: string;
  readonly keepAlive: boolean;
  /** What is wrong with a line that has not ended; the native reader says so at once. */
  readonly foreseen?: string;
}

/** What the twin in JavaScript says. */
function expected(pieces: readonly Buffer[]): Verdict {
  const reader = new ReplyReader();
  let told: ReplyHead | undefined;
  let body = "";
  const sink = {
    head(reply: ReplyHead) {
      told = reply;
    },
    body(bytes: Buffer, start: number, end: number) {
      body += bytes.toString("latin1", start, end);
    },
  };
  for (const [i, piece] of pieces.entries()) {
    const state = reader.feed(piece, sink);
    if (state === "more") continue;
    const { defect, keepAlive } = reader;
    if (state === "malformed") return { head: told, body, end: state, defect, keepAlive: false };
    // What is said after the end, now or later, spoils the connection.
    const isLast = i === pieces.length - 1;
    return { head: told, body, end: "ended", defect: "", keepAlive: keepAlive && isLast };
  }
  const { begun } = reader;
  const end = reader.closed() ? "ended" : begun ? "incomplete" : "no reply";
  if (end !== "incomplete") return { head: told, body, end, defect: "", keepAlive: false };
  const soFar = body;
  reader.feed(Buffer.from("\n"), sink);
  return { head: told, body: soFar, end, defect: "", keepAlive: false, foreseen: reader.defect };
}

const ENDS: { readonly [type in string]?: Verdict["end"] } = {
  IncompleteReply: "incomplete",
  ServerDisconnected: "no reply",
};

/** A server that says what a test has it say, to the request of that id. */
class Mouth {
  readonly #sockets = new Map<string, Socket>();
  readonly #listener = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      open: (socket) => void socket.setNoDelay(true),
      data: (socket, bytes) => {
        const id = /^x-request-id: (.*)\r$/im.exec(bytes.toString())?.[1];
        this.#sockets.set(id ?? "", socket);
      },
      error() {},
    },
  });

  get target(): Target {
    return targetOf(`http://127.0.0.1:${this.#listener.port}`, "/");
  }
  of({ requestId }: TestExchange): Socket | undefined {
    return this.#sockets.get(requestId);
  }
  close(): void {
    this.#listener.stop(true);
  }
}

/** A head that was read before stands for all that say the same, whatever else is in them. */
function meaningOf(head: ReplyHead | undefined): ReplyHead | undefined {
  if (head === undefined) return undefined;
  const { headers: _, ...meaning } = head;
  return meaning;
}

test.if(process.platform === "linux" && nativeState().loaded)(
  "both readers agree on any reply",
  async () => {
    const mouth = new Mouth();
    const { target } = mouth;
    const bench = openWireBench({
      now,
      headers: [["X-Request-ID", REQUEST_ID]],
      insecure: false,
      freshConnections: false,
    })!;
    bench.pump.stop();
    const seen = new Map<string, number>();

    /** Turns, and lets Bun's loop turn, until something is so. */
    async function until(condition: () => boolean): Promise<void> {
      while (!condition()) {
        bench.wire.turn(now());
        await new Promise<void>((resolve) => setImmediate(resolve));
      }
    }

    await fc.assert(
      fc.asyncProperty(reply, cuts, fc.boolean(), async (text, shares, isWatched) => {
        const pieces = cutUp(text, shares);
        const told = expected(pieces);
        seen.set(told.end, (seen.get(told.end) ?? 0) + 1);
        const exchange = new TestExchange(target);
        exchange.isWatched = isWatched;
        bench.start(exchange);
        await until(() => mouth.of(exchange) !== undefined);
        const socket = mouth.of(exchange)!;
        for (const piece of pieces) {
          socket.write(piece);
          // On the loopback what was written is there at once.
          while (bench.wire.turn(now()));
        }
        const isOver = () => exchange.told.at(-1) === "ended" || exchange.failure !== undefined;
        if (!isOver()) socket.end();
        await until(isOver);
        const { failure } = exchange;
        const end: Verdict["end"] =
          failure === undefined ? "ended" : (ENDS[failure.type] ?? "malformed");
        const isForeseen = end === "malformed" && (told.foreseen ?? "") !== "";
        const want = isForeseen ? { ...told, end, defect: told.foreseen } : told;
        const next = new TestExchange(target);
        const { reused } = bench.counts;
        bench.start(next);
        const keepAlive = bench.counts.reused > reused;
        bench.cancel(next);
        socket.terminate();
        const head = meaningOf(exchange.replyHead);
        expect({ head, body: exchange.text, end, keepAlive }).toEqual({
          head: meaningOf(want.head),
          body: want.body,
          end: want.end,
          keepAlive: want.keepAlive,
        });
        if (want.end === "malformed") expect(failure!.message).toContain(`(${want.defect})`);
      }),
      { numRuns: 3000 },
    );
    bench.close();
    mouth.close();
    for (const end of ["ended", "incomplete", "no reply", "malformed"])
      expect(seen.get(end) ?? 0).toBeGreaterThan(10);
  },
);
