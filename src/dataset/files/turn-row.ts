// A row that is one turn: texts and media under AIPerf's names, when it is sent, how long the reply
// may be.

import { z } from "zod";
import type { ContentGroup, Turn } from "#core";
import { JSON_OBJECT } from "#trace";
import type { LoaderContext } from "./context.ts";
import type { MediaKind } from "./inline.ts";

const GROUP = z.object({ name: z.string().default("text"), contents: z.array(z.string()) });
const LIST = z.array(z.union([z.string(), GROUP])).nullish();

/** Each kind of content: its field, its list, and what a group of it is called. */
const KINDS = [
  { one: "text", many: "texts", name: "text" },
  { one: "image", many: "images", name: "image_url" },
  { one: "audio", many: "audios", name: "input_audio" },
  { one: "video", many: "videos", name: "video_url" },
] as const;

export const TURN_ROW = z
  .looseObject({
    text: z.string().nullish(),
    texts: LIST,
    image: z.string().nullish(),
    images: LIST,
    audio: z.string().nullish(),
    audios: LIST,
    video: z.string().nullish(),
    videos: LIST,
    timestamp: z.number().nonnegative().nullish(),
    delay: z.number().nonnegative().nullish(),
    role: z.string().min(1).nullish(),
    session_id: z.string().min(1).nullish(),
    output_length: z.int().positive().nullish(),
    extra: JSON_OBJECT.nullish(),
    image_uuids: z.array(z.string().nullable()).nullish(),
  })
  .check(({ value: row, issues }) => {
    const complain = (message: string) => issues.push({ code: "custom", message, input: row });
    for (const { one, many } of KINDS)
      if (row[one] != null && row[many] != null) complain(`${one} and ${many} exclude each other`);
    if (KINDS.every(({ one, many }) => !row[one] && !row[many]?.length))
      complain("At least one modality must be provided: text, image, audio or video");
    if (row.timestamp && row.delay) complain("timestamp and delay exclude each other");
    if (row.image_uuids != null && !isNamedOneByOne(row))
      complain("image_uuids has one name, or null, for each of images, which are plain texts then");
  });

export type TurnRow = z.infer<typeof TURN_ROW>;

/** Whether there is a name for each image. */
function isNamedOneByOne({
  image,
  images,
  image_uuids: uuids,
}: {
  readonly image?: string | null | undefined;
  readonly images?: readonly unknown[] | null | undefined;
  readonly image_uuids?: readonly unknown[] | null | undefined;
}): boolean {
  const all = images ?? (image == null ? [] : [image]);
  return all.length === uuids?.length && all.every((one) => typeof one === "string");
}

/** The contents of a row, media inlined. */
export function contentsOf(
  row: TurnRow,
  { inline, plan }: Pick<LoaderContext, "inline" | "plan">,
  where: string,
): Pick<Turn, "texts" | "images" | "audios" | "videos"> {
  const groupsOf = (index: number): readonly ContentGroup[] => {
    const { one, many, name } = KINDS[index]!;
    const list = row[many] ?? (row[one] == null ? [] : [row[one]]);
    const loose = list.filter((item) => typeof item === "string");
    const groups = list.filter((item) => typeof item !== "string");
    const uuids = one === "image" ? namesOf(row, plan) : undefined;
    if (loose.length === 0) return groups;
    return [{ name, contents: loose, ...(uuids !== undefined && { uuids }) }, ...groups];
  };
  const media = (index: number, kind: MediaKind): readonly ContentGroup[] =>
    groupsOf(index).map(({ name, contents, uuids }) => ({
      name: name === "text" ? KINDS[index]!.name : name,
      // A content that only has a name is what the server is said to have already.
      contents: contents.map((value, at) =>
        value === "" && uuids?.[at] !== undefined ? "" : inline(kind, value, where),
      ),
      ...(uuids !== undefined && { uuids }),
    }));
  const [images, audios, videos] = [media(1, "image"), media(2, "audio"), media(3, "video")];
  return {
    texts: groupsOf(0),
    ...(images.length > 0 && { images }),
    ...(audios.length > 0 && { audios }),
    ...(videos.length > 0 && { videos }),
  };
}

/** The names of a row's images, where they are to be sent. */
function namesOf({ image_uuids: uuids }: TurnRow, plan: LoaderContext["plan"]) {
  if (uuids == null || !plan.endpoint.stripsImages) return undefined;
  return uuids.map((uuid) => uuid ?? undefined);
}

/** The turn that a row is. */
export function turnOf(row: TurnRow, context: LoaderContext, where: string): Turn {
  return {
    role: row.role ?? "user",
    ...contentsOf(row, context, where),
    model: context.nextModel(),
    maxTokens: context.limitOf(row.output_length),
    inputTokens: undefined,
    delayNs: context.delayNs(row.delay),
    timestampNs: context.timestampNs(row.timestamp),
    ...(row.extra != null && { extra: row.extra }),
  };
}
