// Signatures on a Mach-O file made here: a header, __LINKEDIT, and hashes of its two pages.

import { afterAll, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readObject } from "../../scripts/build/object.ts";
import { isSigned, removeSignature } from "../../scripts/build/signature.ts";

const PAGE = 4096;
const LIMIT = PAGE + 100;

/** `limit` bytes of program, then its signature. */
function signedProgram(): Buffer {
  const directory = Buffer.alloc(44 + 2 * 32);
  const signature = Buffer.alloc(20 + directory.length);
  const bytes = Buffer.alloc(LIMIT + signature.length);

  bytes.writeUInt32LE(0xfeedfacf, 0);
  bytes.writeUInt32LE(0x01000007, 4);
  bytes.writeUInt32LE(2, 16);
  bytes.writeUInt32LE(72 + 16, 20);
  bytes.writeUInt32LE(0x19, 32);
  bytes.writeUInt32LE(72, 36);
  bytes.write("__LINKEDIT", 40);
  bytes.writeBigUInt64LE(BigInt(PAGE), 32 + 40);
  bytes.writeBigUInt64LE(BigInt(bytes.length - PAGE), 32 + 48);
  bytes.writeUInt32LE(0x1d, 104);
  bytes.writeUInt32LE(16, 108);
  bytes.writeUInt32LE(LIMIT, 112);
  bytes.writeUInt32LE(signature.length, 116);

  directory.writeUInt32BE(0xfade0c02, 0);
  directory.writeUInt32BE(44, 16);
  directory.writeUInt32BE(2, 28);
  directory.writeUInt32BE(LIMIT, 32);
  directory[36] = 32;
  directory[39] = 12;
  for (const [page, end] of [PAGE, LIMIT].entries()) {
    const hash = createHash("sha256")
      .update(bytes.subarray(page * PAGE, end))
      .digest();
    hash.copy(directory, 44 + page * 32);
  }
  signature.writeUInt32BE(0xfade0cc0, 0);
  signature.writeUInt32BE(1, 8);
  signature.writeUInt32BE(20, 16);
  directory.copy(signature, 20);
  signature.copy(bytes, LIMIT);
  return bytes;
}

const folder = mkdtempSync(join(tmpdir(), "signature-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("a signature is right as long as no byte of the program changes", () => {
  const bytes = signedProgram();
  expect(isSigned(bytes)).toBe(true);
  for (const at of [200, PAGE - 1, PAGE, LIMIT - 1]) {
    const changed = Buffer.from(bytes);
    changed[at]! ^= 1;
    expect(isSigned(changed)).toBe(false);
  }
});

test("removed, it leaves the program and a segment that ends with the file", () => {
  const path = join(folder, "program");
  writeFileSync(path, signedProgram());
  removeSignature(path);
  const bytes = readFileSync(path);
  expect(bytes.length).toBe(LIMIT);
  expect(isSigned(bytes)).toBe(false);
  expect(bytes.readUInt32LE(16)).toBe(1);
  expect(bytes.readUInt32LE(20)).toBe(72);
  expect(Number(bytes.readBigUInt64LE(72) + bytes.readBigUInt64LE(80))).toBe(LIMIT);
  expect(bytes.subarray(104, 120).every((byte) => byte === 0)).toBe(true);
  expect(readObject(bytes).object).toBe("mach-o");
  removeSignature(path);
  expect(readFileSync(path).equals(bytes)).toBe(true);
});
