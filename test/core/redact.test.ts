import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { isSecretName, REDACTED, redactJson, redactText, redactUrl } from "#core";

describe("isSecretName", () => {
  test.each([
    "Authorization",
    "proxy-authorization",
    "X-API-Key",
    "api_key",
    "apiKey",
    "APIKey",
    "apikey",
    "Cookie",
    "set-cookie",
    "token",
    "X-Auth-Token",
    "hf_token",
    "accessToken",
    "access_token_id",
    "client_secret",
    "password",
    "db.password",
    "Credential",
    "AWS_SECRET_ACCESS_KEY",
    "x-goog-signature",
    "sig",
    "auth_token_count",
  ])("%s is one", (name) => expect(isSecretName(name)).toBe(true));

  test.each([
    "max_tokens",
    "max_completion_tokens",
    "tokenizer",
    "stop_token_ids",
    "eos_token",
    "time_to_first_token",
    "token_count",
    "inter_token_latency",
    "total_token_throughput",
    "monkey",
    "temperature",
    "top_k",
    "author",
    "Content-Type",
    "X-Request-ID",
    "num_key_value_heads",
    "",
    "design",
  ])("%s is none", (name) => expect(isSecretName(name)).toBe(false));
});

describe("redactText", () => {
  test.each([
    ["http://user:pass@host:80/v1", `http://${REDACTED}@host:80/v1`],
    ["see https://tok@h/x and http://a/b", `see https://${REDACTED}@h/x and http://a/b`],
    ["http://h/v1?api_key=abc&n=1", `http://h/v1?api_key=${REDACTED}&n=1`],
    ["/x?a=1&sig=zzz#end", `/x?a=1&sig=${REDACTED}#end`],
    ["Authorization: Bearer abc def", `Authorization: ${REDACTED}`],
    ["cookie: a=b; c=d\nAccept: x", `cookie: ${REDACTED}\nAccept: x`],
    ["sent with Bearer abc.def", `sent with Bearer ${REDACTED}`],
    ['{"api_key": "a\\"b", "n": 1}', `{"api_key": "${REDACTED}", "n": 1}`],
    ["password=hunter2, retry", `password=${REDACTED}, retry`],
    ["Incorrect API key: sk-abcdefghijklmnop1234", `Incorrect API key: ${REDACTED}`],
    ["token hf_abcdefghijklmnop123 refused", `token ${REDACTED} refused`],
  ])("%s", (text, safe) => expect(redactText(text)).toBe(safe));

  test.each([
    "Time to First Token: 347.15 ms",
    "max_tokens: 500, total_tokens=3",
    "connect ECONNREFUSED 127.0.0.1:8000",
    "mail a@b.c about http://host/path",
    "authorization failed at 12:30",
    "401 Unauthorized: bearer token missing",
  ])("leaves %s alone", (text) => expect(redactText(text)).toBe(text));

  test("hides secrets that it is told of, the longest first", () => {
    expect(redactText("got abcdef and abcdefgh", ["abcdef", "abcdefgh"])).toBe(
      `got ${REDACTED} and ${REDACTED}`,
    );
    expect(redactText("a cab", ["a"])).toBe("a cab");
  });

  const secret = fc.stringMatching(/^[A-Za-z0-9]{10,30}$/).map((text) => `Zq${text}`);
  const forms: readonly ((secret: string) => string)[] = [
    (key) => `http://me:${key}@host/x`,
    (key) => `https://h/p?a=1&api_key=${key}#x`,
    (key) => `Authorization: Bearer ${key}`,
    (key) => `{"client_secret": "${key}", "n": 1}`,
    (key) => `{'password': '${key}'}`,
    (key) => `api_key=${key}`,
    (key) => `Cookie: a=b; sid=${key}`,
    (key) => `sk-${key}${key}`,
  ];

  test("hides a secret in each of these forms, whatever stands around it", () => {
    const around = fc.string({ unit: "grapheme", maxLength: 20 });
    fc.assert(
      fc.property(around, secret, fc.constantFrom(...forms), around, (before, key, form, after) => {
        expect(redactText(`${before}\n${form(key)}\n${after}`)).not.toContain(key);
      }),
      { numRuns: 2000 },
    );
  });

  test("reads long texts once", () => {
    for (const unit of ["a", "a.", "a-", '"', "?a", "http://", "key=", "Bearer ", "sk-", "\\"]) {
      const text = unit.repeat(200_000 / unit.length);
      expect(redactText(text).length).toBeGreaterThan(0);
    }
  });
});

test("redactUrl hides a password that holds slashes and question marks", () => {
  expect(redactUrl("http://u:p/a?s@s@host:1/x")).toBe(`http://${REDACTED}@host:1/x`);
  expect(redactUrl("u:p@host")).toBe(`${REDACTED}@host`);
  expect(redactUrl("host:8000/v1")).toBe("host:8000/v1");
});

test("redactJson goes by the fields' names and leaves the shape", () => {
  expect(
    redactJson({ a: { apiKey: "x", n: 1 }, list: ["Bearer abc", null], token: ["t"], key: null }),
  ).toEqual({
    a: { apiKey: REDACTED, n: 1 },
    list: [`Bearer ${REDACTED}`, null],
    token: REDACTED as unknown as string[],
    key: null,
  });
});
