// Images, sounds and films of made-up turns.

import type { SyntheticPlan } from "#config";
import type { ContentGroup, Turn } from "#core";
import { audioMaker } from "./audio.ts";
import { imageMaker } from "./images.ts";
import { videoMaker } from "./video.ts";

type Media = Pick<Turn, "images" | "audios" | "videos">;

/**
 * The media of each turn of a run, made in order.
 * @throws E_MEDIA_FFMPEG, E_MEDIA_SOURCE
 */
export async function makeMedia(
  { images, audios, videos }: SyntheticPlan,
  turns: number,
  seed: number,
): Promise<(turn: number) => Media> {
  const groups = async (
    name: string,
    plan: { readonly batchSize: number } | undefined,
    make: (() => Promise<string>) | undefined,
  ): Promise<readonly ContentGroup[] | undefined> => {
    if (plan === undefined || make === undefined) return undefined;
    const made: ContentGroup[] = [];
    for (let turn = 0; turn < turns; turn++) {
      const contents: string[] = [];
      for (let i = 0; i < plan.batchSize; i++) contents.push(await make());
      made.push({ name, contents });
    }
    return made;
  };
  const pictures = await groups("image_url", images, images && imageMaker(images, seed));
  const sounds = await groups("input_audio", audios, audios && audioMaker(audios, seed));
  const films = await groups("video_url", videos, videos && videoMaker(videos, seed));
  return (turn) => ({
    ...(pictures && { images: [pictures[turn]!] }),
    ...(sounds && { audios: [sounds[turn]!] }),
    ...(films && { videos: [films[turn]!] }),
  });
}
