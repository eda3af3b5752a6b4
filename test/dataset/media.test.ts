import { describe, expect, test } from "bun:test";
import { chmodSync } from "node:fs";
import { inflateSync } from "node:zlib";
import type { Turn } from "#core";
import { encodeWav } from "../../src/dataset/media/audio.ts";
import { encodeJpeg } from "../../src/dataset/media/jpeg.ts";
import { encodePng } from "../../src/dataset/media/png.ts";
import { argumentsOf } from "../../src/dataset/media/video.ts";
import { datasetOf, folderOf, planOf, refusalOf } from "./plans.ts";
import { familyTokenizer } from "./tokenizers.ts";

const tokenizer = await familyTokenizer("llama3_1");

async function turnsOf(line: string): Promise<Turn[]> {
  const flags = `--random-seed 7 --isl 5 ${line}`.split(" ");
  const { sessions } = await datasetOf(planOf(...flags), tokenizer);
  return sessions.flatMap(({ turns }) => turns);
}

/** What a `data:` URL or `wav,…` holds. */
function bytesOf(value: string): Buffer {
  return Buffer.from(value.slice(value.indexOf(",") + 1), "base64");
}

describe("pictures", () => {
  test("a PNG holds the pixels that it was made of", () => {
    const rgb = Uint8Array.from({ length: 3 * 5 * 4 }, (_, i) => (37 * i) & 255);
    const png = Buffer.from(encodePng({ width: 5, height: 4, rgb }));
    expect(png.subarray(1, 4).toString()).toBe("PNG");
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([5, 4]);
    const at = png.indexOf("IDAT");
    const rows = inflateSync(png.subarray(at + 4, at + 4 + png.readUInt32BE(at - 4)));
    const pixels = [0, 1, 2, 3].flatMap((y) => [...rows.subarray(y * 16 + 1, (y + 1) * 16)]);
    expect(pixels).toEqual([...rgb]);
  });

  test("a JPEG says its size and ends as it should, at edges that are no multiple of 8", () => {
    const rgb = new Uint8Array(3 * 13 * 9).map((_, i) => (91 * i) & 255);
    const jpeg = Buffer.from(encodeJpeg({ width: 13, height: 9, rgb }));
    expect(jpeg.subarray(0, 2).toString("hex")).toBe("ffd8");
    expect(jpeg.subarray(-2).toString("hex")).toBe("ffd9");
    const frame = jpeg.indexOf(Buffer.of(0xff, 0xc0));
    expect([jpeg.readUInt16BE(frame + 5), jpeg.readUInt16BE(frame + 7)]).toEqual([9, 13]);
  });

  test("sizes, formats and numbers as asked", async () => {
    const turns = await turnsOf(
      "--num-prompts 3 --image-width-mean 24 --image-height-mean 16 --image-format png --batch-size-image 2",
    );
    for (const { images } of turns) {
      expect(images!.map(({ name, contents }) => [name, contents.length])).toEqual([
        ["image_url", 2],
      ]);
      for (const url of images![0]!.contents) {
        expect(url).toStartWith("data:image/png;base64,");
        const png = bytesOf(url);
        expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([24, 16]);
      }
    }
    const all = turns.flatMap(({ images }) => images![0]!.contents);
    expect(new Set(all).size).toBe(6);
  });

  test("one side given, the other is 512; jpeg unless something else is asked", async () => {
    const [turn] = await turnsOf("--num-prompts 1 --image-height-mean 8");
    const jpeg = bytesOf(turn!.images![0]!.contents[0]!);
    const frame = jpeg.indexOf(Buffer.of(0xff, 0xc0));
    expect([jpeg.readUInt16BE(frame + 5), jpeg.readUInt16BE(frame + 7)]).toEqual([8, 512]);
  });

  test("drawings in turn, or shuffled anew each time round", async () => {
    const line = "--num-prompts 8 --image-width-mean 8 --image-source assets --image-format png";
    const images = async (order: string) =>
      (await turnsOf(`${line} --image-height-mean 8 --image-source-sampling ${order}`)).map(
        ({ images }) => images![0]!.contents[0]!,
      );
    const cycle = await images("sequential-cycle");
    expect(cycle.slice(0, 4)).toEqual(cycle.slice(4));
    expect(new Set(cycle).size).toBe(4);
    const shuffled = await images("shuffle-cycle");
    expect(new Set(shuffled.slice(0, 4))).toEqual(new Set(cycle));
    expect(new Set(shuffled.slice(4))).toEqual(new Set(cycle));
  });

  test("a folder without pictures", async () => {
    const folder = await folderOf({ "a.txt": "" });
    const error = await refusalOf(turnsOf(`--image-width-mean 8 --image-source ${folder}`));
    expect(error.what).toContain("has no pictures");
  });
});

describe("sounds", () => {
  test.each([8, 16, 24, 32])("a WAV of %i bits holds its samples", (depthBits) => {
    const samples = Float64Array.of(0, 1, -1, 0.5);
    const wav = Buffer.from(encodeWav({ samples, rateHz: 8000, channels: 2, depthBits }));
    const width = depthBits / 8;
    expect(wav.length).toBe(44 + 4 * width);
    expect(wav.readUInt32LE(4)).toBe(wav.length - 8);
    expect([wav.readUInt16LE(22), wav.readUInt32LE(24), wav.readUInt16LE(34)]).toEqual([
      2,
      8000,
      depthBits,
    ]);
    const level = (at: number) =>
      width === 1 ? wav[44 + at]! - 128 : wav.readIntLE(44 + at * width, width);
    const loudest = 2 ** (depthBits - 1) - 1;
    expect([level(0), level(1), level(2), level(3)]).toEqual([
      ...[0, loudest, -loudest, Math.round(loudest / 2)],
    ]);
  });

  test("lengths, rates and depths as drawn", async () => {
    const turns = await turnsOf(
      "--num-prompts 12 --audio-length-mean 0.05 --audio-sample-rates 8,16 --audio-depths 8,16",
    );
    const heads = turns.map(({ audios }) => {
      const [value] = audios![0]!.contents;
      expect(value).toStartWith("wav,");
      const wav = bytesOf(value!);
      const seconds = wav.readUInt32LE(40) / wav.readUInt32LE(28);
      expect(seconds).toBeCloseTo(0.05, 6);
      return `${wav.readUInt32LE(24)} ${wav.readUInt16LE(34)}`;
    });
    expect(new Set(heads)).toEqual(new Set(["8000 8", "8000 16", "16000 8", "16000 16"]));
  });
});

/** Runs with a PATH that has only this ffmpeg, or none. */
async function withFfmpeg<T>(script: string | undefined, run: () => Promise<T>): Promise<T> {
  const folder = await folderOf(script === undefined ? {} : { ffmpeg: `#!/bin/sh\n${script}\n` });
  if (script !== undefined) chmodSync(`${folder}/ffmpeg`, 0o755);
  const before = process.env.PATH;
  process.env.PATH = script === undefined ? folder : `${folder}:${before}`;
  try {
    return await run();
  } finally {
    process.env.PATH = before;
  }
}

describe("films, and what else ffmpeg makes", () => {
  const film = "--num-prompts 1 --video-width 16 --video-height 8 --video-duration 2";

  test("without it one clear error", async () => {
    for (const line of [film, "--num-prompts 1 --audio-length-mean 0.02 --audio-format mp3"]) {
      const error = await withFfmpeg(undefined, () => refusalOf(turnsOf(line)));
      expect(error.code).toBe("E_MEDIA_FFMPEG");
      expect(error.wayOut).toContain("install ffmpeg");
    }
  });

  test.each(["moving-shapes", "grid-clock", "noise"])(
    "every frame of %s is drawn",
    async (kind) => {
      const [turn] = await withFfmpeg("wc -c", () => turnsOf(`${film} --video-synth-type ${kind}`));
      const [url] = turn!.videos![0]!.contents;
      expect(url).toStartWith("data:video/webm;base64,");
      // Two seconds at four frames of 16 x 8 pixels, three bytes each.
      expect(bytesOf(url!).toString().trim()).toBe(String(2 * 4 * 16 * 8 * 3));
    },
  );

  test("its failure is told in its own words", async () => {
    const script = "cat > /dev/null; echo 'Unknown encoder x' >&2; exit 1";
    const error = await withFfmpeg(script, () => refusalOf(turnsOf(film)));
    expect(error.what).toContain("ffmpeg failed: Unknown encoder x");
  });

  test("its arguments: size, rate, codec, container, sound", () => {
    const plan = planOf(..."--video-width 16 --video-height 8 --video-format mp4".split(" "));
    const { dataset } = plan;
    if (dataset.kind !== "synthetic" || dataset.videos === undefined) throw new Error("no film");
    expect(argumentsOf(dataset.videos, undefined).join(" ")).toBe(
      "-f rawvideo -pix_fmt rgb24 -s 16x8 -r 4 -i pipe:0 -c:v libvpx-vp9 -pix_fmt yuv420p -an -movflags frag_keyframe+empty_moov -f mp4",
    );
    const sound = { rateHz: 8000, channels: 1, codec: "aac", depthBits: 16 } as const;
    const loud = argumentsOf({ ...dataset.videos, sound }, "/s.wav").join(" ");
    expect(loud).toContain("-i pipe:0 -i /s.wav -c:v");
    expect(loud).toContain("-c:a aac -shortest");
  });
});
