import { expect, test } from "bun:test";
import fc from "fast-check";
import { createRing, ringReader, ringWriter } from "#ring";

const collect = (reader: ReturnType<typeof ringReader>, max = Number.POSITIVE_INFINITY) => {
  const frames: { kind: number; slot: number; stampNs: number; payload: number[] }[] = [];
  reader.drain((frame) => {
    const { kind, slot, stampNs } = frame;
    frames.push({
      kind,
      slot,
      stampNs,
      payload: [...frame.bytes.subarray(frame.start, frame.end)],
    });
  }, max);
  return frames;
};

test("a frame arrives as it was written, in pieces or whole", () => {
  const memory = createRing(4096);
  const writer = ringWriter(memory);
  const reader = ringReader(memory);
  expect(writer.begin(3, 70_000, 1.5, 10)).toBe(true);
  writer.append(new Uint8Array([9, 1, 2, 9]), 1, 3);
  writer.append(new Uint8Array([3]), 0, 1);
  expect(collect(reader)).toEqual([]);
  writer.commit();
  expect(collect(reader)).toEqual([{ kind: 3, slot: 70_000, stampNs: 1.5, payload: [1, 2, 3] }]);
  expect(collect(reader)).toEqual([]);
});

test("whatever is written and read in turns arrives once, in order, or is counted as lost", () => {
  const step = fc.oneof(
    fc.record({ write: fc.integer({ min: 0, max: 1000 }) }),
    fc.record({ read: fc.integer({ min: 1, max: 20 }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const memory = createRing(4096);
      const writer = ringWriter(memory);
      const reader = ringReader(memory);
      const expected: number[][] = [];
      const seen: number[][] = [];
      let stamp = 0;
      let lost = 0;
      for (const action of steps) {
        if ("write" in action) {
          stamp++;
          const payload = new Uint8Array(action.write).fill(stamp % 251);
          if (!writer.begin(1, stamp % 100, stamp, payload.length)) {
            lost++;
            continue;
          }
          writer.append(payload, 0, payload.length);
          writer.commit();
          expected.push([stamp, payload.length, payload[0] ?? -1]);
        } else {
          for (const frame of collect(reader, action.read))
            seen.push([frame.stampNs, frame.payload.length, frame.payload[0] ?? -1]);
        }
      }
      writer.close();
      for (const frame of collect(reader))
        seen.push([frame.stampNs, frame.payload.length, frame.payload[0] ?? -1]);
      expect(seen).toEqual(expected);
      expect(reader.lost()).toBe(lost);
      expect(reader.finished()).toBe(true);
    }),
    { numRuns: 200 },
  );
});

test("cursors wrap: a ring goes on after 2^32 words", () => {
  const memory = createRing(4096);
  const control = new Int32Array(memory, 0, 16);
  const nearTheEnd = -16 | 0;
  Atomics.store(control, 0, nearTheEnd);
  Atomics.store(control, 1, nearTheEnd);
  const writer = ringWriter(memory);
  const reader = ringReader(memory);
  for (let i = 0; i < 50; i++) {
    expect(writer.begin(1, i, i, 40)).toBe(true);
    writer.append(new Uint8Array(40).fill(i), 0, 40);
    writer.commit();
    expect(collect(reader)).toEqual([
      { kind: 1, slot: i, stampNs: i, payload: new Array<number>(40).fill(i) },
    ]);
  }
  expect(reader.lost()).toBe(0);
});

test("a ring whose reader keeps up touches only its beginning", () => {
  const memory = createRing(2 ** 20);
  const writer = ringWriter(memory);
  const reader = ringReader(memory);
  const payload = new Uint8Array(1000).fill(7);
  for (let i = 0; i < 5000; i++) {
    for (let burst = 0; burst < 3; burst++) {
      writer.begin(1, i % 100, i, payload.length);
      writer.append(payload, 0, payload.length);
      writer.commit();
    }
    expect(collect(reader).length).toBe(3);
  }
  expect(new Uint8Array(memory, 8192).every((byte) => byte === 0)).toBe(true);
});

test("two threads: 200,000 frames arrive in order while the writer never waits", async () => {
  const memory = createRing(2 ** 20);
  const worker = new Worker(new URL("./writer_thread.ts", import.meta.url));
  worker.postMessage(memory);
  const reader = ringReader(memory);
  let next = 1;
  const bell = new Int32Array(new SharedArrayBuffer(4));
  while (!reader.finished()) {
    const frames = reader.drain((frame) => {
      if (frame.stampNs !== next || frame.bytes[frame.start] !== next % 256)
        throw new Error(`frame ${frame.stampNs} where ${next} was expected`);
      next++;
    }, 10_000);
    if (frames === 0) {
      await Bun.sleep(0);
      Atomics.wait(bell, 0, 0, 1);
    }
  }
  worker.terminate();
  expect(next).toBe(200_001);
  expect(reader.lost()).toBe(0);
});

test("room that is kept for others is refused to those who leave it", () => {
  const memory = createRing(4096);
  const writer = ringWriter(memory);
  const reader = ringReader(memory);
  const put = (spareBytes: number) => {
    if (!writer.begin(1, 0, 0, 112, spareBytes)) return false;
    writer.commit();
    return true;
  };
  // Committed empty, a frame takes its header alone; what counts is what it asked for.
  let frames = 0;
  while (put(512)) frames++;
  expect(frames * 16 + 128 + 512).toBeGreaterThan(4096);
  expect(put(512)).toBe(false);
  expect(put(0)).toBe(true);
  expect(reader.lost()).toBe(2);
  expect(collect(reader)).toHaveLength(frames + 1);
  expect(put(512)).toBe(true);
});
