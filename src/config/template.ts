// What the template endpoint fills in for every request: a text on the command line, the file that
// it names, or one that comes with the program.

import { isAbsolute, join } from "node:path";
import { fail } from "#core";
import type { Dict } from "./pairs.ts";
import type { EndpointKind, EndpointPlan, Json } from "./plan.ts";
import type { ProfileContext } from "./profile.ts";

/** Templates that are known by name. */
const NAMED: { readonly [name: string]: string } = {
  "nv-embedqa": '{"text": {{ texts|tojson }}}',
};

const TEMPLATE = "payload_template";
const FIELD = "response_field";

type Shaped = Pick<EndpointPlan, "template" | "responseField" | "extraInputs">;

/**
 * Takes out of the extra inputs what shapes bodies and replies, for the kinds that have that.
 * @throws E_TEMPLATE for a template endpoint without a template
 */
export function shapedInputs(kind: EndpointKind, inputs: Dict, context: ProfileContext): Shaped {
  if (kind !== "template" && kind !== "raw")
    return { template: undefined, responseField: undefined, extraInputs: inputs };
  const { [TEMPLATE]: template, [FIELD]: field, ...extraInputs } = inputs;
  if (field !== undefined && typeof field !== "string") {
    const what = `--extra-inputs ${FIELD} is not a text`;
    fail("E_TEMPLATE", what, "give a path in JMESPath, such as data[].embedding");
  }
  return {
    template: kind === "template" ? templateOf(template, context) : undefined,
    responseField: field,
    extraInputs,
  };
}

function templateOf(given: Json | undefined, { cwd, pathKind, readText }: ProfileContext): string {
  if (given === undefined || given === null || given === "") {
    const what = "--endpoint-type template has nothing to fill in";
    fail("E_TEMPLATE", what, `add --extra-inputs '${TEMPLATE}:{"text": {{ text|tojson }}}'`);
  }
  if (typeof given !== "string") return JSON.stringify(given);
  const path = isAbsolute(given) ? given : join(cwd, given);
  if (!given.includes("{") && pathKind?.(path) === "file" && readText !== undefined)
    return readText(path);
  return NAMED[given] ?? given;
}
