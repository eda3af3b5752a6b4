// The bytes of a stream's events. What stays the same within a reply was rendered when it began;
// here it is joined with the tokens, without strings and without new objects.

import { assert } from "#core";
import { type ByteBuilder, byteBuilder } from "./byte-builder.ts";
import { eventClose, eventCloseWithUsage } from "./dialects/openai.ts";
import { chunkOf } from "./http-reply.ts";
import { type Reply, usageSoFar } from "./reply.ts";
import { tokenBytes, tokenText } from "./words.ts";

export interface EventWriter extends Pick<ByteBuilder, "bytes" | "length" | "clear"> {
  /** Appends one event with a reply's tokens `from` to before `to`, which count as sent. */
  readonly put: (reply: Reply, from: number, to: number) => void;
  /** Appends what precedes the events. */
  readonly putText: (text: string) => void;
}

const LINE_END = Buffer.from("\r\n");

export function eventWriter(): EventWriter {
  const builder = byteBuilder();

  const put = (reply: Reply, from: number, to: number): void => {
    const { ask, parts, wordStart, request } = reply;
    assert(parts !== undefined, "only a streamed reply has events");
    const finish = to === reply.tokens ? reply.finish : undefined;
    if (parts.chunk !== undefined) {
      const reasoning = from < reply.reasoningTokens;
      const events = parts.chunk({
        words: tokenText(wordStart, from, to),
        from,
        reasoning,
        opens: from === 0 || (!reasoning && from === reply.reasoningTokens),
        finish,
        counts: usageSoFar(reply),
      });
      builder.put(Buffer.from(chunkOf(events, request)));
      return;
    }
    const open = from < reply.reasoningTokens ? parts.openReasoning : parts.open;
    const close = ask.usageInEachChunk
      ? eventCloseWithUsage(ask.kind, finish, usageSoFar(reply))
      : eventClose(ask.kind, finish);
    if (request.chunked) {
      let size = open.length + close.length;
      for (let token = from; token < to; token++) size += tokenBytes(wordStart, token).length;
      builder.putChunkSize(size);
    }
    builder.put(open);
    for (let token = from; token < to; token++) builder.put(tokenBytes(wordStart, token));
    builder.put(close);
    if (request.chunked) builder.put(LINE_END);
  };

  return {
    bytes: builder.bytes,
    length: builder.length,
    clear: builder.clear,
    put,
    putText: (text) => builder.put(Buffer.from(text)),
  };
}
