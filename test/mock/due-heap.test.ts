import { expect, test } from "bun:test";
import fc from "fast-check";
import { type DueItem, dueHeap } from "../../src/mock/due-heap.ts";

const step = fc.record({
  act: fc.constantFrom("add", "remove", "move"),
  at: fc.nat(),
  due: fc.nat(50),
});

test("first() is the earliest, whatever was added, removed and moved", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const heap = dueHeap<DueItem>();
      const inside: DueItem[] = [];
      for (const { act, at, due } of steps) {
        const index = inside.length === 0 ? 0 : at % inside.length;
        const item = inside[index];
        if (act === "add" || item === undefined) {
          const added = { dueNs: due, heapIndex: -1 };
          inside.push(added);
          heap.add(added);
        } else if (act === "remove") {
          inside.splice(index, 1);
          heap.remove(item);
          expect(item.heapIndex).toBe(-1);
        } else {
          item.dueNs = due;
          heap.moved(item);
        }
        expect(heap.size()).toBe(inside.length);
        expect(heap.first()?.dueNs ?? Infinity).toBe(Math.min(...inside.map((i) => i.dueNs)));
      }
    }),
  );
});

test("an item waits at most once", () => {
  const heap = dueHeap<DueItem>();
  const item = { dueNs: 1, heapIndex: -1 };
  heap.add(item);
  expect(() => heap.add(item)).toThrow("waits once");
});
