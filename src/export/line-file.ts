// A file of lines that grows while the run goes. Only whole lines reach the system, in one write
// at its end, so recorders can share the file and a killed run leaves valid lines behind.

import { closeSync, fstatSync, ftruncateSync, openSync, readSync } from "node:fs";
import { ByteText } from "./byte-text.ts";
import { storageError, writeAll } from "./files.ts";

const BUFFER_BYTES_MAX = 64 * 1024;
const LOOK_BACK_BYTES = 64 * 1024;
const LF = 10;

export interface LineFile {
  /** Takes a line in, without its line end. */
  write(line: string): void;
  /** Where a line may be put, byte by byte; `end` takes it in. */
  readonly open: ByteText;
  end(): void;
  /** Hands everything taken in to the system; call it once a second or so. */
  flush(): void;
  close(): void;
}

/**
 * Makes an empty file of lines, in the place of an older one.
 * @throws E_ARTIFACT_DIR or E_DISK, naming the path
 */
export function startLineFile(path: string): void {
  try {
    closeSync(openSync(path, "w"));
  } catch (error) {
    throw storageError(path, error);
  }
}

/**
 * Opens a file of lines to add to it; several threads may do so at once. All methods throw
 * E_ARTIFACT_DIR or E_DISK, naming the path.
 */
export function openLineFile(path: string): LineFile {
  const guarded = <T>(act: () => T): T => {
    try {
      return act();
    } catch (error) {
      throw storageError(path, error);
    }
  };
  const file = guarded(() => openSync(path, "a"));
  const waiting = new ByteText();
  const flush = (): void => {
    const { length } = waiting;
    if (length === 0) return;
    // Forgotten before it is written: after a failure half of it is there, and must not come twice.
    waiting.length = 0;
    guarded(() => writeAll(file, waiting.bytes.subarray(0, length)));
  };
  const end = (): void => {
    waiting.reserve(1);
    waiting.putByte(LF);
    if (waiting.length >= BUFFER_BYTES_MAX) flush();
  };
  return {
    write(line) {
      waiting.text(line);
      end();
    },
    open: waiting,
    end,
    flush,
    close() {
      try {
        flush();
      } finally {
        closeSync(file);
      }
    },
  };
}

/**
 * Takes away what follows the last whole line: what a full disk let through of a write. To be
 * called when nothing adds to the file any more.
 * @throws E_ARTIFACT_DIR or E_DISK, naming the path
 */
export function dropBrokenEnd(path: string): void {
  try {
    const file = openSync(path, "r+");
    try {
      const { size } = fstatSync(file);
      const end = lastLineEnd(file, size);
      if (end < size) ftruncateSync(file, end);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw storageError(path, error);
  }
}

/** Where the last whole line ends; 0 when there is none. */
function lastLineEnd(file: number, size: number): number {
  const bytes = Buffer.allocUnsafe(LOOK_BACK_BYTES);
  for (let to = size; to > 0; ) {
    const from = Math.max(0, to - LOOK_BACK_BYTES);
    const read = readSync(file, bytes, 0, to - from, from);
    const at = bytes.subarray(0, read).lastIndexOf(LF);
    if (at !== -1) return from + at + 1;
    to = from;
  }
  return 0;
}
