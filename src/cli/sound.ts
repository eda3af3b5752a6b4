// How long a sound is, from its own first bytes: a request's real time is a part of its figures.

/** As much of a sound as holds the heads that are read. */
const HEAD_CHARS = 4096;

/**
 * Seconds of a sound that is written as its format, a comma and base64.
 * NaN for a format whose length its head does not tell.
 */
export function soundLengthS(sound: string): number {
  const comma = sound.indexOf(",");
  const bytes = Buffer.from(sound.slice(comma + 1, comma + 1 + HEAD_CHARS), "base64");
  const dataBytes = Math.floor(((sound.length - comma - 1) * 3) / 4);
  return sound.slice(0, comma) === "wav"
    ? wavLengthS(bytes, dataBytes)
    : mp3LengthS(bytes, dataBytes);
}

/** Source: RIFF; `fmt ` says how many bytes a second has, `data` how many there are. */
function wavLengthS(bytes: Buffer, allBytes: number): number {
  let perS = Number.NaN;
  for (let at = 12; at + 8 <= bytes.length; ) {
    const name = bytes.toString("latin1", at, at + 4);
    const length = bytes.readUInt32LE(at + 4);
    if (name === "fmt " && at + 20 <= bytes.length) perS = bytes.readUInt32LE(at + 16);
    if (name === "data") return Math.min(length, allBytes - at - 8) / perS;
    at += 8 + length + (length % 2);
  }
  return Number.NaN;
}

/** Bits a second of layer III, in thousands, by the index in a frame's head. */
const MPEG1_KBITS = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const MPEG2_KBITS = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];

/** At the rate of its first frame, which holds for all where the rate is constant. */
function mp3LengthS(bytes: Buffer, allBytes: number): number {
  let at = 0;
  if (bytes.toString("latin1", 0, 3) === "ID3" && bytes.length >= 10)
    at = 10 + bytes.subarray(6, 10).reduce((size, byte) => size * 128 + (byte & 127), 0);
  for (; at + 4 <= bytes.length; at++) {
    if (bytes[at] !== 0xff || (bytes[at + 1]! & 0xe6) !== 0xe2) continue;
    const kbits = (bytes[at + 1]! & 0x18) === 0x18 ? MPEG1_KBITS : MPEG2_KBITS;
    const rate = kbits[bytes[at + 2]! >> 4];
    if (rate) return ((allBytes - at) * 8) / (rate * 1000);
  }
  return Number.NaN;
}
