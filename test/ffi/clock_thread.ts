// A thread that tells its time when asked: the other side of clock.test.ts.

import { threadClock } from "#ffi";

declare const self: Worker;

const now = threadClock();
self.onmessage = () => postMessage(now());
