// A conversation as a chat's messages: what leads it, the turns so far with the replies to them,
// and the turn that is asked now.

import type { Json } from "#config";
import type { Turn } from "#core";
import { type BodyRequest, contentsOf } from "./endpoint.ts";
import { looseObject, looseString } from "./reply.ts";

/** The messages of a request, oldest first. */
export function messagesOf({ session, turn, history = [] }: BodyRequest): Json[] {
  const messages: Json[] = [];
  if (session.systemText !== undefined)
    messages.push({ role: "system", content: session.systemText });
  if (session.userContextText !== undefined)
    messages.push({ role: "user", content: session.userContextText });
  for (const past of history) {
    addTurn(messages, past.turn);
    if (past.reply !== undefined) messages.push(past.reply);
  }
  addTurn(messages, turn);
  return messages;
}

function addTurn(messages: Json[], turn: Turn): void {
  if (turn.messages === undefined) messages.push(messageOf(turn));
  else addGiven(messages, turn.messages);
}

/** Adds messages that the data gave whole; two system messages at the beginning become one. */
function addGiven(messages: Json[], given: readonly Json[]): void {
  const [last, first] = [looseObject(messages.at(-1)), looseObject(given[0])];
  const texts = [last, first].map((message) => looseString(message?.content));
  if (messages.length === 1 && last?.role === "system" && first?.role === "system")
    messages.splice(0, 1, { role: "system", content: texts.join("\n\n") }, ...given.slice(1));
  else messages.push(...given);
}

function messageOf(turn: Turn): Json {
  return { role: turn.role, content: contentOf(turn, CHAT_PARTS) };
}

/** How an API writes the parts of a message. */
export interface PartWords {
  text(text: string): Json;
  /** @param uuid what the server calls it; the url may then be empty */
  image(url: string, uuid?: string): Json;
  /** @param format such as `wav`; the data is base64 */
  audio(format: string, data: string): Json;
  video(url: string): Json;
}

const CHAT_PARTS: PartWords = {
  text: (text) => ({ type: "text", text }),
  image: (url, uuid) => ({
    ...{ type: "image_url", image_url: { url } },
    ...(uuid === undefined ? {} : { uuid }),
  }),
  audio: (format, data) => ({ type: "input_audio", input_audio: { data, format } }),
  video: (url) => ({ type: "video_url", video_url: { url } }),
};

function imagesOf({ images = [] }: Turn, words: PartWords): Json[] {
  return images.flatMap(({ contents, uuids }) =>
    contents.flatMap((url, at) => {
      const uuid = uuids?.[at];
      return url === "" && uuid === undefined ? [] : [words.image(url, uuid)];
    }),
  );
}

/** One text is a plain string; several, and all media, are parts of one message. */
export function contentOf(turn: Turn, words: PartWords): Json {
  const texts = contentsOf(turn.texts);
  const media = [
    ...imagesOf(turn, words),
    ...contentsOf(turn.audios).map((audio) => {
      const comma = audio.indexOf(",");
      return words.audio(audio.slice(0, Math.max(0, comma)), audio.slice(comma + 1));
    }),
    ...contentsOf(turn.videos).map(words.video),
  ];
  if (texts.length === 1 && media.length === 0) return texts[0]!;
  return [...texts.map(words.text), ...media];
}
