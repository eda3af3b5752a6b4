import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { readObject } from "../../scripts/build/object.ts";
import { hostTarget, TARGETS } from "../../scripts/build/targets.ts";

test("the program that runs this is one for this machine", () => {
  const found = readObject(readFileSync(process.execPath));
  const host = hostTarget()!;
  expect(found.object).toBe(host.object);
  expect(found.machine).toBe(host.machine);
});

test.if(process.platform === "linux")("its libraries are those that the loader names", () => {
  const { needs } = readObject(readFileSync(process.execPath));
  const loaded = readFileSync("/proc/self/maps", "utf8");
  expect(needs.length).toBeGreaterThan(0);
  expect(needs.some((name) => loaded.includes(name))).toBe(true);
});

test("what is no program is unknown, not an error", () => {
  for (const text of ["", "#!/bin/sh\n", "x".repeat(100)]) {
    expect(readObject(Buffer.from(text)).object).toBe("unknown");
  }
});

test("each target has a name of its own, and Bun's name for it is the same", () => {
  expect(new Set(TARGETS.map((target) => target.name)).size).toBe(TARGETS.length);
  for (const target of TARGETS) {
    expect(target.bun).toBe(`bun-${target.name}` as typeof target.bun);
    expect(target.name).toContain(target.machine);
    expect(target.triple.startsWith(target.machine === "x64" ? "x86_64" : "aarch64")).toBe(true);
  }
});
