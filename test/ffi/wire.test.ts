// Sockets whose memory C knows by its address: nothing of it may move or be collected while it grows.

import { expect, test } from "bun:test";
import { assert, NS_PER_MS } from "#core";
import {
  nativeState,
  openWire,
  ringWireBell,
  threadClock,
  WIRE_BELL,
  WIRE_CHUNKED,
  WIRE_ENDED,
  WIRE_HEAD,
  WIRE_HEARD,
  WIRE_NONE,
  WIRE_OPENED,
  type Wire,
} from "#ffi";
import { createRing, FRAME_EVENTS, ringReader } from "#ring";

const linux = test.if(process.platform === "linux" && nativeState().loaded);
const now = threadClock();
const HEAD = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

/** The struct sockaddr_in of a port on the loopback, in memory that is nobody else's. */
function addressOf(port: number): Uint8Array {
  return new Uint8Array([2, 0, port >> 8, port & 255, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
}

/** Answers each request with what it said. */
function echo() {
  return Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      data(socket, bytes) {
        socket.write(`${HEAD}${bytes.length.toString(16)}\r\n${bytes}\r\n0\r\n\r\n`);
      },
      error() {},
    },
  });
}

function open(ringBytes = 2 ** 18): { wire: Wire; ring: SharedArrayBuffer } {
  const ring = createRing(ringBytes);
  const wire = openWire(ring);
  assert(wire !== undefined, "the core is built");
  return { wire, ring };
}

/** Fills memory that was just freed with something else. */
function collect(): void {
  Bun.gc(true);
  const litter = Array.from({ length: 50 }, () => new Uint8Array(16 + 4096).fill(255));
  expect(litter.length).toBe(50);
}

linux("hundreds of places, with the collector at work at every step", async () => {
  const server = echo();
  const { wire, ring } = open();
  const reader = ringReader(ring);
  const places = Array.from({ length: 300 }, () => wire.takePlace());
  expect(new Set(places).size).toBe(300);
  let opened = 0;
  let ended = 0;
  const said = new Map<number, string>();
  const heard = new Map<number, string>();

  function send(place: number): void {
    const [head, body] = [Buffer.from(`place ${place} `), Buffer.from("x".repeat(place % 50))];
    const sent = wire.send(place, head, head.length, body, place, place % 2 === 0);
    expect(sent).toBe(head.length + body.length);
  }
  for (const place of places) {
    const code = wire.connect(place, addressOf(server.port), undefined);
    expect(code).toBeGreaterThanOrEqual(0);
    if (code === 1) opened++;
    if (code === 1) send(place);
    if (place % 60 === 0) collect();
  }
  for (let quiet = 0; ended < 300 && quiet < 2000; ) {
    const code = wire.turn(now() + NS_PER_MS);
    const { place } = wire;
    if (code === WIRE_OPENED) {
      expect(wire.error).toBe(0);
      opened++;
      send(place);
    } else if (code === WIRE_HEAD) {
      const end = wire.segment.indexOf("\r\n\r\n", wire.at) + 4;
      const framing = {
        mode: WIRE_CHUNKED,
        lengthBytes: 0,
        frameKind: FRAME_EVENTS,
        head: 7,
      } as const;
      wire.takeHead(place, end, framing, place % 3 === 0);
    } else if (code === WIRE_HEARD) {
      expect(wire.isEvents(place, FRAME_EVENTS)).toBe(true);
      heard.set(place, (heard.get(place) ?? "") + wire.heard().toString());
    } else if (code === WIRE_ENDED) {
      ended++;
      expect(wire.isSpoilt).toBe(false);
      expect(wire.headOf(place)).toBe(7);
      if (ended % 50 === 0) collect();
    } else {
      expect(code).toBe(WIRE_NONE);
      quiet++;
      await Bun.sleep(0);
    }
  }
  expect([opened, ended]).toEqual([300, 300]);
  reader.drain(({ slot, bytes, start, end }) => {
    said.set(slot, (said.get(slot) ?? "") + Buffer.from(bytes.slice(start, end)).toString());
  }, Number.POSITIVE_INFINITY);
  for (const place of places) {
    const want = `place ${place} ${"x".repeat(place % 50)}`;
    expect(said.get(place)).toBe(want);
    expect(heard.get(place)).toBe(place % 2 === 0 ? want : undefined);
  }
  wire.shut();
  server.stop(true);
});

linux("a bell that rings before the turn is heard in it", () => {
  const { wire } = open();
  expect(wire.bell).toBeGreaterThan(0);
  ringWireBell(wire.bell);
  expect(wire.turn(now() + 60e9)).toBe(WIRE_BELL);
  expect(wire.turn(0)).toBe(WIRE_NONE);
  wire.shut();
});

linux("a wait is as long as it should be, and no time is the same as a past one", () => {
  const { wire } = open();
  for (const ns of [0, 1e3, 0.3e6, 2e6, 20e6]) {
    const untilNs = now() + ns;
    expect(wire.turn(untilNs)).toBe(WIRE_NONE);
    expect(now()).toBeGreaterThanOrEqual(untilNs);
  }
  for (const untilNs of [0, -1e18, Number.NaN]) expect(wire.turn(untilNs)).toBe(WIRE_NONE);
  wire.shut();
});

linux("what is shut has no descriptor left, and is shut once", async () => {
  const server = echo();
  const count = () => new Bun.Glob("*").scanSync({ cwd: "/proc/self/fd", onlyFiles: false });
  const before = [...count()].length;
  for (let round = 0; round < 20; round++) {
    const { wire } = open();
    for (let i = 0; i < 10; i++) wire.connect(wire.takePlace(), addressOf(server.port), undefined);
    wire.shut();
    wire.shut();
    expect(wire.turn(now() + 60e9)).toBe(WIRE_NONE);
  }
  server.stop(true);
  await Bun.sleep(20);
  expect([...count()].length).toBeLessThanOrEqual(before + 5);
});
