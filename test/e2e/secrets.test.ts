// Keys and passwords reach the server, and nothing else: no file, no line on the terminal, not when
// the run succeeds and not when it fails.

import { expect, test } from "bun:test";
import { aiperf, type Finished, profile, SHORT } from "./aiperf.ts";
import { delta, serve, stream, whole } from "./wire.ts";

const API_KEY = "sk-e2e-0123456789abcdef0123456789";
const GATEWAY = "gateway-pass-phrase-77";
const PASSWORD = "hunter2-hunter2";
const SECRETS = [API_KEY, GATEWAY, PASSWORD];

const FLAGS = [
  "--api-key",
  API_KEY,
  "--header",
  `X-Gateway-Token: ${GATEWAY}`,
  "--streaming",
  "-vv",
];

test("a run that succeeds", async () => {
  using server = serve((wire) => wire.write(stream(delta({ content: "hi" }), "[DONE]")));
  await using run = await aiperf(profile(server.authority, ...FLAGS, ...SHORT));
  expect(run).toMatchObject({ status: 0 });
  expect(server.received.join()).toContain(`Authorization: Bearer ${API_KEY}\r\n`);
  expect(server.received.join()).toContain(`X-Gateway-Token: ${GATEWAY}\r\n`);
  expectNoSecret(run);
  expect(run.artifacts.summary().run_info.cli_command).toContain("--api-key '<redacted>'");
});

test("a user in the URL", async () => {
  using server = serve((wire) => wire.write(stream(delta({ content: "hi" }), "[DONE]")));
  await using run = await aiperf(
    profile(`http://me:${PASSWORD}@${server.authority}`, "--streaming", "-vv", ...SHORT),
  );
  expect(run).toMatchObject({ status: 0 });
  expect(server.received.join()).toContain(`Authorization: Basic ${btoa(`me:${PASSWORD}`)}\r\n`);
  expect(server.received.join()).not.toContain(PASSWORD);
  expectNoSecret(run, btoa(`me:${PASSWORD}`));
});

test("a server that sends the secrets back in its error", async () => {
  const body = JSON.stringify({ error: `Incorrect API key provided: ${API_KEY}, ${GATEWAY}` });
  using server = serve((wire) => wire.write(whole("401 Unauthorized", "application/json", body)));
  await using run = await aiperf(profile(server.authority, ...FLAGS, ...SHORT));
  expect(run).toMatchObject({ status: 1 });
  expect(run.stdout).toContain("Incorrect API key provided");
  expectNoSecret(run);
});

test("a server that is not there", async () => {
  await using run = await aiperf(profile(`http://me:${PASSWORD}@localhost:1`, ...FLAGS, ...SHORT));
  expect(run).toMatchObject({ status: 1 });
  expectNoSecret(run);
});

test("a command line that is refused", async () => {
  const url = `http://me:${PASSWORD}@host with a space`;
  await using run = await aiperf(profile(url, ...FLAGS, ...SHORT));
  expect(run).toMatchObject({ status: 1 });
  expectNoSecret(run);
});

function expectNoSecret(run: Finished, ...more: readonly string[]): void {
  const written = run.artifacts.files().map((name) => [name, run.artifacts.text(name)] as const);
  const shown = [["stdout", run.stdout] as const, ["stderr", run.stderr] as const];
  const leaks = [...written, ...shown].flatMap(([where, text]) =>
    [...SECRETS, ...more]
      .filter((secret) => text.includes(secret))
      .map((secret) => [where, secret]),
  );
  expect(leaks).toEqual([]);
}
