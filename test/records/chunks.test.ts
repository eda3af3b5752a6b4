import { expect, test } from "bun:test";
import { chunkKeeper } from "#records";
import { FRAME_BODY, FRAME_END, FRAME_EVENTS, FRAME_SENT, type Frame } from "#ring";

function frame(kind: number, slot: number, stampNs: number, length: number): Frame {
  return { kind, slot, stampNs, bytes: Buffer.alloc(64), start: 8, end: 8 + length };
}

test("a piece is what came at one time, whether one frame held it or several", () => {
  const keeper = chunkKeeper();
  keeper.take(frame(FRAME_SENT, 0, 5, 30));
  keeper.take(frame(FRAME_EVENTS, 0, 10, 20));
  keeper.take(frame(FRAME_EVENTS, 0, 10, 7));
  keeper.take(frame(FRAME_EVENTS, 0, 15, 3));
  keeper.take(frame(FRAME_END, 0, 16, 40));
  expect(keeper.release(0)).toEqual([
    { stampNs: 10, bytes: 27 },
    { stampNs: 15, bytes: 3 },
  ]);
});

test("slots do not mix, and what was released is gone", () => {
  const keeper = chunkKeeper();
  keeper.take(frame(FRAME_BODY, 2, 10, 20));
  keeper.take(frame(FRAME_BODY, 1, 10, 5));
  expect(keeper.release(2)).toEqual([{ stampNs: 10, bytes: 20 }]);
  keeper.take(frame(FRAME_BODY, 2, 10, 4));
  expect(keeper.release(2)).toEqual([{ stampNs: 10, bytes: 4 }]);
  expect(keeper.release(1)).toEqual([{ stampNs: 10, bytes: 5 }]);
  expect(keeper.release(9)).toEqual([]);
});
