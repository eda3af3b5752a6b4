// Films: frames that the program draws, and noise for sound where it is wanted, encoded by ffmpeg.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { VideoPlan } from "#config";
import { normal, type Rng, rngStream } from "#core";
import { encodeWav } from "./audio.ts";
import { ffmpeg } from "./ffmpeg.ts";
import { noiseBytes } from "./noise.ts";

const DEVIATION = 0.3;
const SHAPES = 5;
const GRID_CELLS = 8;

/**
 * Makes films one after the other, as `data:` URLs.
 * @throws E_MEDIA_FFMPEG where ffmpeg is missing or does not know the codec
 */
export function videoMaker(plan: VideoPlan, seed: number): () => Promise<string> {
  const pictureRng = rngStream(seed, "dataset.video.noise");
  const soundRng = rngStream(seed, "dataset.video.audio");
  return async () => {
    const frames = Math.max(1, Math.trunc(plan.durationS * plan.framesPerS));
    const raw = new Uint8Array(frames * 3 * plan.width * plan.height);
    const draw = PAINTERS[plan.picture](plan, pictureRng);
    for (let frame = 0; frame < frames; frame++) {
      const size = 3 * plan.width * plan.height;
      draw(raw.subarray(frame * size, (frame + 1) * size), frame / plan.framesPerS);
    }
    const folder = mkdtempSync(join(tmpdir(), "aiperf-video-"));
    try {
      const sound = plan.sound === undefined ? undefined : join(folder, "sound.wav");
      if (sound !== undefined) writeFileSync(sound, soundOf(plan, soundRng));
      const bytes = await ffmpeg("sending videos", argumentsOf(plan, sound), raw);
      return `data:video/${plan.format};base64,${Buffer.from(bytes).toString("base64")}`;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };
}

/** ffmpeg's arguments; a file that is written to a pipe cannot be gone back over. */
export function argumentsOf(plan: VideoPlan, soundPath: string | undefined): string[] {
  const { width, height, framesPerS, codec, format, sound } = plan;
  return [
    ...["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", `${width}x${height}`],
    ...["-r", String(framesPerS), "-i", "pipe:0"],
    ...(soundPath === undefined ? [] : ["-i", soundPath]),
    ...["-c:v", codec, "-pix_fmt", "yuv420p"],
    ...(sound === undefined ? ["-an"] : ["-c:a", sound.codec, "-shortest"]),
    ...(format === "mp4" ? ["-movflags", "frag_keyframe+empty_moov"] : []),
    ...["-f", format],
  ];
}

function soundOf({ durationS, sound }: VideoPlan, rng: Rng): Uint8Array {
  const { rateHz, channels, depthBits } = sound!;
  const samples = Float64Array.from({ length: Math.ceil(durationS * rateHz) * channels }, () =>
    Math.max(-1, Math.min(1, DEVIATION * normal(rng))),
  );
  return encodeWav({ samples, rateHz, channels, depthBits });
}

type Painter = (plan: VideoPlan, rng: Rng) => (rgb: Uint8Array, atS: number) => void;

const PAINTERS: { readonly [picture in VideoPlan["picture"]]: Painter } = {
  noise: (_, rng) => (rgb) => rgb.set(noiseBytes(rng, rgb.length)),

  "moving-shapes": ({ width, height }, rng) => {
    const shapes = Array.from({ length: SHAPES }, () => ({
      x: rng(),
      y: rng(),
      vx: rng() - 0.5,
      vy: rng() - 0.5,
      radius: 0.05 + 0.1 * rng(),
      colour: [255 * rng(), 255 * rng(), 255 * rng()],
    }));
    return (rgb, atS) => {
      rgb.fill(16);
      for (const { x, y, vx, vy, radius, colour } of shapes) {
        const cx = bounced(x + vx * atS) * width;
        const cy = bounced(y + vy * atS) * height;
        const r = radius * Math.min(width, height);
        paint(rgb, width, height, cx - r, cy - r, 2 * r, 2 * r, colour);
      }
    };
  },

  "grid-clock":
    ({ width, height }) =>
    (rgb, atS) => {
      const [cellX, cellY] = [width / GRID_CELLS, height / GRID_CELLS];
      rgb.fill(32);
      for (let cell = 0; cell < GRID_CELLS ** 2; cell += 2)
        paint(
          rgb,
          width,
          height,
          (cell % GRID_CELLS) * cellX,
          Math.floor(cell / GRID_CELLS) * cellY,
          cellX,
          cellY,
          [64, 64, 96],
        );
      // A hand that steps to the next cell four times a second tells one frame from another.
      const cell = Math.floor(4 * atS) % GRID_CELLS ** 2;
      paint(
        rgb,
        width,
        height,
        (cell % GRID_CELLS) * cellX,
        Math.floor(cell / GRID_CELLS) * cellY,
        cellX,
        cellY,
        [255, 220, 80],
      );
    },
};

/** A place that is thrown back by both ends of 0 to 1. */
function bounced(place: number): number {
  const turn = Math.abs(place) % 2;
  return turn > 1 ? 2 - turn : turn;
}

/** Fills a rectangle, as far as it is in the picture. */
function paint(
  rgb: Uint8Array,
  width: number,
  height: number,
  left: number,
  top: number,
  wide: number,
  high: number,
  colour: readonly number[],
): void {
  const [x0, x1] = [Math.max(0, Math.round(left)), Math.min(width, Math.round(left + wide))];
  const [y0, y1] = [Math.max(0, Math.round(top)), Math.min(height, Math.round(top + high))];
  for (let y = y0; y < y1; y++) for (let x = x0; x < x1; x++) rgb.set(colour, 3 * (y * width + x));
}
