// Sounds of drawn lengths: noise, as a WAV file of our own or as MP3 by ffmpeg.

import type { AudioPlan } from "#config";
import { assert, integerBelow, normal, rngStream } from "#core";
import { encodeMp3 } from "./ffmpeg.ts";

const LENGTH_S_MIN = 0.01;
/** Loudness: the deviation of samples from 0, of which 1 is the loudest. */
const DEVIATION = 0.3;
const HEAD_BYTES = 44;
const PCM = 1;

/** Samples from -1 to 1, the channels of a moment beside each other. */
export interface Sound {
  readonly samples: Float64Array;
  readonly rateHz: number;
  readonly channels: number;
  readonly depthBits: number;
}

/**
 * Makes sounds one after the other, as `wav,<base64>` or `mp3,<base64>`.
 * @throws E_MEDIA_FFMPEG where MP3 is asked for and cannot be made
 */
export function audioMaker(plan: AudioPlan, seed: number): () => Promise<string> {
  const lengthRng = rngStream(seed, "dataset.audio.duration");
  const formatRng = rngStream(seed, "dataset.audio.format");
  const dataRng = rngStream(seed, "dataset.audio.data");
  const { lengthS, ratesHz, depthsBits, channels } = plan;
  return async () => {
    const drawnS = lengthS.mean + lengthS.stddev * normal(lengthRng);
    const rateHz = ratesHz[integerBelow(formatRng, ratesHz.length)]!;
    const depthBits = depthsBits[integerBelow(formatRng, depthsBits.length)]!;
    const frames = Math.max(1, Math.round(Math.max(LENGTH_S_MIN, drawnS) * rateHz));
    const samples = Float64Array.from({ length: frames * channels }, () =>
      Math.max(-1, Math.min(1, DEVIATION * normal(dataRng))),
    );
    const wav = encodeWav({ samples, rateHz, channels, depthBits });
    const bytes = plan.format === "mp3" ? await encodeMp3(wav) : wav;
    return `${plan.format},${Buffer.from(bytes).toString("base64")}`;
  };
}

/** A WAV file of whole numbers; those of 8 bits are unsigned, as the format wants it. */
export function encodeWav({ samples, rateHz, channels, depthBits }: Sound): Uint8Array {
  const width = depthBits / 8;
  assert([1, 2, 3, 4].includes(width), "a sample has 8, 16, 24 or 32 bits");
  const dataBytes = samples.length * width;
  const wav = Buffer.alloc(HEAD_BYTES + dataBytes);
  wav.write("RIFF", 0, "latin1");
  wav.writeUInt32LE(HEAD_BYTES - 8 + dataBytes, 4);
  wav.write("WAVEfmt ", 8, "latin1");
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(PCM, 20);
  wav.writeUInt16LE(channels, 22);
  wav.writeUInt32LE(rateHz, 24);
  wav.writeUInt32LE(rateHz * channels * width, 28);
  wav.writeUInt16LE(channels * width, 32);
  wav.writeUInt16LE(depthBits, 34);
  wav.write("data", 36, "latin1");
  wav.writeUInt32LE(dataBytes, 40);
  const loudest = 2 ** (depthBits - 1) - 1;
  for (const [index, sample] of samples.entries()) {
    const at = HEAD_BYTES + index * width;
    const level = Math.round(sample * loudest);
    if (width === 1) wav[at] = level + 128;
    else wav.writeIntLE(level, at, width);
  }
  return wav;
}
