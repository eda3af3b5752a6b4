// The thread that reads a part of a run's records for `aiperf report`.

import { type PartSetup, readPart } from "./report-part.ts";

declare const self: Worker;

self.onmessage = ({ data }: MessageEvent<PartSetup>) => {
  const { read, transfer } = readPart(data);
  self.postMessage(read, transfer);
};
