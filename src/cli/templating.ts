// Input tokens as the model gets them: the chat template's own are counted with the texts, and
// made-up prompts are made that much shorter, so that a request has the length that was asked for.

import { type Plan, type Spread, TEMPLATED } from "#config";
import { fail, type Json, type Session, type Turn } from "#core";
import { messagesOf } from "#endpoint";
import type { EntryFacts } from "#records";
import {
  type ChatTemplate,
  openChatTemplate,
  type TemplateMessage,
  type Tokenizer,
} from "#tokenizer";

export interface Templating {
  /** Tokens of a conversation of these messages. */
  count(messages: readonly TemplateMessage[], tools?: readonly Json[]): number;
  /** Tokens that a message without any text has. */
  readonly overheadTokens: number;
}

/**
 * How a plan's conversations are counted; undefined where their texts alone are.
 * @throws E_CHAT_TEMPLATE when the tokenizer brings no template
 */
export async function templatingOf(
  plan: Plan,
  tokenizer: Tokenizer,
): Promise<Templating | undefined> {
  if (!plan.tokenizer.applyChatTemplate || !TEMPLATED.has(plan.endpoint.kind)) return undefined;
  const template = await openChatTemplate(tokenizer.share().config);
  if (template === undefined) {
    const what = `tokenizer ${tokenizer.name} brings no chat template`;
    return fail("E_CHAT_TEMPLATE", what, "name one that does, or leave --apply-chat-template out");
  }
  const count = counter(template, tokenizer);
  return { count, overheadTokens: count([{ role: "user", content: "" }]) };
}

function counter(template: ChatTemplate, tokenizer: Tokenizer): Templating["count"] {
  return (messages, tools) => tokenizer.count(template(messages, tools));
}

/** The plan with made-up prompts shorter by what the template adds to each, but never empty. */
export function withRoomForTemplate(plan: Plan, { overheadTokens }: Templating): Plan {
  const { dataset } = plan;
  if (dataset.kind !== "synthetic") return plan;
  const less = (tokens: number) => Math.max(1, tokens - overheadTokens);
  const shorter = (isl: Spread): Spread => ({ ...isl, mean: less(isl.mean) });
  const { isl, mixture, windows } = dataset;
  return {
    ...plan,
    dataset: {
      ...dataset,
      isl: isl && shorter(isl),
      mixture: mixture?.map((pair) => ({ ...pair, isl: shorter(pair.isl) })),
      windows: windows && {
        ...windows,
        isl: { from: less(windows.isl.from), to: less(windows.isl.to) },
      },
    },
  };
}

/**
 * What is known of a turn's input, with the template: counted where the request stands alone, its
 * messages where it repeats others.
 * @param known what was counted of the texts alone
 */
export function withTemplate(
  known: EntryFacts,
  plan: Plan,
  session: Session,
  turn: Turn,
  { count, overheadTokens }: Templating,
): EntryFacts {
  const { payload } = turn;
  const body = (payload ?? {}) as { readonly messages?: Json; readonly tools?: Json };
  const own = payload === undefined ? undefined : listOf(body.messages);
  if (payload !== undefined && own === undefined) return known;
  const alone = { ...session, systemText: undefined, userContextText: undefined };
  const messages = own ?? messagesOf({ plan: plan.endpoint, session: alone, turn });
  const all = own ?? messagesOf({ plan: plan.endpoint, session, turn });
  const plain = messages.map(plainMessage);
  if (known.texts !== undefined && known.repeats) {
    const lead = all.slice(0, all.length - messages.length).map(plainMessage);
    return { ...known, texts: { ...known.texts, messages: { lead, own: plain } } };
  }
  // Texts that are marks are known by their number of tokens alone.
  if (known.texts === undefined && known.inputTokens !== undefined && known.repeats)
    return { ...known, inputTokens: known.inputTokens + overheadTokens };
  const { texts: _, ...rest } = known;
  const tools = turn.tools ?? listOf(body.tools);
  return { ...rest, inputTokens: count(all.map(plainMessage), tools) };
}

function listOf(value: Json | undefined): readonly Json[] | undefined {
  return Array.isArray(value) && value.length > 0 ? value : undefined;
}

/** A message with its texts as one, which is all that a count of texts can have of its parts. */
function plainMessage(message: Json): TemplateMessage {
  const said = (message ?? {}) as TemplateMessage;
  if (!Array.isArray(said.content)) return said;
  const texts = said.content.map((part) => (part as { readonly text?: unknown } | null)?.text);
  return { ...said, content: texts.filter((text) => typeof text === "string").join(" ") };
}
