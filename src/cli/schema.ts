// `aiperf schema`: the shapes of the files that runs leave, as JSON Schema.

import { auditSchema } from "#audit";
import { fail } from "#core";
import { jsonSchemaOf, SCHEMAS, type SchemaRow, summarySchema } from "#export";

/** The audit's room and the one of the files do not know each other: here they meet. */
export const PUBLISHED: readonly SchemaRow[] = [
  ...SCHEMAS.map((row) =>
    row.name === "summary"
      ? { ...row, schema: summarySchema.extend({ audit: auditSchema.optional() }) }
      : row,
  ),
  { name: "audit", of: "the audit of the summary", schema: auditSchema },
];

/** Runs the verb; answers with the process's exit status. */
export async function runSchema(argv: string[]): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined || name === "--help" || name === "-h") {
    console.log(help());
    return 0;
  }
  const row = rest.length === 0 ? PUBLISHED.find((row) => row.name === name) : undefined;
  if (row === undefined) {
    const what = rest.length > 0 ? "aiperf schema takes one name" : `there is no schema ${name}`;
    return fail("E_ARGUMENT", what, `use one of ${PUBLISHED.map(({ name }) => name).join(", ")}`);
  }
  console.log(JSON.stringify(jsonSchemaOf(row.schema), null, 2));
  return 0;
}

function help(): string {
  const width = Math.max(...PUBLISHED.map(({ name }) => name.length)) + 2;
  return [
    "Usage: aiperf schema NAME",
    "",
    "Prints the JSON Schema of what a run leaves.",
    "",
    ...PUBLISHED.map(({ name, of }) => `  ${name.padEnd(width)}${of}`),
  ].join("\n");
}
