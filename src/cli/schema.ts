// `aiperf schema`: the shapes of the files that runs leave, as JSON Schema.

import { fail } from "#core";
import { jsonSchemaOf, SCHEMAS } from "#export";

const NAMES = Object.keys(SCHEMAS);

/** Runs the verb; answers with the process's exit status. */
export async function runSchema(argv: string[]): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined || name === "--help" || name === "-h") {
    console.log(help());
    return name === undefined ? 1 : 0;
  }
  const schema = rest.length === 0 ? jsonSchemaOf(name) : undefined;
  if (schema === undefined) {
    const what = rest.length > 0 ? "aiperf schema takes one name" : `there is no schema ${name}`;
    fail("E_ARGUMENT", what, `use one of ${NAMES.join(", ")}`);
  }
  console.log(JSON.stringify(schema, null, 2));
  return 0;
}

function help(): string {
  return [
    "Usage: aiperf schema NAME",
    "",
    "Prints the JSON Schema of one of the files that a run leaves.",
    "",
    `Names: ${NAMES.join(", ")}`,
  ].join("\n");
}
