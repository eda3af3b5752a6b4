// The audit of real runs: each reason by what really causes it, and none for a clean run. Figures
// of time are never compared closely, because other tests may have the cores.

import { expect, test } from "bun:test";
import { existsSync, truncateSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { auditSchema } from "#audit";
import { aiperf, BINARY, type Finished, profile, SHORT, startAiperf, until } from "./aiperf.ts";
import { startMock } from "./mock.ts";

function auditOf(run: Finished) {
  return auditSchema.parse(JSON.parse(run.artifacts.text("profile_export_aiperf.json")).audit);
}

const codesOf = (run: Finished): readonly string[] => auditOf(run).reasons.map(({ code }) => code);

const RECORDS = "profile_export.jsonl";

test("a clean run is valid, and says what that stands on", async () => {
  await using mock = await startMock("--ttft-ms", "700", "--itl-ms", "5");
  const flags = ["--streaming", "--concurrency", "4", "--request-count", "12", "--require-valid"];
  // Three tries: where the cores are busy with other tests, a run need not be clean.
  for (let left = 2; ; left--) {
    await using run = await aiperf(profile(mock.url, ...flags, ...SHORT));
    const { verdict, reasons, figures } = auditOf(run);
    if (verdict !== "valid" && left > 0) continue;
    expect(reasons).toEqual([]);
    expect(run).toMatchObject({ status: 0 });
    expect(run.stdout).toMatch(/^Audit: valid \(4\.00 of 4 held, slot refill p95 /m);
    expect(run.artifacts.log()).toContain("audit: held: ");

    expect(figures.requests).toEqual({ sent: 12, ok: 12, failed: 0, cancelled: 0, in_flight: 0 });
    expect(figures.connections).toEqual({ opened: 4, reused: 8, broken: 0 });
    expect(figures.slot_refill?.count).toBe(8);
    expect(figures.start_burst?.requests).toBe(4);
    expect(figures.records).toEqual({ counted: 12, reported: 12 });
    expect(figures.lines).toEqual({ counted: 12, reported: 12 });
    expect(figures.output_tokens?.reported).toBe(figures.output_tokens?.counted);
    expect(figures.lost_frames).toBe(0);
    expect(figures.receive_wait!.count).toBeGreaterThan(50);
    if (process.platform === "linux") {
      const names = figures.threads!.map(({ name }) => name);
      expect(names).toEqual(expect.arrayContaining(["main", "worker 0", "recorder 0"]));
      expect(figures.descriptors!.used).toBeGreaterThan(4);
      expect(figures.machine!.cores).toBe(availableParallelism());
    }
    break;
  }
}, 30_000);

test("cores that other programs take are noticed, and named as the cause", async () => {
  await using mock = await startMock("--ttft-ms", "5", "--itl-ms", "2");
  const flags = ["--streaming", "--concurrency", "4", "--benchmark-duration", "2.5"];
  const command = profile(mock.url, ...flags, "--require-valid", ...SHORT);
  const running = startAiperf(["-n", "10", BINARY, ...command], { binary: "nice" });
  await until("the run has begun", () => running.artifacts.files().includes(RECORDS));
  const burners = Array.from({ length: 2 * availableParallelism() }, () =>
    Bun.spawn(["sh", "-c", "while :; do :; done"], { stdio: ["ignore", "ignore", "ignore"] }),
  );
  await Bun.sleep(1800);
  for (const burner of burners) burner.kill("SIGKILL");

  await using run = await running.finished;
  expect(run).toMatchObject({ status: 3 });
  const { verdict, reasons } = auditOf(run);
  expect(verdict).not.toBe("valid");
  const delays = reasons.filter(({ code }) => code === "receive_wait" || code === "stall");
  expect(delays).not.toBeEmpty();
  if (process.platform === "linux") {
    expect(delays[0]!.message).toMatch(/worker 0 had to wait for a core \d+ % of the time/);
  }
  expect(run.stdout).toMatch(/^Audit: (DOUBTFUL|INVALID): /m);
}, 30_000);

test("a program that stands still for a while says so", async () => {
  await using mock = await startMock("--ttft-ms", "20", "--itl-ms", "2");
  const flags = ["--streaming", "--concurrency", "2", "--benchmark-duration", "1.5", ...SHORT];
  const running = startAiperf(profile(mock.url, ...flags));
  await until("records are written", () => {
    const path = join(running.artifacts.dir, RECORDS);
    return existsSync(path) && running.artifacts.text(RECORDS) !== "";
  });
  running.kill("SIGSTOP");
  await Bun.sleep(400);
  running.kill("SIGCONT");

  await using run = await running.finished;
  expect(run).toMatchObject({ status: 0 });
  const stall = auditOf(run).reasons.find(({ code }) => code === "stall")!;
  expect(stall.severity).toBe("doubtful");
  expect(stall.value).toBeGreaterThan(300);
  expect(stall.message).toMatch(/stood still for \d+ ms/);
}, 30_000);

test("a server that is not there leaves slots empty: the load was not held", async () => {
  await using mock = await startMock();
  await mock.stop();
  const flags = ["--concurrency", "2", "--benchmark-duration", "1", ...SHORT];
  await using run = await aiperf(profile(mock.url, ...flags));
  const { verdict, reasons } = auditOf(run);
  expect(verdict).toBe("invalid");
  expect(reasons.map(({ code }) => code)).toContain("nothing_measured");
  const held = reasons.find(({ code }) => code === "concurrency_not_held")!;
  expect(held.value).toBeGreaterThan(50);
  expect(held.message).toMatch(/of 2 requests were in flight.*; (\d+) of \1 requests failed/);
});

test("a rate within reach is valid, one beyond reach is not", async () => {
  await using mock = await startMock("--ttft-ms", "300");
  const open = (rate: string, ...flags: readonly string[]) =>
    aiperf(profile(mock.url, "--streaming", "--request-rate", rate, ...flags, ...SHORT));
  for (let left = 2; ; left--) {
    await using run = await open("40", "--benchmark-duration", "1.2");
    const { verdict, reasons, figures } = auditOf(run);
    if (verdict !== "valid" && left > 0) continue;
    expect(reasons).toEqual([]);
    expect(figures.loop).toBe("open");
    expect(figures.requests.unsent).toBe(0);
    expect(figures.rate!.achieved_per_s).toBeGreaterThan(0.99 * figures.rate!.asked_per_s);
    break;
  }
  await using run = await open("20000", "--benchmark-duration", "0.5", "--concurrency", "20");
  const { verdict, reasons, figures } = auditOf(run);
  expect(verdict).toBe("invalid");
  const unsent = reasons.find(({ code }) => code === "requests_not_sent")!;
  expect(unsent.message).toMatch(/came due and were never sent \(no more than 20 may be in flight/);
  expect(figures.requests.unsent! + figures.requests.sent).toBeCloseTo(10_000, -3);
}, 30_000);

test("a file of records that somebody cut is noticed", async () => {
  await using mock = await startMock("--ttft-ms", "20", "--itl-ms", "2");
  const flags = ["--concurrency", "2", "--benchmark-duration", "1.5", ...SHORT];
  const running = startAiperf(profile(mock.url, ...flags));
  await until("records are written", () => {
    const path = join(running.artifacts.dir, RECORDS);
    return existsSync(path) && running.artifacts.text(RECORDS) !== "";
  });
  truncateSync(join(running.artifacts.dir, RECORDS));
  await using run = await running.finished;
  const lines = auditOf(run).figures.lines!;
  expect(codesOf(run)).toContain("lines_differ");
  expect(lines.reported).toBeLessThan(lines.counted);
});

test("too few descriptors: requests that found none make the run invalid", async () => {
  const bash = Bun.which("bash");
  if (bash === null) return;
  await using mock = await startMock("--ttft-ms", "100");
  // Files that the program inherits take what its own reckoning leaves free.
  const script = 'for i in {1..70}; do exec {spare}</dev/null; done; ulimit -n 150; exec "$@"';
  const command = profile(mock.url, "--concurrency", "90", "--request-count", "180", ...SHORT);
  await using run = await aiperf(["-c", script, "bash", BINARY, ...command], { binary: bash });
  const { verdict, reasons } = auditOf(run);
  expect(verdict).toBe("invalid");
  const reason = reasons.find(({ code }) => code === "out_of_descriptors")!;
  expect(reason.value).toBeGreaterThan(0);
  expect(reason.message).toContain("ulimit -n");
});

test("limits come from the environment, and nonsense ends the run before it begins", async () => {
  await using mock = await startMock("--ttft-ms", "5");
  const flags = ["--concurrency", "2", "--request-count", "40", "--require-valid", ...SHORT];
  const strict = { AIPERF_AUDIT_HELD_PCT: "100", AIPERF_AUDIT_REFILL_MS: "0" };
  await using run = await aiperf(profile(mock.url, ...flags), { env: strict });
  expect(run).toMatchObject({ status: 3 });
  expect(codesOf(run)).toContain("concurrency_not_held");
  expect(auditOf(run).limits).toMatchObject({ held_pct: 100, refill_ms: 0 });

  const nonsense = { AIPERF_AUDIT_NOISE_MS: "much" };
  await using refused = await aiperf(profile(mock.url, ...flags), { env: nonsense });
  expect(refused.status).toBe(1);
  expect(refused.complaint).toContain("E_AUDIT_LIMIT");
  expect(refused.artifacts.files()).toEqual([]);
});
