// Replies that real servers sent, from test/golden/replies: head and body as they were recorded,
// with any chunked coding undone.

import { readFileSync } from "node:fs";

const FOLDER = `${import.meta.dir}/../golden/replies`;

export const CHAT_STREAMS = [
  "vllm-chat-stream",
  "vllm-chat-stream-no-usage",
  "vllm-chat-stream-continuous-usage",
  "vllm-interval4-chat-stream",
  "transformers-chat-stream",
  "guidellm-chat-stream",
  "llmd-sim-chat-stream",
] as const;

export const COMPLETIONS_STREAMS = [
  "vllm-completions-stream",
  "transformers-completions-stream",
  "guidellm-completions-stream",
  "llmd-sim-completions-stream",
] as const;

export interface Recorded {
  readonly status: number;
  readonly reason: string;
  readonly contentType: string;
  /** The head as it was sent, blank line included. */
  readonly head: string;
  readonly chunked: boolean;
  readonly body: Buffer;
}

export function recorded(name: string): Recorded {
  const bytes = readFileSync(`${FOLDER}/${name}.txt`);
  const bodyAt = bytes.indexOf("\r\n\r\n") + 4;
  const head = bytes.toString("latin1", 0, bodyAt);
  const status = /^HTTP\/1\.1 (\d{3}) (.*)\r\n/.exec(head)!;
  return {
    status: Number(status[1]),
    reason: status[2]!,
    contentType: /^content-type: (.*)\r$/im.exec(head)![1]!,
    head,
    chunked: /^transfer-encoding: chunked\r$/im.test(head),
    body: bytes.subarray(bodyAt),
  };
}

/** The JSON objects of a recorded stream, found in the plainest way that these recordings allow. */
export function jsonEvents(name: string): unknown[] {
  return recorded(name)
    .body.toString("utf8")
    .split("\n\n")
    .filter((event) => event.startsWith("data: {"))
    .map((event) => JSON.parse(event.slice("data: ".length)));
}

/** `bytes` cut before each of `cuts`, which are taken modulo the length. */
export function cutAt(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const at = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  const ends = [...at, bytes.length];
  return ends.map((end, i) => bytes.subarray(i === 0 ? 0 : ends[i - 1]!, end));
}
