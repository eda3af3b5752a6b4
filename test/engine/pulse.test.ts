// Pulses over the real loopback: a loop that is kept busy shows in what its pulses waited.

import { expect, test } from "bun:test";
import { NS_PER_MS } from "#core";
import { openPulseReceiver, startPulses } from "#engine";
import { threadClock } from "#ffi";

const now = threadClock();

function block(ms: number): void {
  const endNs = now() + ms * NS_PER_MS;
  while (now() < endNs);
}

async function until(holds: () => boolean): Promise<void> {
  const giveUpNs = now() + 5e9;
  while (!holds()) {
    if (now() > giveUpNs) throw new Error("no pulse within 5 s");
    await Bun.sleep(5);
  }
}

test("what a busy loop lets wait is in the report, and what came before or after is not", async () => {
  const receiver = await openPulseReceiver(now);
  const socket = await Bun.udpSocket({ hostname: "127.0.0.1", port: 0 });
  const send = (sentNs: number): void => {
    const pulse = Buffer.alloc(8);
    pulse.writeDoubleLE(sentNs);
    socket.send(pulse, receiver.port!, "127.0.0.1");
  };
  const received = (): number => receiver.report().waitsNs.length;

  send(now());
  await Bun.sleep(20);
  expect(received()).toBe(0);

  receiver.begin();
  send(now());
  block(60);
  await until(() => received() === 1);
  expect(receiver.report().waitsNs[0]!).toBeGreaterThanOrEqual(55 * NS_PER_MS);
  receiver.end();
  expect(receiver.report().longestStallNs).toBeGreaterThanOrEqual(35 * NS_PER_MS);
  expect(receiver.report().stalledNs).toBeGreaterThanOrEqual(receiver.report().longestStallNs);

  send(now());
  await Bun.sleep(20);
  expect(received()).toBe(1);

  // One that was sent while nobody watched, and comes when somebody does.
  const beforeNs = now();
  receiver.begin();
  send(beforeNs);
  send(now());
  await until(() => received() === 2);
  receiver.end();
  expect(received()).toBe(2);
  socket.close();
});

test("pulses come until they are stopped, to every port, and a foreign datagram is none", async () => {
  const receivers = await Promise.all([openPulseReceiver(now), openPulseReceiver(now)]);
  for (const receiver of receivers) receiver.begin();
  const stranger = await Bun.udpSocket({ hostname: "127.0.0.1", port: 0 });
  stranger.send("not a pulse", receivers[0]!.port!, "127.0.0.1");
  const pulses = await startPulses(
    receivers.map(({ port }) => port!),
    now,
  );
  await until(() => receivers.every((receiver) => receiver.report().waitsNs.length >= 3));
  pulses!.stop();
  for (const receiver of receivers) {
    receiver.end();
    for (const waitNs of receiver.report().waitsNs) {
      expect(waitNs).toBeGreaterThan(0);
      expect(waitNs).toBeLessThan(5e9);
    }
  }
  stranger.close();
});

test("with nobody to send to there are no pulses", async () => {
  expect(await startPulses([], now)).toBeUndefined();
});
