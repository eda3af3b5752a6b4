// The floor plan: which room may enter which. A wish in a document is forgotten; a test is not.

import { expect, test } from "bun:test";
import { Glob } from "bun";

/** Room → rooms it may import. Changing this table is a design decision. */
const FLOOR_PLAN: Record<string, readonly string[]> = {
  core: [],
  ffi: ["core"],
  config: ["core"],
  tokenizer: ["core", "ffi"],
  trace: ["core"],
  dataset: ["core", "config", "tokenizer", "trace"],
  schedule: ["core", "config"],
  endpoint: ["core", "config"],
  ring: ["core"],
  engine: ["core", "config", "ffi", "schedule", "endpoint", "ring"],
  records: ["core", "ring", "ffi", "endpoint", "tokenizer"],
  telemetry: ["core", "config"],
  audit: ["core"],
  metrics: ["core", "config", "ffi"],
  export: ["core", "metrics"],
  report: ["core", "metrics", "audit"],
  plot: ["core", "export"],
  study: ["core", "config", "export"],
  mock: ["core"],
  cluster: ["core", "config"],
};

const SOURCE = `${import.meta.dir}/../src`;
const IMPORT = /(?:from|import)\s*\(?\s*"([^"]+)"/g;

/** Why `specifier`, imported by `file` of `room`, is against the floor plan; undefined if it is not. */
function objection(room: string, file: string, specifier: string): string | undefined {
  if (specifier === "bun:ffi" && room !== "ffi") return "only ffi may import bun:ffi";
  if (specifier.startsWith("#")) {
    const target = specifier.slice(1);
    if (target === room) return `use ./ inside the room, not #${room}`;
    if (room === "cli" || FLOOR_PLAN[room]?.includes(target)) return undefined;
    return `${room} may import ${FLOOR_PLAN[room]?.map((r) => `#${r}`).join(" ") || "nothing"}, not ${specifier}`;
  }
  if (specifier.startsWith("../")) {
    const inside = new URL(specifier, `file:///${room}/${file}`).pathname.startsWith(`/${room}/`);
    if (inside) return undefined;
    if (room === "core" && specifier.endsWith("package.json")) return undefined;
    if (room === "ffi" && specifier.includes("/dist/native/")) return undefined;
    return "leave a room by its door (#room), not by ../";
  }
  return undefined;
}

const files = [...new Glob("**/*.ts").scanSync(SOURCE)].filter((path) => path.includes("/")).sort();

test.each(files)("%s keeps to the floor plan", async (path) => {
  const room = path.slice(0, path.indexOf("/"));
  expect(room === "cli" || room in FLOOR_PLAN, `${room} is not on the floor plan`).toBe(true);
  const text = await Bun.file(`${SOURCE}/${path}`).text();
  const file = path.slice(room.length + 1);
  const objections = [...text.matchAll(IMPORT)]
    .map((match) => [match[1]!, objection(room, file, match[1]!)] as const)
    .filter(([, reason]) => reason !== undefined)
    .map(([specifier, reason]) => `${specifier}: ${reason}`);
  expect(objections).toEqual([]);
});

test.each([...new Set(files.map((path) => path.slice(0, path.indexOf("/"))))])(
  "room %s has one door",
  async (room) => {
    if (room === "cli") return;
    expect(await Bun.file(`${SOURCE}/${room}/index.ts`).exists()).toBe(true);
  },
);
