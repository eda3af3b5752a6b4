import { expect, test } from "bun:test";
import { targetOf } from "#endpoint";
import { networkLineSchema } from "#export";
import { meanRttNs, type Probe, probeLines, startProbing } from "../../src/cli/network.ts";

const TARGET = targetOf("http://user:topsecret@127.0.0.1:80", "/v1");
const probe = (atNs: number, rttNs: number, message?: string): Probe => ({
  ...{ atNs, rttNs, target: TARGET },
  error: message === undefined ? undefined : { type: "ECONNREFUSED", message },
});
/** A server that counts who comes; `using` closes it. */
function doorbell() {
  let opened = 0;
  const server = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: { open: () => void opened++, data() {} },
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    port: server.port,
    count: () => opened,
    [Symbol.dispose]: () => server.stop(true),
  };
}

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

test("each attempt is a line, with its round trip or what went wrong, and no password", () => {
  const epoch = { monotonicNs: 0, wallNs: 1_795_508_309_000_000_000n };
  const text = probeLines([probe(7, 30.4), probe(9, Number.NaN, 'no "way"')], epoch);
  expect(text).not.toContain("topsecret");
  const lines = text.trim().split("\n");
  expect(lines[0]).toContain('"timestamp_ns":1795508309000000007,');
  expect(lines.map((line) => networkLineSchema.parse(JSON.parse(line)))).toMatchObject([
    { rtt_ns: 30, success: true, target_host: "127.0.0.1", target_port: 80 },
    { success: false, error: { type: "ECONNREFUSED", message: 'no "way"' } },
  ]);
});

test("a server is asked again and again, one that is not there harms nothing", async () => {
  let target = TARGET;
  {
    using server = doorbell();
    target = targetOf(server.url, "/");
    const probing = startProbing({ kind: "measured", everyNs: 5e6 }, [target]);
    while (server.count() < 3) await Bun.sleep(2);
    const probes = probing!.stop();
    expect(probes.filter(({ rttNs }) => rttNs > 0).length).toBeGreaterThanOrEqual(1);
  }
  const gone = startProbing({ kind: "measured", everyNs: 1e9 }, [target]);
  while (gone!.stop().length === 0) await Bun.sleep(2);
  expect(gone!.stop()[0]!.error).toMatchObject({ type: "ECONNREFUSED" });
  expect(gone!.stop()[0]!.rttNs).toBeNaN();
});

test("every server is asked, however many URLs lead to it", async () => {
  using one = doorbell();
  using other = doorbell();
  const targets = [one.url, other.url, `${one.url}/v2`].map((url) => targetOf(url, "/"));
  const probing = startProbing({ kind: "measured", everyNs: 60e9 }, targets);
  while (probing!.stop().length < 2) await Bun.sleep(2);
  await Bun.sleep(20);
  const ports = probing!.stop().map(({ target }) => target.port);
  expect(ports.toSorted()).toEqual([one.port, other.port].toSorted());
});

test("what is given, or not wanted, is not measured", () => {
  expect(startProbing({ kind: "given", rttNs: 1 }, [TARGET])).toBeUndefined();
  expect(startProbing(undefined, [TARGET])).toBeUndefined();
});
