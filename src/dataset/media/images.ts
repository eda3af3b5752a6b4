// Pictures of drawn sizes: noise, which no encoder can shrink and no cache knows, pictures that
// the program draws, or those of a folder.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { ImagePlan } from "#config";
import { fail, integerBelow, messageOf, positiveInteger, type Rng, rngStream } from "#core";
import { scalePicture } from "./ffmpeg.ts";
import { encodeJpeg } from "./jpeg.ts";
import { noiseBytes } from "./noise.ts";
import { encodePng, type Pixels } from "./png.ts";

type Encoding = "png" | "jpeg";

const ENCODE: { readonly [format in Encoding]: (pixels: Pixels) => Uint8Array } = {
  png: encodePng,
  jpeg: encodeJpeg,
};
const SUFFIXES = /\.(?:png|jpe?g|webp|bmp|gif)$/i;

/**
 * Makes images one after the other, as `data:` URLs.
 * @throws E_MEDIA_SOURCE for a folder without pictures, E_MEDIA_FFMPEG where one cannot be scaled
 */
export function imageMaker(plan: ImagePlan, seed: number): () => Promise<string> {
  const sizeRng = rngStream(seed, "dataset.image.dimensions");
  const formatRng = rngStream(seed, "dataset.image.format");
  const noiseRng = rngStream(seed, "dataset.image.noise");
  const nextSource = sourceOf(plan, rngStream(seed, "dataset.image.source"));
  return async () => {
    const width = positiveInteger(sizeRng, plan.width.mean, plan.width.stddev);
    const height = positiveInteger(sizeRng, plan.height.mean, plan.height.stddev);
    const drawn = integerBelow(formatRng, 2) === 0 ? "png" : "jpeg";
    const format = plan.format === "random" ? drawn : plan.format;
    const source = nextSource();
    const bytes =
      typeof source === "string"
        ? await scalePicture(source, width, height, format)
        : ENCODE[format](source(width, height, noiseRng));
    return `data:image/${format};base64,${Buffer.from(bytes).toString("base64")}`;
  };
}

type Drawing = (width: number, height: number, rng: Rng) => Pixels;

const noise: Drawing = (width, height, rng) => ({
  width,
  height,
  rgb: noiseBytes(rng, 3 * width * height),
});

/** A picture from a colour at each place, both from 0 to 1. */
function picture(colour: (x: number, y: number) => readonly [number, number, number]): Drawing {
  return (width, height) => {
    const rgb = new Uint8Array(3 * width * height);
    let at = 0;
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        for (const part of colour(x / width, y / height)) rgb[at++] = 255 * part;
    return { width, height, rgb };
  };
}

const hills = (x: number) => 0.6 + 0.15 * Math.sin(7 * x) + 0.05 * Math.sin(23 * x);
const inDisc = (x: number, y: number) => Math.hypot(x - 0.7, y - 0.25) < 0.12;

/** What the program draws: a landscape, a target, a board, a rainbow. */
const ASSETS: readonly Drawing[] = [
  picture((x, y) =>
    y > hills(x) ? [0.2, 0.5 - y / 5, 0.2] : inDisc(x, y) ? [1, 0.9, 0.4] : [0.5, 0.7, 1 - y / 3],
  ),
  picture((x, y) =>
    Math.floor(12 * Math.hypot(x - 0.5, y - 0.5)) % 2 === 0 ? [0.9, 0.2, 0.2] : [1, 1, 1],
  ),
  picture((x, y) =>
    (Math.floor(8 * x) + Math.floor(8 * y)) % 2 === 0 ? [0.9, 0.85, 0.7] : [0.45, 0.3, 0.2],
  ),
  picture((x, y) => [
    0.5 + 0.5 * Math.sin(6 * x + 2 * y),
    0.5 + 0.5 * Math.sin(6 * x + 2),
    0.5 + 0.5 * Math.sin(6 * y + 4),
  ]),
];

/** Pictures in the plan's order, without end: drawings, or paths of files. */
function sourceOf({ source, order }: ImagePlan, rng: Rng): () => Drawing | string {
  if (source === "noise") return () => noise;
  const all: readonly (Drawing | string)[] = source === "assets" ? ASSETS : filesOf(source);
  if (order === "random-with-replacement") return () => all[integerBelow(rng, all.length)]!;
  let cycle = [...all];
  let next = 0;
  return () => {
    if (next % all.length === 0 && order === "shuffle-cycle") cycle = shuffled(all, rng);
    return cycle[next++ % all.length]!;
  };
}

function shuffled<T>(items: readonly T[], rng: Rng): T[] {
  const rest = [...items];
  return items.map(() => rest.splice(integerBelow(rng, rest.length), 1)[0]!);
}

function filesOf(folder: string): readonly string[] {
  const wayOut = "name a folder with pictures, or choose noise or assets";
  let names: string[];
  try {
    names = readdirSync(folder).filter((name) => SUFFIXES.test(name));
  } catch (error) {
    return fail("E_MEDIA_SOURCE", `--image-source ${folder}: ${messageOf(error)}`, wayOut);
  }
  if (names.length === 0)
    fail("E_MEDIA_SOURCE", `--image-source ${folder} has no pictures`, wayOut);
  return names.sort().map((name) => join(folder, name));
}
