// Sessions drawn from pools of rows: a file is a pool, and so is each file of a folder. One row of
// every pool makes a turn.

import { readdirSync, statSync } from "node:fs";
import { basename, join, parse } from "node:path";
import { type ContentGroup, fail, integerBelow, type Session, type Turn } from "#core";
import { parseRow, readLines } from "#trace";
import { type LoaderContext, plainSession } from "./context.ts";
import { contentsOf, TURN_ROW, type TurnRow } from "./turn-row.ts";

type Contents = ReturnType<typeof contentsOf>;

interface Pool {
  readonly name: string;
  readonly rows: readonly Contents[];
}

const FIELDS = ["texts", "images", "audios", "videos"] as const;

/** So many sessions of one turn as the plan has entries. */
export async function loadRandomPool(path: string, context: LoaderContext): Promise<Session[]> {
  const isFolder = statSync(path).isDirectory();
  const files = isFolder
    ? readdirSync(path)
        .sort()
        .map((name) => join(path, name))
    : [path];
  const pools: Pool[] = [];
  for (const file of files) {
    if (!statSync(file).isDirectory()) pools.push(await readPool(file, context));
  }
  if (pools.length === 0)
    fail("E_DATA_EMPTY", `${path} has no files`, "put a file of rows into it");

  const rng = context.rng("dataset.loader.random_pool");
  const { entries, batchSizes } = context.plan.dataset;
  const isBatched = !isFolder && FIELDS.some((field) => batchSizes[field] !== 1);
  const draw = isBatched
    ? (): Contents => {
        const drawn = FIELDS.map((field) => {
          const all = pools[0]!.rows.flatMap((row) => row[field] ?? []);
          const values = all.flatMap(({ contents }) => contents);
          const count = values.length === 0 ? 0 : batchSizes[field];
          const contents = Array.from(
            { length: count },
            () => values[integerBelow(rng, values.length)]!,
          );
          return [field, count === 0 ? [] : [{ name: all[0]!.name, contents }]] as const;
        });
        return merged(drawn);
      }
    : (): Contents => {
        const rows = pools.map(({ name, rows }) => ({
          name,
          row: rows[integerBelow(rng, rows.length)]!,
        }));
        const drawn = FIELDS.map((field) => {
          const groups = rows.flatMap(({ name, row }) =>
            (row[field] ?? []).map((group) => (isFolder ? { ...group, name } : group)),
          );
          return [field, groups] as const;
        });
        return merged(drawn);
      };
  return Array.from({ length: entries }, () => {
    const turn: Turn = {
      role: "user",
      ...draw(),
      model: context.nextModel(),
      maxTokens: context.limitOf(undefined),
      inputTokens: undefined,
      delayNs: 0,
      timestampNs: undefined,
    };
    return plainSession(context.nextName(), [turn]);
  });
}

async function readPool(path: string, context: LoaderContext): Promise<Pool> {
  const file = basename(path);
  const rows: Contents[] = [];
  for await (const lines of readLines(path)) {
    for (const line of lines) {
      const row: TurnRow = parseRow(TURN_ROW, line, file);
      rows.push(contentsOf(row, context, `${file} line ${line.number}`));
    }
  }
  if (rows.length === 0) fail("E_DATA_EMPTY", `${file} has no rows`, "check the file");
  return { name: parse(path).name, rows };
}

/** Contents of the fields that have any. */
function merged(
  fields: readonly (readonly [(typeof FIELDS)[number], readonly ContentGroup[]])[],
): Contents {
  const filled = fields.filter(([field, groups]) => field === "texts" || groups.length > 0);
  return { texts: [], ...Object.fromEntries(filled) };
}
