// Apple's code signature of a program that was put together after it was signed. On arm64 the
// kernel runs nothing unsigned, and Bun signs anew: that is verified here, page by page. On x64 it
// runs what is unsigned but kills what is signed wrongly, and Bun leaves the old signature in place.
// Formats: Apple's loader.h and cs_blobs.h.

import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";

const LC_SEGMENT_64 = 0x19;
const LC_CODE_SIGNATURE = 0x1d;
const CODE_DIRECTORY = 0xfade0c02;
const HEADER_BYTES = 32;

interface Command {
  readonly kind: number;
  readonly at: number;
  readonly size: number;
}

/** Whether a Mach-O file is signed and each of its pages has the hash that the signature states. */
export function isSigned(bytes: Buffer): boolean {
  const command = commandsOf(bytes).find(({ kind }) => kind === LC_CODE_SIGNATURE);
  if (command === undefined) return false;
  const directory = directoryAt(bytes, bytes.readUInt32LE(command.at + 8));
  if (directory === undefined) return false;
  const hashesAt = directory + bytes.readUInt32BE(directory + 16);
  const pages = bytes.readUInt32BE(directory + 28);
  const limit = bytes.readUInt32BE(directory + 32);
  const hashBytes = bytes[directory + 36]!;
  const pageBytes = 2 ** bytes[directory + 39]!;
  for (let page = 0; page < pages; page++) {
    const end = Math.min((page + 1) * pageBytes, limit);
    const found = createHash("sha256")
      .update(bytes.subarray(page * pageBytes, end))
      .digest();
    const at = hashesAt + page * hashBytes;
    if (!found.subarray(0, hashBytes).equals(bytes.subarray(at, at + hashBytes))) return false;
  }
  return pages * pageBytes >= limit;
}

/** Takes the signature out of a Mach-O file, as `codesign --remove-signature` does. */
export function removeSignature(path: string): void {
  const bytes = readFileSync(path);
  const commands = commandsOf(bytes);
  const signature = commands.find(({ kind }) => kind === LC_CODE_SIGNATURE);
  if (signature === undefined) return;
  const end = bytes.readUInt32LE(signature.at + 8);

  const commandsEnd = HEADER_BYTES + bytes.readUInt32LE(20);
  bytes.copy(bytes, signature.at, signature.at + signature.size, commandsEnd);
  bytes.fill(0, commandsEnd - signature.size, commandsEnd);
  bytes.writeUInt32LE(commands.length - 1, 16);
  bytes.writeUInt32LE(commandsEnd - HEADER_BYTES - signature.size, 20);

  // The last segment held the signature at its end.
  const linkEdit = commandsOf(bytes).find(
    ({ kind, at }) =>
      kind === LC_SEGMENT_64 && bytes.toString("latin1", at + 8, at + 18) === "__LINKEDIT",
  );
  if (linkEdit === undefined) throw new Error(`${path} has no __LINKEDIT`);
  const start = Number(bytes.readBigUInt64LE(linkEdit.at + 40));
  bytes.writeBigUInt64LE(BigInt(end - start), linkEdit.at + 48);
  writeFileSync(path, bytes.subarray(0, end));
}

function commandsOf(bytes: Buffer): Command[] {
  const count = bytes.readUInt32LE(16);
  const commands: Command[] = [];
  for (let i = 0, at = HEADER_BYTES; i < count; i++) {
    const size = bytes.readUInt32LE(at + 4);
    commands.push({ kind: bytes.readUInt32LE(at), at, size });
    at += size;
  }
  return commands;
}

/** Where the list of hashes is among the parts of a signature. */
function directoryAt(bytes: Buffer, signatureAt: number): number | undefined {
  const parts = bytes.readUInt32BE(signatureAt + 8);
  for (let part = 0; part < parts; part++) {
    const at = signatureAt + bytes.readUInt32BE(signatureAt + 12 + 8 * part + 4);
    if (bytes.readUInt32BE(at) === CODE_DIRECTORY) return at;
  }
  return undefined;
}
