// Recognising a stream's usual event must change nothing but the time that it takes: whatever
// servers put around their texts, the record is that of the plain reading.

import { expect, test } from "bun:test";
import fc from "fast-check";
import { feeder } from "./feed.ts";

/** What a server writes around a text, in every event of a stream alike. */
interface Manner {
  readonly id: string;
  readonly extra: [string, unknown][];
  readonly extraFirst: boolean;
  readonly deltaLast: boolean;
  readonly spaced: boolean;
  readonly end: string;
  readonly escapes: boolean;
}

interface Said {
  readonly content?: string | null;
  readonly reasoning?: string;
  readonly tool?: string;
  readonly usage?: number;
  readonly created?: number;
  /** From event to event of a run, as servers count. */
  readonly counts?: boolean;
}

// Texts that look like the fields around them.
const TRICKY = fc.constantFrom(
  '"content":"',
  '","content":"x',
  "\\",
  '\\"',
  "\n\n",
  "data: ",
  "🦙",
  "\u0000",
  "}]}",
);
const TEXT = fc.oneof({ weight: 3, arbitrary: fc.constantFrom("a", " word", "é", "副") }, TRICKY);

const MANNER: fc.Arbitrary<Manner> = fc.record({
  id: fc.oneof(fc.constantFrom("chatcmpl-1", "chatcmpl-22", ""), TRICKY),
  extra: fc.array(
    fc.tuple(
      fc.constantFrom("logprobs", "text", "content", "token", "usage"),
      fc.oneof(fc.constant(null), TRICKY, fc.record({ content: TEXT })),
    ),
    { maxLength: 2 },
  ),
  extraFirst: fc.boolean(),
  deltaLast: fc.boolean(),
  spaced: fc.boolean(),
  end: fc.constantFrom("\n\n", "\r\n\r\n", "\n\r\n", "\r\r"),
  escapes: fc.boolean(),
});

const SAID: fc.Arbitrary<Said> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ content: TEXT }) },
  fc.record({ content: fc.constantFrom("", null) }),
  fc.record({ reasoning: TEXT }),
  fc.record({ content: TEXT, reasoning: TEXT }),
  fc.record({ tool: TEXT }),
  fc.record({ content: TEXT, usage: fc.nat(11), counts: fc.boolean() }),
  fc.record({ reasoning: TEXT, usage: fc.nat(11), created: fc.nat(3), counts: fc.boolean() }),
  fc.record({ tool: TEXT, created: fc.nat(11), counts: fc.boolean() }),
  fc.record({ content: TEXT, created: fc.nat(3) }),
);

function eventOf(manner: Manner, { content, reasoning, tool, usage, created }: Said): string {
  const extra = Object.fromEntries(manner.extra);
  const delta = {
    ...(content === undefined ? {} : { content }),
    ...(reasoning === undefined ? {} : { reasoning_content: reasoning }),
    ...(tool === undefined ? {} : { tool_calls: [{ function: { arguments: tool } }] }),
  };
  const choice = manner.deltaLast ? { ...extra, index: 0, delta } : { delta, index: 0, ...extra };
  const json = JSON.stringify(
    {
      id: manner.id,
      created: created ?? 7,
      ...(manner.extraFirst ? { note: extra } : {}),
      choices: [choice],
      ...(usage === undefined ? {} : { usage: { prompt_tokens: 5, completion_tokens: usage } }),
      ...(manner.extraFirst ? {} : { note: extra }),
    },
    undefined,
    manner.spaced ? 1 : undefined,
  ).replaceAll(/\n */g, manner.spaced ? " " : "");
  const text = manner.escapes ? json.replaceAll("é", "\\u00e9") : json;
  return `data: ${text}${manner.end}`;
}

/** Some of it is said several times, as only what repeats is learnt. */
const STREAM = fc.tuple(
  MANNER,
  fc
    .array(fc.tuple(SAID, fc.integer({ min: 1, max: 4 })), { minLength: 1, maxLength: 12 })
    .map((runs) =>
      runs.flatMap(([said, times]) =>
        Array.from({ length: times }, said.counts ? (_, n) => counted(said, n) : () => said),
      ),
    ),
);

/** The `n`-th event of a run whose numbers go up. */
function counted({ usage, created, ...said }: Said, n: number): Said {
  return {
    ...said,
    ...(usage === undefined ? {} : { usage: usage + n }),
    ...(created === undefined ? {} : { created: created + n }),
  };
}

/** The counts of a stream, read off what was put into it. */
function expected(said: readonly Said[]) {
  let output = "";
  let reasoning = "";
  let contents = 0;
  const first = said.find((one) => one.tool || one.content || one.reasoning);
  for (const { content, reasoning: thought, tool } of said) {
    const text = tool || content || "";
    output += text;
    reasoning += thought ?? "";
    if (text !== "" || (thought ?? "") !== "") contents++;
  }
  return {
    outputTokens: [...output].length,
    reasoningTokens: reasoning === "" ? undefined : [...reasoning].length,
    contents,
    completionTokens: said.findLast(({ usage }) => usage !== undefined)?.usage,
    firstTokens: first?.usage,
  };
}

test("streams of any manner, one event a segment or several, one after the other", () => {
  const perSegment = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(fc.array(STREAM, { minLength: 1, maxLength: 4 }), perSegment, (streams, sizes) => {
      const fed = feeder();
      const byServer = feeder({ useServerTokenCount: true });
      for (const [number, [manner, said]] of streams.entries()) {
        const events = said.map((one) => eventOf(manner, one));
        const pieces: string[] = [];
        for (let at = 0, i = 0; at < events.length; i++) {
          const size = sizes[i % sizes.length]!;
          pieces.push(events.slice(at, at + size).join(""));
          at += size;
        }
        const record = fed.feed({ slot: number % 2, pieces });
        const { firstTokens } = byServer.feed({ slot: number % 2, pieces });
        const { contents, completionTokens, firstTokens: counted, ...tokens } = expected(said);
        if (contents === 0) {
          expect(record.error?.type).toBe("InvalidInferenceResultError");
          continue;
        }
        expect(record.error).toBeUndefined();
        expect(record).toMatchObject(tokens);
        expect(record.contentNs).toHaveLength(contents);
        expect(record.usage?.completionTokens).toBe(completionTokens);
        expect(firstTokens).toBe(counted);
      }
    }),
    { numRuns: 1500 },
  );
});
