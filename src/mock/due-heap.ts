// Streams in the order of their next due time: a binary heap that knows where each stream sits,
// so that one can leave from the middle when its client does.
//
//        0          parent(i) = (i - 1) >> 1; no parent is due after its children;
//      1   2        items[i].heapIndex === i, and -1 outside the heap
//     3 4 5 6

import { assert } from "#core";

export interface DueItem {
  dueNs: number;
  /** Owned by the heap; starts as -1. */
  heapIndex: number;
}

export interface DueHeap<Item extends DueItem> {
  readonly size: () => number;
  readonly first: () => Item | undefined;
  readonly add: (item: Item) => void;
  readonly remove: (item: Item) => void;
  /** Restores the order after `item.dueNs` has changed. */
  readonly moved: (item: Item) => void;
}

export function dueHeap<Item extends DueItem>(): DueHeap<Item> {
  const items: Item[] = [];

  const place = (item: Item, index: number): void => {
    items[index] = item;
    item.heapIndex = index;
  };

  const settle = (item: Item, start: number): void => {
    let index = start;
    while (index > 0) {
      const parent = items[(index - 1) >> 1]!;
      if (parent.dueNs <= item.dueNs) break;
      place(parent, index);
      index = (index - 1) >> 1;
    }
    for (;;) {
      let child = 2 * index + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && items[child + 1]!.dueNs < items[child]!.dueNs) child++;
      if (items[child]!.dueNs >= item.dueNs) break;
      place(items[child]!, index);
      index = child;
    }
    place(item, index);
  };

  return {
    size: () => items.length,
    first: () => items[0],
    add(item) {
      assert(item.heapIndex === -1, "a stream waits once");
      items.push(item);
      settle(item, items.length - 1);
    },
    remove(item) {
      const index = item.heapIndex;
      assert(items[index] === item, "only a waiting stream is removed");
      item.heapIndex = -1;
      const last = items.pop()!;
      if (last !== item) settle(last, index);
    },
    moved(item) {
      assert(items[item.heapIndex] === item, "only a waiting stream moves");
      settle(item, item.heapIndex);
    },
  };
}
