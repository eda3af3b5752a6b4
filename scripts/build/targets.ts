// The targets that one source is built for. A row is all that is known of one: what Bun calls it,
// what a compiler calls it, and what its files must look like afterwards.

import { existsSync, readFileSync } from "node:fs";

export interface Target {
  readonly name: string;
  readonly bun: Bun.Build.CompileTarget;
  /** Triple and processor of the cross compiler. Without AVX2 only where Bun's own build is. */
  readonly triple: string;
  readonly cpu: string;
  /** What the system's own compiler takes for the same processor. */
  readonly march: string;
  readonly object: "elf" | "mach-o";
  readonly machine: "x64" | "arm64";
  /** How a library is linked there. On Linux against nothing: one that needs no libc runs on any. */
  readonly link: readonly string[];
  /** Libraries that its core may ask for. */
  readonly needs: readonly string[];
}

const LINUX = { object: "elf", link: ["-shared", "-nostdlib"], needs: [] } as const;
const DARWIN = {
  object: "mach-o",
  link: ["-dynamiclib"],
  needs: ["/usr/lib/libSystem.B.dylib"],
} as const;
const X64 = { machine: "x64", cpu: "x86_64_v3", march: "x86-64-v3" } as const;
const X64_OLD = { machine: "x64", cpu: "x86_64_v2", march: "x86-64-v2" } as const;
const ARM64 = { machine: "arm64", cpu: "generic", march: "armv8-a" } as const;
const APPLE = { machine: "arm64", cpu: "apple_m1", march: "armv8-a" } as const;

/** The musl rows differ from the others in Bun's part alone. */
export const TARGETS: readonly Target[] = [
  { name: "linux-x64", bun: "bun-linux-x64", triple: "x86_64-linux-gnu", ...LINUX, ...X64 },
  {
    name: "linux-x64-baseline",
    bun: "bun-linux-x64-baseline",
    triple: "x86_64-linux-gnu",
    ...LINUX,
    ...X64_OLD,
  },
  {
    name: "linux-x64-musl",
    bun: "bun-linux-x64-musl",
    triple: "x86_64-linux-musl",
    ...LINUX,
    ...X64,
  },
  { name: "linux-arm64", bun: "bun-linux-arm64", triple: "aarch64-linux-gnu", ...LINUX, ...ARM64 },
  {
    name: "linux-arm64-musl",
    bun: "bun-linux-arm64-musl",
    triple: "aarch64-linux-musl",
    ...LINUX,
    ...ARM64,
  },
  { name: "darwin-arm64", bun: "bun-darwin-arm64", triple: "aarch64-macos", ...DARWIN, ...APPLE },
  { name: "darwin-x64", bun: "bun-darwin-x64", triple: "x86_64-macos", ...DARWIN, ...X64_OLD },
];

/** The row of the machine that this script runs on; undefined where there is none. */
export function hostTarget(): Target | undefined {
  const { platform, arch } = process;
  const name = `${platform}-${arch}${platform === "linux" ? linuxVariant(arch) : ""}`;
  return TARGETS.find((target) => target.name === name);
}

function linuxVariant(arch: string): string {
  const loader = arch === "x64" ? "x86_64" : "aarch64";
  const glibc = ["/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1"].some(existsSync);
  if (!glibc && existsSync(`/lib/ld-musl-${loader}.so.1`)) return "-musl";
  return arch === "x64" && !readFileSync("/proc/cpuinfo", "utf8").includes(" avx2 ")
    ? "-baseline"
    : "";
}
