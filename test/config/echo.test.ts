import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { knownFlagNames, parseProfile } from "#config";
import { AiperfError } from "#core";
import { plan, planOf, SHELL } from "./context.ts";

describe("the command is repeated", () => {
  test("with texts in single quotes and numbers bare", () => {
    expect(
      plan(
        "--model mock --url h:1 --random-seed 7 --ui none --endpoint-type chat --streaming " +
          "--concurrency 4 --isl=64 --no-gpu-telemetry",
      ).cliCommand,
    ).toBe(
      "aiperf profile --model 'mock' --url 'h:1' --random-seed 7 --ui 'none' " +
        "--endpoint-type 'chat' --streaming --concurrency 4 --isl 64 --no-gpu-telemetry",
    );
  });

  test("so that a shell reads it back", () => {
    const argv = ["--model", "it's", "b", "--extra-inputs", "a:$HOME `x`", "--endpoint=/-"];
    const echoed = plan("", argv).cliCommand;
    const { stdout } = Bun.spawnSync(["sh", "-c", `${echoed.replace("aiperf", "printf '%s\\0'")}`]);
    expect(stdout.toString().split("\0").slice(1, -1)).toEqual([
      "--model",
      "it's",
      "b",
      "--extra-inputs",
      "a:$HOME `x`",
      "--endpoint",
      "/-",
    ]);
  });

  test("without secrets", () => {
    const { cliCommand } = planOf("", [
      "--api-key",
      "K1SECRET",
      "-H",
      "Authorization: Bearer K2SECRET",
      "X-Plain: v",
      '{"X-Api-Key": "K3SECRET"}',
      "--extra-inputs",
      "top_p:1,hf_token:K4SECRET",
      '{"auth": {"password": "K5SECRET"}, "n": 1}',
      "--url",
      "http://me:K6SECRET@h/v1?api_key=K7SECRET",
    ]);
    expect(cliCommand).not.toContain("SECRET");
    expect(cliCommand).toContain("--api-key '<redacted>'");
    expect(cliCommand).toContain(`-H 'Authorization:<redacted>' 'X-Plain: v'`);
    expect(cliCommand).toContain("'top_p:1,hf_token:<redacted>'");
    expect(cliCommand).toContain("'http://<redacted>@h/v1?api_key=<redacted>'");
  });
});

describe("the configuration of the results", () => {
  test("has what was set, in AIPerf's shape", async () => {
    const file = `${import.meta.dir}/golden/input_config.json`;
    const golden = await Bun.file(file).json();
    const { inputConfig } = plan(
      "--model mock --url URL:80 --tokenizer DIR --artifact-dir ARTIFACT_DIR --random-seed 7 " +
        "--ui none --endpoint-type chat --streaming --concurrency 4 --request-count 20 --isl 64 " +
        "--osl 16 --no-gpu-telemetry",
    );
    expect(JSON.parse(JSON.stringify(inputConfig))).toEqual(golden);
    expect(JSON.stringify(inputConfig)).toBe(JSON.stringify(golden));
  });

  test("has nothing that was not, but for the load", () => {
    expect(plan("--model m").inputConfig).toEqual({
      models: { items: [{ name: "m" }] },
      datasets: [{ name: "main", type: "synthetic" }],
      phases: [
        { name: "profiling", kind: "profiling", type: "concurrency", requests: 10, concurrency: 1 },
      ],
      artifacts: { auto_plot: false, plot_required: false },
      gpu_telemetry: { enabled: false },
      server_metrics: { enabled: false },
      network_latency: { enabled: false },
    });
  });

  test("has an infinite grace as a text", () => {
    const given = planOf("--benchmark-duration 2 --benchmark-grace-period inf");
    expect(given.inputConfig.phases).toMatchObject([{ duration: 2, grace_period: "inf" }]);
  });
});

// Words that a command line may be made of: every flag, good and bad values, and any text.
const word = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...knownFlagNames()) },
  { weight: 3, arbitrary: fc.constantFrom("--model", "--isl", "-H", "--extra-inputs", "--url") },
  fc.constantFrom("1", "0", "-1", "1,2", "a:b", '{"a":1}', "h:1", "http://u:p@h", "", ",", "inf"),
  fc.string({ unit: "binary", maxLength: 8 }),
  fc.tuple(fc.constantFrom(...knownFlagNames()), fc.string()).map(([a, b]) => `${a}=${b}`),
);

/** Whether a value and all that it holds is frozen. */
function isFrozen(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return true;
  return Object.isFrozen(value) && Object.values(value).every(isFrozen);
}

describe("any command line", () => {
  test("gives a frozen plan or one line that says what is wrong", () => {
    fc.assert(
      fc.property(fc.array(word, { maxLength: 10 }), fc.boolean(), (words, named) => {
        try {
          const given = parseProfile(named ? ["--model", "m", ...words] : words, SHELL);
          expect(isFrozen(given)).toBe(true);
          expect(given.cliCommand).not.toMatch(/[\r\n]/);
          expect(JSON.parse(JSON.stringify(given.inputConfig))).toEqual(given.inputConfig);
        } catch (error) {
          if (!(error instanceof AiperfError)) throw error;
          expect(error.message).not.toMatch(/[\r\n]/);
        }
      }),
      { numRuns: 3000 },
    );
  });

  const secret = fc.stringMatching(/^[A-Za-z0-9]{12}$/).map((text) => `Zq${text}`);
  const bad = fc.constantFrom(
    [],
    ["--isl", "0"],
    ["--concurency", "1"],
    ["--goodput", "x"],
    ["--streaming", "true"],
    ["--benchmark-grace-period", "1"],
    ["--endpoint-type", "raw"],
  );
  const places: readonly ((secret: string) => readonly string[])[] = [
    (key) => ["--api-key", key],
    (key) => [`--api-key=${key}`],
    (key) => ["--api-key", `${key} ${key}`],
    (key) => ["--api-key", "first", key],
    (key) => [`--api-keyy=${key}`],
    (key) => ["--header", `Authorization: Bearer ${key}`],
    (key) => ["--header", "Authorization:", "Bearer", key],
    (key) => ["-H", `x-api-key:${key}\n`],
    (key) => ["-H", `Cookie: a=1; sid=${key}`],
    (key) => ["-H", JSON.stringify({ "X-Auth-Token": key })],
    (key) => ["-H", `{"X-Auth-Token": "${key}`],
    (key) => ["--extra-inputs", `a:1,session_token:${key}`],
    (key) => ["--extra-inputs", JSON.stringify({ a: { client_secret: [key] } })],
    (key) => ["--extra-inputs", key],
    (key) => ["--url", `http://me:${key}@h`],
    (key) => ["--url", `http://${key}@h:99999`],
    (key) => ["--url", `http://me:a/${key}@h`],
    (key) => ["--url", `me:${key}@h b`],
    (key) => ["--url", `http://h/v1?token=${key}`, "http://h:0"],
    (key) => ["--url", `h:0?api_key=${key}`],
    (key) => ["--api-key", key, "--model", `m-${key}`],
  ];

  test("never shows a secret", () => {
    fc.assert(
      fc.property(secret, fc.constantFrom(...places), bad, (key, place, rest) => {
        let shown: string;
        try {
          const given = parseProfile(["--model", "m", ...place(key), ...rest], SHELL);
          shown = JSON.stringify([given.cliCommand, given.inputConfig, given.notes]);
        } catch (error) {
          if (!(error instanceof AiperfError)) throw error;
          shown = error.message;
        }
        expect(shown).not.toContain(key);
      }),
      { numRuns: 1500 },
    );
  });
});
