// Raw values become typed ones, each by a schema made from its flag's row.

import { z } from "zod";
import { fail } from "#core";
import type { Occurrence } from "./argv.ts";
import { badValue, CONTROL, expected, flagUnsupported } from "./complaint.ts";
import type { FlagRow } from "./flags/row.ts";
import { FLAGS, type SupportedFlag } from "./flags/table.ts";
import { type Dict, type Header, readDict, readHeaders } from "./pairs.ts";

/** The type of a row's value. */
type ValueOf<Row> = Row extends { kind: "boolean" }
  ? boolean
  : Row extends { kind: "integer" | "number" }
    ? number
    : Row extends { kind: "choice"; choices: readonly (infer Choice)[] }
      ? Choice
      : Row extends { kind: "list" }
        ? readonly string[]
        : Row extends { kind: "numbers" }
          ? readonly number[]
          : Row extends { kind: "headers" }
            ? readonly Header[]
            : Row extends { kind: "dict" }
              ? Dict
              : string;

/** Rows whose value is there even when the flag was not given. */
type Sure = { default: unknown } | { kind: "boolean" | "headers" | "dict" } | { required: true };

/** The value of each supported flag by its canonical name, defaults filled in. */
export type FlagValues = {
  readonly [Row in SupportedFlag as Row["names"][0]]: Row extends Sure
    ? ValueOf<Row>
    : ValueOf<Row> | undefined;
};

export interface ReadFlags {
  readonly values: FlagValues;
  /** Canonical names of the flags that were given, each with the name that was typed. */
  readonly given: ReadonlyMap<string, string>;
}

/** The typed values of what was given, and the defaults of the rest. */
export function readValues(occurrences: readonly Occurrence[]): ReadFlags {
  const given = new Map<string, string>();
  const values: Record<string, unknown> = {};
  for (const row of FLAGS) {
    if (row.supported === false) continue;
    const mine = occurrences.filter((occurrence) => occurrence.row === row);
    const key = row.names[0];
    const name = mine[0]?.name;
    if (name !== undefined) given.set(key, name);
    if (name === undefined && row.required) {
      fail("E_FLAG_MISSING", `${plainName(row)} is missing`, `add ${plainName(row)} ${row.value}`);
    }
    values[key] = name === undefined ? unset(row) : read(row, name, mine);
  }
  // Each key was filled by the row that FlagValues takes its type from.
  return { values: values as FlagValues, given };
}

/** The name that people use: the shortest of the long ones. */
export function plainName(row: FlagRow): string {
  const long = row.names.filter((name) => name.startsWith("--"));
  return long.reduce((a, b) => (b.length < a.length ? b : a));
}

function unset(row: FlagRow): unknown {
  if (row.default !== undefined) return row.default;
  if (row.kind === "boolean") return false;
  if (row.kind === "headers") return [];
  return row.kind === "dict" ? {} : undefined;
}

function read(row: FlagRow, name: string, mine: readonly Occurrence[]): unknown {
  if (row.kind === "boolean") return mine.at(-1)!.on;
  const values = mine.flatMap((occurrence) => occurrence.values);
  if (row.kind === "headers" || row.kind === "dict") {
    if (values.some((value) => value.trim() === ""))
      badValue(row, name, "", `give ${expected(row)}`);
    return row.kind === "headers" ? readHeaders(name, values) : readDict(name, values);
  }
  if (row.kind === "list" || row.kind === "numbers") {
    const items = values.flatMap((value) => value.split(",")).map((item) => item.trim());
    return items.map((item) => single(row, name, item));
  }
  const parts = values.flatMap((value) => value.split(",")).filter((part) => part.trim() !== "");
  if (row.sweeps && parts.length > 1) {
    flagUnsupported(`${name} with several values, a sweep,`, "run once for each value");
  }
  if (values.length > 1) {
    fail("E_FLAG_TWICE", `${name} is given ${values.length} times`, "keep one of them");
  }
  return single(row, name, values[0]!);
}

function single(row: FlagRow, name: string, raw: string): unknown {
  const parsed = schemaOf(row).safeParse(raw);
  if (parsed.success) return parsed.data;
  const choice = asChoice(raw);
  if (row.choicesLater?.includes(choice)) {
    flagUnsupported(`${name} ${choice}`, `choose ${row.choices?.join(" or ")}`);
  }
  return badValue(row, name, raw, `give ${expected(row)}`);
}

const WHOLE = /^[+-]?\d+(?:_\d+)*$/;
const DECIMAL = /^[+-]?(?:\d+(?:_\d+)*\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const INFINITE = /^\+?inf(?:inity)?$/i;

/** What one raw value of a flag must look like, and the value that it spells. */
export function schemaOf(row: FlagRow): z.ZodType<unknown, string> {
  const trimmed = z.string().trim();
  switch (row.kind) {
    case "integer":
      return trimmed.regex(WHOLE).transform(spelled).pipe(bounded(row, z.int()));
    case "number":
    case "numbers": {
      const finite = trimmed.regex(DECIMAL).transform(spelled).pipe(bounded(row, z.number()));
      if (!row.infinite) return finite;
      return finite.or(trimmed.regex(INFINITE).transform(() => Number.POSITIVE_INFINITY));
    }
    case "choice":
      return trimmed.transform(asChoice).pipe(z.enum([...(row.choices ?? [])]));
    default:
      return z
        .string()
        .regex(/\S/)
        .refine((text) => !CONTROL.test(text));
  }
}

function bounded(row: FlagRow, number: z.ZodNumber): z.ZodNumber {
  let schema = number;
  if (row.min !== undefined) schema = schema.min(row.min);
  if (row.above !== undefined) schema = schema.gt(row.above);
  if (row.max !== undefined) schema = schema.max(row.max);
  if (row.below !== undefined) schema = schema.lt(row.below);
  return schema;
}

/** Adding 0 turns a negative zero into a plain one. */
function spelled(text: string): number {
  return Number(text.replaceAll("_", "")) + 0;
}

function asChoice(raw: string): string {
  return raw.trim().toLowerCase().replaceAll("_", "-");
}
