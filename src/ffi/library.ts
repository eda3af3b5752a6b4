// The native core, opened once a thread. A program without it still gives the same numbers: each
// of its functions has a JavaScript twin, so a core that cannot be opened is a reason, not an error.

import { dlopen, type FFIFunction, type Library } from "bun:ffi";
import { messageOf } from "#core";
import { pathInMemory } from "./memory.ts";

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

/** CORE_ABI of core.h: a core of another one, left from an older build, is not used. */
const ABI = 4;
const PROBE = { core_abi: { args: [], returns: "i32" } } as const;

/** Where this thread opens the core, or why it does not. */
type Source = { readonly path: string } | { readonly reason: string };

let source: Source | undefined;

/**
 * Opens some of the core's functions.
 * @returns them, or undefined where they cannot be used; {@link nativeState} then says why
 */
export function openNative<const Symbols extends Record<string, FFIFunction>>(
  symbols: Symbols,
): Library<Symbols>["symbols"] | undefined {
  source ??= findCore();
  if ("reason" in source) return undefined;
  try {
    return dlopen(source.path, symbols).symbols;
  } catch (error) {
    source = { reason: messageOf(error) };
    return undefined;
  }
}

/** Whether the core is in use; the reason of a fallback belongs in the log. */
export function nativeState(): NativeState {
  source ??= findCore();
  return "reason" in source ? { loaded: false, reason: source.reason } : { loaded: true };
}

function findCore(): Source {
  if (process.env.AIPERF_NATIVE === "0") return { reason: "AIPERF_NATIVE=0 asks for JavaScript" };
  if (corePath === undefined) {
    return { reason: "this build has none (bun scripts/build.ts --native makes it)" };
  }
  const onDisk = probe(corePath);
  if ("path" in onDisk) return onDisk;
  const path = pathInMemory(corePath);
  const inMemory = path === undefined ? onDisk : probe(path);
  return "path" in inMemory ? inMemory : onDisk;
}

function probe(path: string): Source {
  try {
    const abi = dlopen(path, PROBE).symbols.core_abi();
    return abi === ABI ? { path } : { reason: `the core is of version ${abi}, not ${ABI}` };
  } catch (error) {
    return { reason: messageOf(error) };
  }
}
