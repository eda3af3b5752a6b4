// A thread that is sent a tokenizer and texts, and answers with the counts.

import { openShared, type SharedTokenizer } from "#tokenizer";

declare const self: Worker;

self.onmessage = async (
  event: MessageEvent<{ shared: SharedTokenizer; texts: readonly string[] }>,
) => {
  const tokenizer = await openShared(event.data.shared);
  self.postMessage([...tokenizer.countBatch(event.data.texts)]);
};
