// The prepared form of a tokenizer: one block of shared memory that every thread reads and a file
// can hold. What a tokenizer.json asks for and the core does not do is refused by name.

import { ptr } from "bun:ffi";
import { assert, fail } from "#core";
import { checked } from "../codes.ts";
import { bpeCore } from "./symbols.ts";

/** Words of core.h's BPE_PLAN. */
const PLAN_WORDS = 40;
const DATA = -3;

/** What a tokenizer.json may ask for that the core leaves to another engine. */
const UNSUPPORTED = [
  { code: -20, what: "its model is not plain BPE" },
  { code: -21, what: "its normalizer is none that the native core has" },
  { code: -22, what: "its pre-tokenizer is none that the native core has" },
  { code: -23, what: "its decoder is none that the native core has" },
  { code: -24, what: "some bytes have no token" },
  { code: -25, what: "its added tokens have flags or ids that the native core does not take" },
  { code: -26, what: "its vocabulary is too large or its merges unusual" },
] as const;

/**
 * Makes the prepared form of a `tokenizer.json`: shared memory without pointers, which another
 * thread can open, and which a file can hold as it is.
 * @throws E_TOKENIZER_UNSUPPORTED when it asks for what the core does not do; nothing is approximated
 * @throws E_TOKENIZER_FILE when it is not a sound tokenizer.json
 */
export function prepareBpe(json: Uint8Array): Uint8Array {
  const { bpe_plan, bpe_prepare } = bpeCore();
  if (json.length === 0) refuse(DATA);
  const plan = new BigUint64Array(PLAN_WORDS);
  refuse(bpe_plan(ptr(json), json.length, ptr(plan)));
  const model = new Uint8Array(new SharedArrayBuffer(Number(plan[0])));
  const scratch = new Uint8Array(Number(plan[1]));
  refuse(bpe_prepare(ptr(plan), ptr(model), model.length, ptr(scratch), scratch.length));
  // The plan points into the file, which must not have been collected meanwhile.
  assert(json.byteLength > 0, "the file stays until it has been read");
  return model;
}

/** Raises what a negative answer about a tokenizer.json means. */
function refuse(answer: number): void {
  if (answer >= 0) return;
  const row = UNSUPPORTED.find((row) => row.code === answer);
  if (row !== undefined) {
    fail("E_TOKENIZER_UNSUPPORTED", `tokenizer.json: ${row.what}`, "use the JavaScript engine");
  }
  if (answer === DATA) {
    fail("E_TOKENIZER_FILE", "tokenizer.json is damaged or not a tokenizer", "fetch it again");
  }
  checked(answer, "preparing a tokenizer");
}

/** Whether a block is a prepared form that this program can open: whole, of its version, sound. */
export function isPreparedBpe(model: Uint8Array): boolean {
  if (model.length === 0 || model.byteOffset % 8 !== 0) return false;
  return bpeCore().bpe_check(ptr(model), model.length) === 0;
}
