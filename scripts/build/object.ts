// Reads what a program or library says of itself, so that a build for another machine can be
// checked on this one: its format, its processor, the libraries that it asks for.

/** ELF: System V ABI, generic and processor supplements. Mach-O: Apple's loader.h. */
const ELF_MACHINES: Record<number, string> = { 62: "x64", 183: "arm64" };
const MACH_MACHINES: Record<number, string> = { 16777223: "x64", 16777228: "arm64" };
const SHT_DYNAMIC = 6;
const DT_NEEDED = 1n;
const LC_LOAD_DYLIB = 0xc;

export interface ObjectFile {
  readonly object: "elf" | "mach-o" | "unknown";
  readonly machine: string;
  readonly needs: readonly string[];
}

/** Reads a 64-bit, little-endian ELF or Mach-O file. */
export function readObject(bytes: Uint8Array): ObjectFile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = view.byteLength < 64 ? 0 : view.getUint32(0, true);
  if (magic === 0x464c457f) {
    return {
      object: "elf",
      machine: ELF_MACHINES[view.getUint16(18, true)] ?? "unknown",
      needs: elfNeeds(view),
    };
  }
  if (magic === 0xfeedfacf) {
    return {
      object: "mach-o",
      machine: MACH_MACHINES[view.getUint32(4, true)] ?? "unknown",
      needs: machNeeds(view),
    };
  }
  return { object: "unknown", machine: "unknown", needs: [] };
}

/** Names in the dynamic section, which point into the string table that it links to. */
function elfNeeds(view: DataView): string[] {
  const sectionsAt = Number(view.getBigUint64(40, true));
  const size = view.getUint16(58, true);
  const count = view.getUint16(60, true);
  const needs: string[] = [];
  for (let i = 0; i < count; i++) {
    const at = sectionsAt + i * size;
    if (view.getUint32(at + 4, true) !== SHT_DYNAMIC) continue;
    const stringsHeader = sectionsAt + view.getUint32(at + 40, true) * size;
    const stringsAt = Number(view.getBigUint64(stringsHeader + 24, true));
    const first = Number(view.getBigUint64(at + 24, true));
    const end = first + Number(view.getBigUint64(at + 32, true));
    for (let entry = first; entry < end; entry += 16) {
      if (view.getBigUint64(entry, true) !== DT_NEEDED) continue;
      needs.push(text(view, stringsAt + Number(view.getBigUint64(entry + 8, true))));
    }
  }
  return needs;
}

function machNeeds(view: DataView): string[] {
  const count = view.getUint32(16, true);
  const needs: string[] = [];
  for (let i = 0, at = 32; i < count; i++, at += view.getUint32(at + 4, true)) {
    if (view.getUint32(at, true) !== LC_LOAD_DYLIB) continue;
    needs.push(text(view, at + view.getUint32(at + 8, true)));
  }
  return needs;
}

/** A string that ends in a zero byte. */
function text(view: DataView, at: number): string {
  let end = at;
  while (view.getUint8(end) !== 0) end++;
  return new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + at, end - at));
}
