// Puts a write together without making objects: one buffer that is used again for every chunk of
// every stream, handed to the kernel before it is touched again.

export interface ByteBuilder {
  /** The buffer; its first `length()` bytes are what was put since `clear`. */
  readonly bytes: () => Uint8Array;
  readonly length: () => number;
  readonly clear: () => void;
  readonly put: (part: Uint8Array) => void;
  /** The line that opens a chunk of a chunked body. */
  readonly putChunkSize: (size: number) => void;
}

const LOWER_HEX = Buffer.from("0123456789abcdef");

export function byteBuilder(): ByteBuilder {
  let bytes = new Uint8Array(64 * 1024);
  let length = 0;

  const makeRoom = (more: number): void => {
    if (length + more <= bytes.length) return;
    const grown = new Uint8Array(Math.max(2 * bytes.length, length + more));
    grown.set(bytes.subarray(0, length));
    bytes = grown;
  };

  return {
    bytes: () => bytes,
    length: () => length,
    clear() {
      length = 0;
    },
    put(part) {
      makeRoom(part.length);
      bytes.set(part, length);
      length += part.length;
    },
    putChunkSize(size) {
      makeRoom(10);
      let shift = 28;
      while (shift > 0 && size >>> shift === 0) shift -= 4;
      for (; shift >= 0; shift -= 4) bytes[length++] = LOWER_HEX[(size >>> shift) & 15]!;
      bytes[length++] = 13;
      bytes[length++] = 10;
    },
  };
}
