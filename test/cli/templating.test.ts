// Conversations counted as the model gets them.

import { expect, test } from "bun:test";
import type { Session } from "#core";
import type { Tokenizer } from "#tokenizer";
import { renderSessions } from "../../src/cli/prepare.ts";
import { templatingOf, withRoomForTemplate } from "../../src/cli/templating.ts";
import { planOf } from "../config/context.ts";
import { sessionOf, turnOf } from "../endpoint/make.ts";
import { characters } from "../records/feed.ts";

/** A template that adds five characters to each message and three at the end. */
const TEMPLATE = "{% for m in messages %}<{{ m.role[0] }}>{{ m.content }}$;{% endfor %}<a>";
const OVERHEAD = 8;

const tokenizer: Tokenizer = {
  ...characters,
  share: () => ({
    name: "characters",
    engine: "javascript",
    bytes: new Uint8Array(0),
    config: JSON.stringify({ chat_template: TEMPLATE }),
  }),
};

async function countsOf(line: string, session: Session): Promise<(number | undefined)[]> {
  const plan = planOf(`--apply-chat-template ${line}`);
  const templating = await templatingOf(plan, tokenizer);
  const { entries } = renderSessions(plan, [session], undefined, undefined, templating);
  return entries.map(({ inputTokens }) => inputTokens);
}

test("a request that stands alone is counted with its template", async () => {
  const turn = turnOf(["hello"], { inputTokens: 5 });
  expect(await countsOf("", sessionOf(turn))).toEqual([5 + OVERHEAD]);
  const lead = sessionOf(turn, { systemText: "be", leadTokens: 2 });
  expect(await countsOf("", lead)).toEqual([5 + OVERHEAD + 2 + 5]);
});

test("so is one whose body the data gave", async () => {
  const payload = { messages: [{ role: "user", content: [{ type: "text", text: "abc" }] }] };
  expect(await countsOf("", sessionOf(turnOf([], { payload, inputTokens: 3 })))).toEqual([
    3 + OVERHEAD,
  ]);
});

test("a conversation's messages are kept for when its replies are known", async () => {
  const session = sessionOf(turnOf(["one"], { inputTokens: 3 }), {
    systemText: "be",
    turns: [turnOf(["one"], { inputTokens: 3 }), turnOf(["two"], { inputTokens: 3 })],
  });
  const plan = planOf("--apply-chat-template");
  const templating = await templatingOf(plan, tokenizer);
  const { entries } = renderSessions(plan, [session], undefined, undefined, templating);
  expect(entries.map(({ texts }) => texts?.messages)).toEqual([
    { lead: [{ role: "system", content: "be" }], own: [{ role: "user", content: "one" }] },
    { lead: [{ role: "system", content: "be" }], own: [{ role: "user", content: "two" }] },
  ]);
});

test("made-up prompts are shorter by what the template adds", async () => {
  const plan = planOf("--apply-chat-template --isl 50");
  const templating = (await templatingOf(plan, tokenizer))!;
  expect(templating.overheadTokens).toBe(OVERHEAD);
  const { dataset } = withRoomForTemplate(plan, templating);
  expect(dataset).toMatchObject({ isl: { mean: 50 - OVERHEAD } });
  const tiny = withRoomForTemplate(planOf("--apply-chat-template --isl 3"), templating);
  expect(tiny.dataset).toMatchObject({ isl: { mean: 1 } });
});

test("nothing is templated unasked, or where no server would", async () => {
  expect(await templatingOf(planOf(""), tokenizer)).toBeUndefined();
  const plan = planOf("--apply-chat-template --endpoint-type completions");
  expect(await templatingOf(plan, tokenizer)).toBeUndefined();
  expect(plan.notes).toEqual([expect.stringContaining("--apply-chat-template has no effect")]);
});

test("a tokenizer without a template cannot be asked for it", async () => {
  const bare: Tokenizer = {
    ...tokenizer,
    share: () => ({ ...tokenizer.share(), config: "{}" }),
  };
  const asked = templatingOf(planOf("--apply-chat-template"), bare);
  expect(await asked.catch((error: unknown) => error)).toMatchObject({ code: "E_CHAT_TEMPLATE" });
});
