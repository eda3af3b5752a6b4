// Media in a file's rows: addresses and data stay as they are, a local file's content is put in
// its place, once for each file however many rows name it.

import { readFileSync } from "node:fs";
import { extname, resolve } from "node:path";
import { fail, messageOf } from "#core";

export type MediaKind = "image" | "audio" | "video";

/** What a row says, as a request carries it. */
export type MediaInliner = (kind: MediaKind, value: string, where: string) => string;

const REMOTE = /^(?:https?:\/\/|data:)/i;
const SOUND = /^(?:wav|mp3),/;

/** Formats by the suffixes of files. */
const FORMATS: { readonly [kind in MediaKind]: { readonly [suffix: string]: string } } = {
  image: { png: "png", jpg: "jpeg", jpeg: "jpeg", gif: "gif", webp: "webp", bmp: "bmp" },
  audio: { wav: "wav", mp3: "mp3" },
  video: { mp4: "mp4", webm: "webm" },
};

/** Paths are looked for from the current folder. Raises E_MEDIA_FILE. */
export function mediaInliner(): MediaInliner {
  const inlined = new Map<string, string>();
  return (kind, value, where) => {
    if (REMOTE.test(value) || (kind === "audio" && SOUND.test(value))) return value;
    const path = resolve(value);
    const key = `${kind} ${path}`;
    let data = inlined.get(key);
    if (data === undefined) inlined.set(key, (data = read(kind, path, value, where)));
    return data;
  };
}

function read(kind: MediaKind, path: string, value: string, where: string): string {
  const suffix = extname(value).slice(1).toLowerCase();
  const format = FORMATS[kind][suffix];
  if (format === undefined) {
    const known = Object.keys(FORMATS[kind]).join(", ");
    const what = `${where}: ${kind} ${JSON.stringify(value.slice(0, 80))} is no address, and no file of a known kind`;
    return fail("E_MEDIA_FILE", what, `use ${known}`);
  }
  let base64: string;
  try {
    base64 = readFileSync(path).toString("base64");
  } catch (error) {
    const what = `${where}: ${kind} file ${value} cannot be read: ${messageOf(error)}`;
    return fail("E_MEDIA_FILE", what, "check the path");
  }
  return kind === "audio" ? `${format},${base64}` : `data:${kind}/${format};base64,${base64}`;
}
