// Streams whose events have names, as vLLM sent them with several tokens a chunk: wherever the
// network cuts them, they say what the same request's whole reply says.

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { EndpointKind } from "#config";
import { endpointRow } from "#endpoint";
import { cutAt, recorded } from "../endpoint/recorded.ts";
import { FIRST_NS, feeder, STEP_NS } from "./feed.ts";

describe.each(["responses", "messages"] as EndpointKind[])("%s", (kind) => {
  const { body } = recorded(`vllm-${kind}-stream`);
  const whole = recorded(`vllm-${kind}-nonstream`);
  const row = endpointRow(kind);
  const still = feeder({ row, streaming: false }).feed({
    pieces: [whole.body],
    end: { contentType: whole.contentType },
  });

  test("the whole reply has sixteen tokens, by the server's count", () => {
    expect(still.error).toBeUndefined();
    expect(still.usage).toMatchObject({ promptTokens: 13, completionTokens: 16 });
    expect(still.outputTokens).toBe(2 * 16);
  });

  test("the stream says the same in five pieces, however it is cut", () => {
    const fed = feeder({ row });
    fc.assert(
      fc.property(fc.array(fc.nat(body.length), { maxLength: 30 }), (cuts) => {
        const pieces = cutAt(body, cuts).filter((piece) => piece.length > 0);
        const record = fed.feed({ pieces });
        expect(record.error).toBeUndefined();
        expect(record.contentNs).toHaveLength(5);
        expect(record.outputTokens).toBe(still.outputTokens);
        expect(record.usage?.promptTokens).toBe(13);
        expect(record.usage?.completionTokens).toBe(16);
      }),
      { numRuns: 60 },
    );
  });

  test("one event a segment, twice: what was learnt of the first stream changes nothing", () => {
    const fed = feeder({ row });
    const pieces = body.toString("utf8").split(/(?<=\n\n)/);
    const first = fed.feed({ pieces });
    const at = pieces.flatMap((piece, index) =>
      /^event: (?:response\.output_text\.delta|content_block_delta)\n/.test(piece)
        ? [FIRST_NS + index * STEP_NS]
        : [],
    );
    expect([...first.contentNs]).toEqual(at);
    expect(fed.feed({ pieces })).toEqual(first);
  });
});
