// What is sent beside text, from the flags: pictures, sounds, films, and texts to be ranked.

import { fail } from "#core";
import type { AudioPlan, ImagePlan, RankingsPlan, VideoPlan } from "./dataset-plan.ts";
import type { ReadFlags } from "./values.ts";

/** Side of an image of which only the other side was given. */
const OTHER_SIDE = 512;
const DEPTHS_BITS = [8, 16, 24, 32];
/** What MPEG audio layer III knows. */
const MP3_RATES_HZ = [8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000];
const AUDIO_S_MIN = 0.01;
/** Sample rates of films above this are Hz, others kHz. */
const KHZ_MAX = 96;

/** Undefined unless a width or a height was asked for. */
export function imagesOf({ values }: ReadFlags): ImagePlan | undefined {
  const width = values["--image-width-mean"];
  const height = values["--image-height-mean"];
  const batchSize = values["--image-batch-size"];
  if ((width === 0 && height === 0) || batchSize === 0) return undefined;
  return {
    batchSize,
    width: { mean: width || OTHER_SIDE, stddev: values["--image-width-stddev"] },
    height: { mean: height || OTHER_SIDE, stddev: values["--image-height-stddev"] },
    format: values["--image-format"],
    source: values["--image-source"],
    order: values["--image-source-sampling"] ?? "random-with-replacement",
  };
}

/**
 * Undefined unless a length was asked for.
 * @throws E_FLAG_VALUE for lengths, depths and rates that no sound has
 */
export function audiosOf({ values, given }: ReadFlags): AudioPlan | undefined {
  const mean = values["--audio-length-mean"];
  const batchSize = values["--audio-batch-size"];
  if (mean === 0 || batchSize === 0) return undefined;
  const name = (flag: Parameters<typeof given.get>[0]) => given.get(flag) ?? flag;
  if (mean < AUDIO_S_MIN) {
    const what = `${name("--audio-length-mean")} is ${mean}`;
    fail("E_FLAG_VALUE", what, `give at least ${AUDIO_S_MIN} seconds, or 0 for no sound`);
  }
  const depthsBits = values["--audio-depths"];
  const depth = depthsBits.find((bits) => !DEPTHS_BITS.includes(bits));
  if (depth !== undefined) {
    const what = `${name("--audio-depths")} has ${depth}`;
    fail("E_FLAG_VALUE", what, `choose from ${DEPTHS_BITS.join(", ")}`);
  }
  const format = values["--audio-format"];
  const ratesHz = values["--audio-sample-rates"].map((kHz) => Math.round(kHz * 1000));
  const rate = ratesHz.find((hz) => format === "mp3" && !MP3_RATES_HZ.includes(hz));
  if (rate !== undefined) {
    const what = `${name("--audio-sample-rates")} has ${rate / 1000} kHz, which MP3 does not know`;
    const rates = MP3_RATES_HZ.map((hz) => hz / 1000).join(", ");
    fail("E_FLAG_VALUE", what, `choose from ${rates}, or --audio-format wav`);
  }
  return {
    batchSize,
    lengthS: { mean, stddev: values["--audio-length-stddev"] },
    format,
    depthsBits,
    ratesHz,
    channels: values["--audio-num-channels"],
  };
}

/**
 * Undefined unless a size was asked for.
 * @throws E_FLAG_CONFLICT for a width without a height, or the other way round
 */
export function videosOf({ values, given }: ReadFlags): VideoPlan | undefined {
  const width = values["--video-width"];
  const height = values["--video-height"];
  const batchSize = values["--video-batch-size"];
  if (width === undefined || height === undefined) {
    if (width === height) return undefined;
    const [one, other] =
      width === undefined
        ? ["--video-height", "--video-width"]
        : ["--video-width", "--video-height"];
    fail("E_FLAG_CONFLICT", `${given.get(one!) ?? one} needs ${other}`, `add ${other}`);
  }
  if (batchSize === 0) return undefined;
  const format = values["--video-format"];
  const channels = values["--video-audio-num-channels"];
  const rate = values["--video-audio-sample-rate"];
  return {
    batchSize,
    durationS: values["--video-duration"],
    framesPerS: values["--video-fps"],
    width,
    height,
    picture: values["--video-synth-type"],
    format,
    codec: values["--video-codec"],
    sound:
      channels === 0
        ? undefined
        : {
            rateHz: Math.round(rate > KHZ_MAX ? rate : rate * 1000),
            channels,
            codec: values["--video-audio-codec"] ?? (format === "webm" ? "libvorbis" : "aac"),
            depthBits: Number(values["--video-audio-depth"]),
          },
  };
}

/** What an endpoint that ranks is sent. */
export function rankingsOf({ values }: ReadFlags): RankingsPlan {
  return {
    passages: {
      mean: values["--rankings-passages-mean"],
      stddev: values["--rankings-passages-stddev"],
    },
    passageTokens: {
      mean: values["--rankings-passages-prompt-token-mean"],
      stddev: values["--rankings-passages-prompt-token-stddev"],
    },
    queryTokens: {
      mean: values["--rankings-query-prompt-token-mean"],
      stddev: values["--rankings-query-prompt-token-stddev"],
    },
  };
}
