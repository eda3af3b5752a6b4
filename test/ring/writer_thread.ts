// The writing thread of ring.test.ts: 200,000 frames, each stamped with its number.

import { ringWriter } from "#ring";

declare const self: Worker;

self.onmessage = ({ data }: MessageEvent<SharedArrayBuffer>) => {
  const writer = ringWriter(data);
  const nap = new Int32Array(new SharedArrayBuffer(4));
  const payload = new Uint8Array(24);
  for (let i = 1; i <= 200_000; i++) {
    while (writer.fullness() > 0.9) Atomics.wait(nap, 0, 0, 1);
    payload.fill(i % 256);
    writer.begin(1, i % 1000, i, payload.length);
    writer.append(payload, 0, payload.length);
    writer.commit();
  }
  writer.close();
};
