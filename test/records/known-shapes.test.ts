// Streams that go from thoughts to an answer: each kind of text is learnt once a thread, and no
// stream that changes over says anything else for it.

import { expect, spyOn, test } from "bun:test";
import { KnownShapes } from "../../src/records/known-shapes.ts";
import * as shapes from "../../src/records/shape.ts";
import { DONE, delta, feeder } from "./feed.ts";

const usage = (count: number) => ({ usage: { prompt_tokens: 5, completion_tokens: count } });

test("a stream that changes its kind of text is read as it stands, again and again", () => {
  const learnt = spyOn(shapes, "shapeOf");
  const fed = feeder();
  const lessons: number[] = [];
  for (let stream = 0; stream < 6; stream++) {
    const thoughts = ["a", "bc", "d", "ef"].map((text, at) =>
      delta({ reasoning_content: text }, { id: `s${stream}`, ...usage(at + 1) }),
    );
    const answer = ["g", "hi", "j"].map((text, at) =>
      delta({ content: text }, { id: `s${stream}`, ...usage(at + 5) }),
    );
    const record = fed.feed({ pieces: [...thoughts, ...answer, DONE] });
    expect(record).toMatchObject({ outputTokens: 4, reasoningTokens: 6, error: undefined });
    expect(record.contentNs).toHaveLength(7);
    expect(record.firstOutputNs).toBe(record.contentNs[4]!);
    expect(record.usage?.completionTokens).toBe(7);
    lessons.push(learnt.mock.calls.length);
  }
  expect(lessons[0]).toBeGreaterThan(0);
  expect(lessons.at(-1)).toBe(lessons[2]!);
  learnt.mockRestore();
});

test("the last text of a reply, which says why it ended, is no lesson for the next one", () => {
  const learnt = spyOn(shapes, "shapeOf");
  const fed = feeder();
  const lessons: number[] = [];
  for (let stream = 0; stream < 6; stream++) {
    const texts = [..."abcdef"].map((content) => delta({ content }, { id: `s${stream}` }));
    const last = delta({ content: "g" }, { id: `s${stream}` }).replace(
      '"delta":',
      '"finish_reason":"length","delta":',
    );
    expect(last).toContain("length");
    const record = fed.feed({ pieces: [...texts, last, DONE] });
    expect(record).toMatchObject({ outputTokens: 7, error: undefined });
    lessons.push(learnt.mock.calls.length);
  }
  expect(lessons[0]).toBeGreaterThan(0);
  expect(lessons.at(-1)).toBe(lessons[0]!);
  learnt.mockRestore();
});

test("the last shape of each kind of text is known, and the last of all", () => {
  const known = new KnownShapes();
  expect(known.last.meaning).toBeUndefined();
  const shape = (fact: "text" | "reasoning") => ({
    ...{ before: Buffer.from("{"), after: Buffer.from("}"), holes: [] },
    meaning: { fact, usage: undefined, counts: [] },
  });
  known.learn(shape("reasoning"));
  known.learn(shape("text"));
  expect(known.last.meaning?.fact).toBe("text");
  expect(known.of("reasoning")?.meaning?.fact).toBe("reasoning");
  expect(known.of("tool")).toBeUndefined();
});
