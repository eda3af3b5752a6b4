// A file of lines, read a piece at a time: a file of a million records is two gigabytes. Several
// readers may share a file, each with a part that begins and ends between lines.

import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { AiperfError, messageOf } from "#core";
import { TEXT_BYTES_MAX } from "./byte-scan.ts";

const PIECE_BYTES = 1 << 20;
const LF = 10;

/** The bytes of a file from one place up to another. */
export interface FilePart {
  readonly from: number;
  readonly to: number;
}

const WHOLE: FilePart = { from: 0, to: Number.MAX_SAFE_INTEGER };

/**
 * Takes a line in: `bytes[from, to)`, with its line end at `to` and {@link TEXT_BYTES_MAX} more bytes
 * behind that. They are overwritten by later ones.
 * @param place of the line in the file
 */
export type LineVisitor = (bytes: Buffer, from: number, to: number, place: number) => void;

/**
 * Hands out the whole lines of a file; one that a kill has cut short at the end is left out.
 * @throws E_RECORDS when there is no such file
 */
export function* readLines(path: string): Generator<string> {
  for (const { bytes, end } of readPieces(path, WHOLE)) {
    for (let from = 0; from < end; ) {
      const to = bytes.indexOf(LF, from);
      if (to > from) yield bytes.toString("utf8", from, to);
      from = to + 1;
    }
  }
}

/**
 * Shows the whole lines of a part of a file as bytes.
 * @throws E_RECORDS when there is no such file
 */
export function visitLines(path: string, part: FilePart, visit: LineVisitor): void {
  for (const { bytes, end, place } of readPieces(path, part)) {
    for (let from = 0; from < end; ) {
      const to = bytes.indexOf(LF, from);
      if (to > from) visit(bytes, from, to, place + from);
      from = to + 1;
    }
  }
}

/**
 * Cuts a file between lines.
 * @param partsMax how many parts are of use
 * @param partBytesMin what is not worth a cut
 * @throws E_RECORDS when there is no such file
 */
export function cutLines(path: string, partsMax: number, partBytesMin: number): FilePart[] {
  return withFile(path, (file) => {
    const { size } = fstatSync(file);
    const count = Math.max(1, Math.min(partsMax, Math.floor(size / partBytesMin)));
    const cuts = Array.from({ length: count - 1 }, (_, i) =>
      lineStart(file, Math.floor((size * (i + 1)) / count)),
    );
    // The last part has what is written meanwhile.
    const ends = [...cuts, WHOLE.to];
    return ends.map((to, i) => ({ from: ends[i - 1] ?? 0, to }));
  });
}

/** The number of the line, from 1, that begins at a place. */
export function lineNumberAt(path: string, place: number): number {
  let number = 1;
  for (const { bytes, end } of readPieces(path, { from: 0, to: place })) {
    for (let at = bytes.indexOf(LF); at !== -1 && at < end; at = bytes.indexOf(LF, at + 1))
      number++;
  }
  return number;
}

/** Where the first line begins that does so at a place or behind it. */
function lineStart(file: number, place: number): number {
  const bytes = Buffer.allocUnsafe(PIECE_BYTES);
  for (let from = place - 1; ; from += bytes.length) {
    const read = readSync(file, bytes, 0, bytes.length, from);
    const at = bytes.subarray(0, read).indexOf(LF);
    if (at !== -1) return from + at + 1;
    if (read < bytes.length) return from + read;
  }
}

/** Whole lines: `bytes[0, end)`, from a place of the file on. */
interface Piece {
  readonly bytes: Buffer;
  readonly end: number;
  readonly place: number;
}

function* readPieces(path: string, part: FilePart): Generator<Piece> {
  const file = opened(path);
  try {
    let bytes = Buffer.allocUnsafeSlow(PIECE_BYTES + TEXT_BYTES_MAX);
    let { from: place } = part;
    let kept = 0;
    for (;;) {
      const room = Math.min(bytes.length - TEXT_BYTES_MAX, part.to - place) - kept;
      const read = checked(path, () => readSync(file, bytes, kept, room, place + kept));
      if (read === 0) return;
      const last = bytes.subarray(kept, kept + read).lastIndexOf(LF);
      const end = last === -1 ? 0 : kept + last + 1;
      kept += read;
      if (end > 0) yield { bytes, end, place };
      bytes.copyWithin(0, end, kept);
      kept -= end;
      place += end;
      if (kept + TEXT_BYTES_MAX < bytes.length) continue;
      const larger = Buffer.allocUnsafeSlow(2 * bytes.length);
      bytes.copy(larger);
      bytes = larger;
    }
  } finally {
    closeSync(file);
  }
}

function withFile<T>(path: string, act: (file: number) => T): T {
  const file = opened(path);
  try {
    return checked(path, () => act(file));
  } finally {
    closeSync(file);
  }
}

function opened(path: string): number {
  return checked(path, () => openSync(path, "r"));
}

function checked<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    const what = `${path} cannot be read: ${messageOf(error)}`;
    throw new AiperfError("E_RECORDS", what, "name the folder of a run that kept its records");
  }
}
