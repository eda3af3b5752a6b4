// The front door. A compiled program resolves addresses from this file, so the addresses of the
// threads' code are made here and passed inward.

import { main } from "#cli";

const status = await main(process.argv.slice(2), {
  worker: new URL("./engine/worker.ts", import.meta.url).href,
  recorder: new URL("./cli/recorder.ts", import.meta.url).href,
  reader: new URL("./cli/part-reader.ts", import.meta.url).href,
  isCompiled: Bun.embeddedFiles.length > 0,
});
process.exit(status);
