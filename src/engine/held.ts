// Bytes that are kept until what they begin has come whole.

export class Held {
  #memory: Buffer | undefined;
  /** How many are held. */
  bytes = 0;

  /** Adds the segment from `at` on, and answers all that is held. */
  add(segment: Buffer, at: number): Buffer {
    const needed = this.bytes + segment.length - at;
    let memory = this.#memory;
    // Grown in leaps: a head that comes byte by byte is not copied anew for each of them.
    if (memory === undefined || needed > memory.length) {
      memory = Buffer.allocUnsafe(Math.max(1024, needed * 2));
      this.#memory?.copy(memory, 0, 0, this.bytes);
      this.#memory = memory;
    }
    segment.copy(memory, this.bytes, at);
    this.bytes = needed;
    return memory.subarray(0, needed);
  }

  release(): void {
    this.#memory = undefined;
    this.bytes = 0;
  }
}
