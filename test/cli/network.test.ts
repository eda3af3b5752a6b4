import { expect, test } from "bun:test";
import { targetOf } from "#endpoint";
import { networkLineSchema } from "#export";
import { meanRttNs, type Probe, probeLines, startProbing } from "../../src/cli/network.ts";

const probe = (atNs: number, rttNs: number, error?: string): Probe => ({
  ...{ atNs, rttNs, error, host: "127.0.0.1", port: 80 },
});

test("the mean is that of the attempts within the window that succeeded", () => {
  const probes = [
    probe(5, 1000),
    probe(10, 30),
    probe(15, Number.NaN, "refused"),
    probe(20, 50),
    probe(21, 1000),
  ];
  expect(meanRttNs(probes, { startNs: 10, endNs: 20 })).toBe(40);
  expect(meanRttNs(probes, { startNs: 11, endNs: 19 })).toBeUndefined();
});

test("each attempt is a line, with its round trip or what went wrong", () => {
  const epoch = { monotonicNs: 0, wallNs: 1_795_508_309_000_000_000n };
  const text = probeLines([probe(7, 30.4), probe(9, Number.NaN, 'no "way"')], epoch);
  const lines = text.trim().split("\n");
  expect(lines[0]).toContain('"timestamp_ns":1795508309000000007,');
  expect(lines.map((line) => networkLineSchema.parse(JSON.parse(line)))).toMatchObject([
    { rtt_ns: 30, host: "127.0.0.1" },
    { error: 'no "way"' },
  ]);
});

test("a server is asked again and again, one that is not there harms nothing", async () => {
  let opened = 0;
  const server = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: { open: () => void opened++, data() {} },
  });
  const target = targetOf(`http://127.0.0.1:${server.port}`, "/");
  const probing = startProbing({ kind: "measured", everyNs: 5e6 }, target);
  while (opened < 3) await Bun.sleep(2);
  const probes = probing!.stop();
  server.stop(true);
  expect(probes.filter(({ rttNs }) => rttNs > 0).length).toBeGreaterThanOrEqual(2);

  const gone = startProbing({ kind: "measured", everyNs: 1e9 }, target);
  while (gone!.stop().length === 0) await Bun.sleep(2);
  expect(gone!.stop()[0]!.error).toBeString();
  expect(gone!.stop()[0]!.rttNs).toBeNaN();
});

test("what is given, or not wanted, is not measured", () => {
  const target = targetOf("http://127.0.0.1:1", "/");
  expect(startProbing({ kind: "given", rttNs: 1 }, target)).toBeUndefined();
  expect(startProbing(undefined, target)).toBeUndefined();
});
