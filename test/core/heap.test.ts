import { expect, test } from "bun:test";
import fc from "fast-check";
import { Heap } from "#core";

test("whatever is pushed and popped, the first of all comes out", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.integer(), fc.constant("pop" as const))), (steps) => {
      const heap = new Heap<number>((a, b) => a < b);
      const plain: number[] = [];
      for (const step of steps) {
        if (step === "pop") {
          plain.sort((a, b) => a - b);
          expect(heap.peek()).toBe(plain[0]);
          expect(heap.pop()).toBe(plain.shift());
        } else {
          heap.push(step);
          plain.push(step);
        }
        expect(heap.size).toBe(plain.length);
      }
      expect(heap.drain().sort((a, b) => a - b)).toEqual(plain.sort((a, b) => a - b));
      expect(heap.size).toBe(0);
    }),
  );
});
