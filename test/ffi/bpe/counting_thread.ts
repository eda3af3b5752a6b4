// A thread that counts tokens with the prepared form that it is sent.

import { openBpe } from "#ffi";

declare const self: Worker;

self.onmessage = ({ data }: MessageEvent<{ model: Uint8Array; texts: string[] }>) => {
  self.postMessage([...openBpe(data.model).countBatch(data.texts)]);
};
