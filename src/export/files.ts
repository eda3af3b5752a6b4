// Putting artifacts on the disk. A file appears under its name only when it is whole, and one that
// cannot be written does not keep the others from being so.

import {
  accessSync,
  closeSync,
  constants,
  mkdirSync,
  openSync,
  renameSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { AiperfError, messageOf } from "#core";

/** An artifact: where it goes within the directory, and its text, whole or in pieces. */
export interface Artifact {
  readonly name: string;
  readonly text: () => string | Iterable<string>;
  /** Who may read and write it; the usual ones may when absent. */
  readonly mode?: number;
}

export interface WrittenArtifacts {
  /** Names of the files that were written. */
  readonly written: readonly string[];
  /** One error for each that was not. */
  readonly failures: readonly AiperfError[];
}

/**
 * Makes the artifact directory and sees that files can be made in it.
 * @throws E_ARTIFACT_DIR, or E_DISK when there is no room
 */
export function prepareArtifactDir(dir: string): void {
  try {
    mkdirSync(join(dir, "logs"), { recursive: true });
    accessSync(dir, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw storageError(dir, error);
  }
}

/** Writes each artifact; a failing one, in making or in writing, leaves the others alone. */
export function writeArtifacts(dir: string, artifacts: readonly Artifact[]): WrittenArtifacts {
  const written: string[] = [];
  const failures: AiperfError[] = [];
  for (const { name, text, mode } of artifacts) {
    try {
      writeWhole(join(dir, name), text(), mode);
      written.push(name);
    } catch (error) {
      failures.push(artifactError(join(dir, name), error));
    }
  }
  return { written, failures };
}

const BLOCK_BYTES = 256 * 1024;

/**
 * Writes a file beside its place, then moves it there.
 * @throws E_ARTIFACT_DIR or E_DISK, naming the path
 */
export function writeWhole(path: string, text: string | Iterable<string>, mode = 0o666): void {
  const draft = `${path}.part-${process.pid}`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    const file = openSync(draft, "w", mode);
    try {
      if (typeof text === "string") writeFully(file, text);
      else writePieces(file, text);
      renameSync(draft, path);
    } catch (error) {
      unlinkSync(draft);
      throw error;
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw storageError(path, error);
  }
}

/** Writes pieces of a text by way of one block of memory, and leaves no other behind. */
function writePieces(file: number, pieces: Iterable<string>): void {
  const block = Buffer.allocUnsafe(BLOCK_BYTES);
  let filled = 0;
  for (const piece of pieces) {
    // A character is at most three bytes for each of its units.
    const mostBytes = piece.length * 3;
    if (filled + mostBytes > block.length) {
      writeAll(file, block.subarray(0, filled));
      filled = 0;
    }
    if (mostBytes > block.length) writeFully(file, piece);
    else filled += block.write(piece, filled, "utf8");
  }
  writeAll(file, block.subarray(0, filled));
}

/** Writes all of a text, however many calls it takes the system. */
export function writeFully(file: number, text: string): void {
  writeAll(file, Buffer.from(text));
}

/** The same of bytes. */
export function writeAll(file: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
}

/** System errors that mean there is no room, not that there is no permission. */
const NO_ROOM: ReadonlySet<unknown> = new Set(["ENOSPC", "EDQUOT", "EFBIG", "EIO"]);

/** What a failure of the system to store something means to the user; other errors stay theirs. */
export function storageError(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || !("code" in error)) return error;
  const what = `cannot write ${path}: ${error.message.split(", ")[0]}`;
  return NO_ROOM.has(error.code)
    ? new AiperfError("E_DISK", what, "make room on that disk, or choose another --artifact-dir")
    : new AiperfError("E_ARTIFACT_DIR", what, "choose a writable directory with --artifact-dir");
}

/** Why an artifact is not there, also when it was its text that could not be made. */
function artifactError(path: string, error: unknown): AiperfError {
  if (error instanceof AiperfError) return error;
  return new AiperfError("E_ARTIFACT", `cannot make ${path}: ${messageOf(error)}`, "");
}
