// The native core, opened once a thread. A program without it still gives the same numbers: each
// of its functions has a JavaScript twin, so a core that cannot be opened is a reason, not an error.

import { dlopen, type FFIFunction, type Library } from "bun:ffi";
import { assert, messageOf } from "#core";

/** Whether the native core is in use on this thread, and if not, why. */
export interface NativeState {
  readonly loaded: boolean;
  readonly reason?: string;
}

/** The built core's path, on disk or embedded in the program; undefined before the first build. */
const corePath: string | undefined = await import("../../dist/native/core.lib", {
  with: { type: "file" },
}).then(
  (module) => module.default,
  () => undefined,
);

let state: NativeState | undefined;

/**
 * Opens some of the core's functions.
 * @returns them, or undefined where they cannot be used; {@link nativeState} then says why
 */
export function openNative<const Symbols extends Record<string, FFIFunction>>(
  symbols: Symbols,
): Library<Symbols>["symbols"] | undefined {
  if (process.env.AIPERF_NATIVE === "0") {
    return without("AIPERF_NATIVE=0 asks for JavaScript");
  }
  if (corePath === undefined) {
    return without("this build has none (bun scripts/build.ts --native makes it)");
  }
  try {
    const library = dlopen(corePath, symbols);
    state ??= { loaded: true };
    return library.symbols;
  } catch (error) {
    return without(messageOf(error));
  }
}

/** Whether everything that was asked of the core is in use; a reason belongs in the log. */
export function nativeState(): NativeState {
  if (state === undefined) openNative({ core_abi: { args: [], returns: "i32" } });
  assert(state !== undefined, "opening the core leaves a state");
  return state;
}

function without(reason: string): undefined {
  state = { loaded: false, reason };
}
