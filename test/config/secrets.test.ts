import { expect, test } from "bun:test";
import { secretsOf } from "#config";
import { planOf } from "./context.ts";

test("secrets are found in the key, headers, URLs and extra inputs, and nothing else is", () => {
  const { endpoint } = planOf("", [
    "--api-key",
    "KEY",
    "-H",
    "Authorization: Bearer HEADER",
    "X-Plain: plain",
    "--url",
    "http://h/v1?api_key=PARAMETER&n=1",
    "--extra-inputs",
    '{"auth": {"user": "USER", "n": 1}, "list": [{"token": ["T1", "T2"]}], "model": "m"}',
  ]);
  expect(secretsOf(endpoint)).toEqual([
    "KEY",
    "Bearer HEADER",
    "HEADER",
    "PARAMETER",
    "USER",
    "T1",
    "T2",
  ]);
  expect(secretsOf(planOf("").endpoint)).toEqual([]);
});
