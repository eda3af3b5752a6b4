// The lines of a file, in batches and never the whole file at once: plain, gzip or Zstandard, told
// apart by their first bytes, because names lie. Bytes that are no UTF-8 are an error with a line.

import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { basename } from "node:path";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { AiperfError, fail, messageOf } from "#core";

/** A line that is not blank, without its end. */
export interface Line {
  /** From 1, blank lines counted. */
  readonly number: number;
  readonly text: string;
}

/** No row of a data set is longer; a file without line ends would fill the memory. */
const LINE_CHARACTERS_MAX = 2 ** 28;
const BLANK = /^\s*$/;

const MAGIC = [
  { format: "gzip", bytes: [0x1f, 0x8b] },
  { format: "zstd", bytes: [0x28, 0xb5, 0x2f, 0xfd] },
] as const;

type Packing = (typeof MAGIC)[number]["format"] | "none";

const CHUNK_BYTES = 256 * 1024;
const UNPACK = {
  none: undefined,
  gzip: () => createGunzip({ chunkSize: CHUNK_BYTES }),
  zstd: () => createZstdDecompress({ chunkSize: CHUNK_BYTES }),
} as const;

/**
 * Yields a file's lines, some hundreds at a time; blank ones are left out.
 * @param lineCharactersMax the longest line that is waited for
 * @throws E_FILE_READ for what cannot be read or unpacked
 * @throws E_FILE_ENCODING for what is no UTF-8, E_FILE_LINE for a line without an end
 */
export async function* readLines(
  path: string,
  lineCharactersMax = LINE_CHARACTERS_MAX,
): AsyncGenerator<readonly Line[]> {
  const name = basename(path);
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let number = 0;
  let rest: string[] = [];
  let restCharacters = 0;

  function take(piece: string): readonly Line[] {
    const texts = piece.split("\n");
    if (texts.length === 1) {
      rest.push(piece);
      restCharacters += piece.length;
      if (restCharacters <= lineCharactersMax) return [];
      return fail("E_FILE_LINE", `${name} line ${number + 1} has no end in sight`, "split it");
    }
    texts[0] = rest.join("") + texts[0]!;
    const last = texts.pop()!;
    rest = [last];
    restCharacters = last.length;
    const lines: Line[] = [];
    for (const text of texts) {
      number++;
      if (!BLANK.test(text)) lines.push({ number, text });
    }
    return lines;
  }

  try {
    for await (const bytes of unpacked(path)) {
      yield take(decoded(decoder, bytes, name, number));
    }
  } catch (error) {
    if (error instanceof AiperfError) throw error;
    fail("E_FILE_READ", `${path} cannot be read: ${messageOf(error)}`, "check the file");
  }
  yield take(`${decoded(decoder, undefined, name, number)}\n`);
}

/** All lines of a file that is known to be of a bearable size. */
export async function allLines(path: string): Promise<readonly Line[]> {
  const lines: Line[] = [];
  for await (const batch of readLines(path)) for (const line of batch) lines.push(line);
  return lines;
}

/**
 * A file's bytes, unpacked, as fast as they are asked for and no faster: the stream of a Bun.file
 * reads ahead without end.
 */
export async function* unpacked(path: string): AsyncGenerator<Uint8Array> {
  const unpack = UNPACK[await packingOf(path)];
  const source = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  const bytes = unpack === undefined ? source : source.pipe(unpack());
  // A pipe does not pass errors on.
  if (bytes !== source) source.on("error", (error) => bytes.destroy(error));
  yield* bytes;
}

async function packingOf(path: string): Promise<Packing> {
  const file = await open(path, "r");
  try {
    const head = new Uint8Array(4);
    await file.read(head, 0, head.length, 0);
    return (
      MAGIC.find(({ bytes }) => bytes.every((byte, at) => head[at] === byte))?.format ?? "none"
    );
  } finally {
    await file.close();
  }
}

/** The text of some bytes; of none, what the decoder still held. */
function decoded(
  decoder: TextDecoder,
  bytes: Uint8Array | undefined,
  name: string,
  lines: number,
): string {
  try {
    return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true });
  } catch {
    const before = bytes === undefined ? "" : new TextDecoder().decode(bytes).split("\ufffd")[0]!;
    const line = lines + before.split("\n").length;
    return fail("E_FILE_ENCODING", `${name} line ${line} is not UTF-8`, "save the file as UTF-8");
  }
}
