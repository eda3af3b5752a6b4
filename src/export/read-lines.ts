// A file of lines, read a piece at a time: a file of a million records is two gigabytes.

import { closeSync, openSync, readSync } from "node:fs";
import { AiperfError, messageOf } from "#core";

const PIECE_BYTES = 1 << 20;
const LF = 10;

/**
 * Hands out the whole lines of a file; one that a kill has cut short at the end is left out.
 * @throws E_RECORDS when there is no such file
 */
export function* readLines(path: string): Generator<string> {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch (error) {
    const what = `${path} cannot be read: ${messageOf(error)}`;
    throw new AiperfError("E_RECORDS", what, "name the folder of a run that kept its records");
  }
  try {
    let room = Buffer.allocUnsafe(PIECE_BYTES);
    let kept = 0;
    for (;;) {
      if (kept === room.length) {
        const larger = Buffer.allocUnsafe(2 * room.length);
        room.copy(larger);
        room = larger;
      }
      const read = readSync(file, room, kept, room.length - kept, null);
      if (read === 0) return;
      const end = kept + read;
      let from = 0;
      for (let to = room.indexOf(LF, kept); to !== -1 && to < end; to = room.indexOf(LF, from)) {
        if (to > from) yield room.toString("utf8", from, to);
        from = to + 1;
      }
      room.copyWithin(0, from, end);
      kept = end - from;
    }
  } finally {
    closeSync(file);
  }
}
