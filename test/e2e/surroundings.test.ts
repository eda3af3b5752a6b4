// Where the program may find itself: alone on a machine, without a home or a temp folder, on a full
// disk, before a server that wants TLS.

import { expect, test } from "bun:test";
import { chmodSync, copyFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { aiperf, BINARY, type Finished, profile, SHORT, scratch } from "./aiperf.ts";
import { metric } from "./artifacts.ts";
import { startMock } from "./mock.ts";

/** A run that needs nothing but the program itself. */
const ALONE = ["--streaming", "--tokenizer", "builtin", "--isl", "20", "--osl", "5"] as const;

test("copied alone into an empty folder, with nowhere else to write, it works", async () => {
  await using mock = await startMock();
  const cwd = scratch();
  const binary = join(cwd, "aiperf");
  copyFileSync(BINARY, binary);
  chmodSync(binary, 0o755);
  const env = { HOME: "/dev/null", PATH: "", TMPDIR: "/dev/null" };
  const run = await aiperf(profile(mock.url, ...ALONE), { cwd, binary, env });
  expectTenRequests(run);
  expect(readdirSync(cwd).sort()).toEqual(["aiperf", "out"]);
  rmSync(cwd, { recursive: true });
});

test("without the native core it does the same, and says so", async () => {
  await using mock = await startMock();
  const seed = ["--random-seed", "5"];
  await using plain = await aiperf(profile(mock.url, ...ALONE, ...seed), {
    env: { AIPERF_NATIVE: "0" },
  });
  await using native = await aiperf(profile(mock.url, ...ALONE, ...seed));
  expectTenRequests(plain);
  expect(plain.stderr).toContain("JavaScript does the native core's work");
  expect(native.stderr).not.toContain("JavaScript does");
  expect(plain.artifacts.text("inputs.json")).toBe(native.artifacts.text("inputs.json"));
});

// The limit on a file's size stands in for a full disk: the system refuses the rest of a write.
test.skipIf(process.platform === "win32")(
  "a full disk: what was written is whole, the rest is said, and it is no success",
  async () => {
    await using mock = await startMock();
    const args = profile(mock.url, "--request-count", "30", "--num-prompts", "3", ...SHORT);
    const quoted = [BINARY, ...args].map((word) => `'${word}'`).join(" ");
    await using run = await aiperf(["-c", `trap '' XFSZ; ulimit -f 12; exec ${quoted}`], {
      binary: "/bin/bash",
    });
    expect(run).toMatchObject({ status: 1 });
    expect(run.artifacts.records().length).toBeWithin(1, 30);
    for (const name of ["profile_export.jsonl", "profile_export_aiperf.json"]) {
      expect(run.stderr).toMatch(new RegExp(`ERROR +cannot write out/${name}: .*; make room`));
    }
    expect(run.stdout).toContain("Records are missing from the file");
    expect(run.stdout).toContain("CSV Export: ");
    expect(run.stdout).not.toContain("JSON Export: ");
    expect(run.artifacts.files()).not.toContain("profile_export_aiperf.json");
    expect(run.stdout).toContain("Success Rate: 100% (0 errors)");
  },
);

const isRoot = process.getuid?.() === 0;

// Nothing is unwritable to root.
test.skipIf(isRoot)("a folder that may not be written to", async () => {
  const cwd = scratch();
  mkdirSync(join(cwd, "out"), { mode: 0o555 });
  const run = await aiperf(profile("localhost:1", ...SHORT), { cwd });
  expect(run).toMatchObject({ status: 1, stdout: "" });
  expect(run.complaint).toMatch(/cannot write out: .*--artifact-dir \[E_ARTIFACT_DIR\]$/);
  rmSync(cwd, { recursive: true });
});

const openssl = Bun.which("openssl");

test.skipIf(openssl === null)("TLS: a certificate is checked, unless told not to", async () => {
  const dir = scratch();
  const [key, cert] = [join(dir, "key.pem"), join(dir, "cert.pem")];
  const made = Bun.spawnSync([
    ...[openssl!, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"],
    ...["-nodes", "-days", "2", "-subj", "/CN=localhost", "-keyout", key, "-out", cert],
  ]);
  expect(made.stderr.toString()).not.toContain("rror");
  await using mock = await startMock("--tls-cert", cert, "--tls-key", key);
  expect(mock.url).toStartWith("https://");

  for (const transport of ["socket", "fetch"]) {
    const flags = ["--transport", transport, ...ALONE];
    await using refused = await aiperf(profile(mock.url, ...flags));
    expect(refused).toMatchObject({ status: 1 });
    for (const { error } of refused.artifacts.records()) expect(error?.type).toBe("TlsError");
    expect(refused.complaint).toContain("--insecure");
    await using accepted = await aiperf(profile(mock.url, "--insecure", ...flags));
    expectTenRequests(accepted);
  }

  const plain = mock.url.replace("https://", "http://");
  await using mistaken = await aiperf(profile(plain, ...ALONE));
  expect(mistaken).toMatchObject({ status: 1 });
  expect(mistaken.complaint).toContain("https://");
  rmSync(dir, { recursive: true });
});

test("an older run's figures do not outlive the start of a new one", async () => {
  const cwd = scratch();
  mkdirSync(join(cwd, "out"));
  const old = ["profile_export_aiperf.json", "profile_export_aiperf.csv", "profile_export.jsonl"];
  for (const name of [...old, "mine.txt"]) writeFileSync(join(cwd, "out", name), "old");
  await using mock = await startMock();
  const flags = ["--export-level", "summary", ...SHORT];
  const run = await aiperf(profile(mock.url, ...flags), { cwd });
  expect(run.artifacts.files()).not.toContain("profile_export.jsonl");
  expect(run.artifacts.text("mine.txt")).toBe("old");
  rmSync(cwd, { recursive: true });
});

function expectTenRequests(run: Finished): void {
  expect(run).toMatchObject({ status: 0 });
  expect(metric(run.artifacts.summary(), "request_count").avg).toBe(10);
  expect(metric(run.artifacts.summary(), "output_sequence_length")).toMatchObject({
    ...{ min: 5, max: 5 },
  });
}
