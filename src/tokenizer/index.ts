// Text to tokens and back, and where tokenizers come from.

export { type ChatTemplate, openChatTemplate, type TemplateMessage } from "./chat-template.ts";
export type { Progress } from "./hub.ts";
export { type HubFileRequest, hubDatasetFile } from "./hub-dataset.ts";
export { type Loaded, type LoadRequest, loadTokenizer } from "./load.ts";
export { openShared } from "./open.ts";
export type { SharedTokenizer, Tokenizer } from "./tokenizer.ts";
