// A conversation as its model gets it: the template that comes with a tokenizer, filled in. What it
// writes around the messages is tokens too, which a count of the texts alone leaves out.

import { fail, type Json, messageOf } from "#core";

/** A message of a chat, with whatever else the template may ask of it. */
export type TemplateMessage = { readonly [key: string]: Json };

/** The text that a model gets of a conversation, up to where its reply begins. */
export type ChatTemplate = (
  messages: readonly TemplateMessage[],
  tools?: readonly Json[],
) => string;

/** Special tokens that templates name. */
const SPECIALS = ["bos_token", "eos_token", "pad_token", "unk_token"] as const;

interface TokenizerConfig {
  readonly chat_template?: unknown;
  readonly [name: string]: unknown;
}

/**
 * The template in a tokenizer's config; undefined when it has none.
 * @param config the text of `tokenizer_config.json`
 * @throws E_CHAT_TEMPLATE for one that cannot be read, and later for messages that it refuses
 */
export async function openChatTemplate(config: string): Promise<ChatTemplate | undefined> {
  const settings: TokenizerConfig = JSON.parse(config);
  const source = sourceOf(settings.chat_template);
  if (source === undefined) return undefined;
  // Few runs need the library.
  const { Template } = await import("@huggingface/jinja");
  const specials = Object.fromEntries(SPECIALS.map((name) => [name, tokenOf(settings[name])]));
  const wayOut = "leave --apply-chat-template out, or give another --tokenizer";
  try {
    const template = new Template(source);
    return (messages, tools) => {
      try {
        return template.render({
          ...specials,
          messages,
          tools: tools ?? null,
          add_generation_prompt: true,
        });
      } catch (error) {
        const what = `the chat template does not take a conversation: ${messageOf(error)}`;
        return fail("E_CHAT_TEMPLATE", what, wayOut);
      }
    };
  } catch (error) {
    return fail("E_CHAT_TEMPLATE", `the chat template is not Jinja: ${messageOf(error)}`, wayOut);
  }
}

/** One template, or the default one of several that have names. */
function sourceOf(given: unknown): string | undefined {
  if (typeof given === "string") return given;
  if (!Array.isArray(given)) return undefined;
  const named = given.find((row: { readonly name?: unknown }) => row?.name === "default");
  const { template } = (named ?? given[0] ?? {}) as { readonly template?: unknown };
  return typeof template === "string" ? template : undefined;
}

/** A special token is a text, or an object that has it as its content. */
function tokenOf(given: unknown): string {
  if (typeof given === "string") return given;
  const { content } = (given ?? {}) as { readonly content?: unknown };
  return typeof content === "string" ? content : "";
}
