import { describe, expect, test } from "bun:test";
import { planOf, refusal } from "./context.ts";

describe("URLs", () => {
  test.each([
    ["localhost:8000", "http://localhost:8000"],
    ["localhost", "http://localhost"],
    ["HTTP://Host:80/", "http://host"],
    ["https://h:443/v1//", "https://h/v1"],
    ["http://h/v1/?a=b", "http://h/v1?a=b"],
    ["http://h/?a=b#part", "http://h?a=b"],
    ["[::1]:8000", "http://[::1]:8000"],
    ["http://[::1]/x", "http://[::1]/x"],
    ["10.0.0.1:9", "http://10.0.0.1:9"],
    ["http:8000", "http://http:8000"],
  ])("%s is %s", (given, url) => expect(planOf(`--url ${given}`).endpoint.urls).toEqual([url]));

  test.each([
    ["", "empty"],
    ["http://a b", "has a space in it"],
    ["http://a\tb", "control character"],
    ["ftp://a", "has the scheme ftp"],
    ["http:/a", "no // after its scheme"],
    ["https:a", "no // after its scheme"],
    ["http://", "names no host"],
    [":8000", "names no host"],
    ["/v1", "names no host"],
    ["h:0", "no valid port"],
    ["h:65536", "no valid port"],
    ["h:abc", "no valid port"],
    ["http://h:", "no valid port"],
    ["http://[::1", "is not a URL"],
    ["http://h%zz^", "is not a URL"],
  ])("%j is refused", (given, text) => {
    const error = refusal(["--model", "m", `--url=${given}`]);
    expect(error.message).toContain(text);
  });

  test("a user becomes a header and leaves the URL", () => {
    const { endpoint } = planOf("--url http://me:p%40ss@h/v1,http://me:p%40ss@g");
    expect(endpoint.urls).toEqual(["http://h/v1", "http://g"]);
    expect(endpoint.headers).toEqual([["Authorization", `Basic ${btoa("me:p@ss")}`]]);
  });

  test("a key or a header of the user's own comes before the URL's user", () => {
    expect(planOf("--url http://me:x@h --api-key k").endpoint.headers).toEqual([]);
    expect(planOf("--url http://me:x@h -H authorization:y").endpoint.headers).toEqual([
      ["authorization", "y"],
    ]);
  });

  test("different users are refused, without being shown", () => {
    const error = refusal(["--model", "m", "--url", "http://me:x@h,http://you:y@h"]);
    expect(error.message).toContain("different users");
  });
});

describe("headers", () => {
  const headers = (...values: string[]) =>
    planOf("", ["--header", ...values]).endpoint.headers.map(([name, value]) => `${name}=${value}`);

  test("values are texts, whatever they look like, commas and colons included", () => {
    expect(headers("X-A:1", "X-B: true", "Accept: a/b, c/d", "X-T:12:30", "X-E:")).toEqual([
      "X-A=1",
      "X-B=true",
      "Accept=a/b, c/d",
      "X-T=12:30",
      "X-E=",
    ]);
  });

  test("the last of a name holds, in any case of letters", () => {
    expect(headers("A:1", "B:2", "a:3")).toEqual(["B=2", "a=3"]);
  });

  test("one JSON object", () => {
    expect(headers('{"X-A": 1, "X-B": "b, c"}')).toEqual(["X-A=1", "X-B=b, c"]);
  });

  test.each([
    ["no-colon", "without a colon"],
    [":x", "nothing before the colon"],
    ["a b:x", "no header's"],
    ["A:x\r\nB:y", "no header may carry"],
    ["A:\u4f60", "no header may carry"],
    ["Content-Length:3", "set by the transport"],
    ['{"A": {}}', "no text"],
    ['{"A": ', "not valid JSON"],
  ])("%j is refused", (value, text) =>
    expect(refusal(["--model", "m", "-H", value]).message).toContain(text),
  );
});

describe("extra inputs", () => {
  const extra = (...values: string[]) =>
    planOf("", ["--extra-inputs", ...values]).endpoint.extraInputs;

  test("values get the type that they spell", () => {
    expect(extra("a:1,b:-2.5,c:true,d:False,e:null,f:None,g:1e3,h:.5")).toEqual({
      a: 1,
      b: -2.5,
      c: true,
      d: false,
      e: null,
      f: null,
      g: 1000,
      h: 0.5,
    });
    expect(extra("a:x y", "b:", "c:1:2", "d:nan", "e:1.2.3", "f:12345678901234567890")).toEqual({
      a: "x y",
      b: "",
      c: "1:2",
      d: "nan",
      e: "1.2.3",
      f: "12345678901234567890",
    });
  });

  test("commas within brackets stay", () => {
    expect(extra('t:{"a": [1,2], "b": 3},n:1')).toEqual({ t: '{"a": [1,2], "b": 3}', n: 1 });
  });

  test("a JSON object is kept as it is, and adds to the rest", () => {
    expect(extra("a:1", ' {"a": {"b": [null, 1.50]}, "c": "1"}')).toEqual({
      a: { b: [null, 1.5] },
      c: "1",
    });
    expect(Object.keys(extra('{"__proto__": {"x": 1}}'))).toEqual(["__proto__"]);
  });

  test.each([
    ["a", "without a colon"],
    ["a:1,b", "without a colon"],
    ["{a:1}", "not valid JSON"],
    [`{"a":${"[".repeat(70)}${"]".repeat(70)}}`, "nested too deep"],
    [`{"a":${"[".repeat(50_000)}${"]".repeat(50_000)}}`, "--extra-inputs"],
  ])("%.30s is refused", (value, text) =>
    expect(refusal(["--model", "m", "--extra-inputs", value]).message).toContain(text),
  );
});
