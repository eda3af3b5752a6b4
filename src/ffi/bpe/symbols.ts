// The tokenizer's part of core.h, symbol by symbol.

import { fail } from "#core";
import { openNative } from "../library.ts";

function openSymbols() {
  return openNative({
    bpe_plan: { args: ["ptr", "u32", "ptr"], returns: "i32" },
    bpe_prepare: { args: ["ptr", "ptr", "u32", "ptr", "u32"], returns: "i32" },
    bpe_check: { args: ["ptr", "u32"], returns: "i32" },
    bpe_cache_size: { args: [], returns: "u32" },
    bpe_cache_clear: { args: ["ptr"], returns: "void" },
    bpe_encode: {
      args: ["ptr", "ptr", "ptr", "u32", "ptr", "ptr", "u32", "ptr", "u32", "ptr"],
      returns: "i32",
    },
    bpe_decode: { args: ["ptr", "ptr", "u32", "i32", "ptr", "u32"], returns: "i32" },
  });
}

let opened: ReturnType<typeof openSymbols>;

/** The core's functions, opened at the first use; undefined where there is no core. */
function symbols() {
  opened ??= openSymbols();
  return opened;
}

/** The same where there must be one. */
export function bpeCore() {
  const found = symbols();
  if (found === undefined) {
    return fail("E_NATIVE", "the native core is not in use", "use the JavaScript engine");
  }
  return found;
}

/** Whether this thread can use the native tokenizer at all. */
export function hasBpe(): boolean {
  return symbols() !== undefined;
}
