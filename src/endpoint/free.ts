// Endpoints of which only the user knows what they speak: a body by a template, a body as the data
// has it, and one of NVIDIA's that answers in its own way.

import { type EndpointPlan, endpointFacts } from "#config";
import { assert, fail } from "#core";
import { contentsOf, type EndpointRow, fieldsOf } from "./endpoint.ts";
import { type Lookup, probe, probeOther, takeFound } from "./probe.ts";
import { looseObject, readError } from "./reply.ts";
import { readUsage } from "./usage.ts";

export const solidoRag: EndpointRow = {
  kind: "solido-rag",
  ...endpointFacts("solido-rag"),
  body({ plan, turn }) {
    return {
      query: contentsOf(turn.texts),
      filters: { family: "Solido", tool: "SDE" },
      inference_model: turn.model,
      ...fieldsOf(plan, turn),
    };
  },
  read: probe,
  readOther: probeOther,
};

export const raw: EndpointRow = {
  kind: "raw",
  ...endpointFacts("raw"),
  body: () =>
    fail(
      "E_RAW_PAYLOAD",
      "--endpoint-type raw sends what the data says, and a turn of it has no payload",
      "give --input-file with payloads, or another --endpoint-type",
    ),
  read: probe,
  readOther: probeOther,
};

/** Not to be used before it is opened: what it fills in is not known. */
export const template: EndpointRow = {
  kind: "template",
  ...endpointFacts("template"),
  body: () => {
    assert(false, "a template is opened before it is filled in");
  },
  read: probe,
  readOther: probeOther,
};

/**
 * The row of an endpoint that the user shaped, with what that needs loaded.
 * @throws E_TEMPLATE for a template or a path that cannot be read
 */
export async function openFree(row: EndpointRow, plan: EndpointPlan): Promise<EndpointRow> {
  let open = row;
  if (plan.template !== undefined) {
    const { templateBody } = await import("./template.ts");
    open = { ...open, body: templateBody(plan.template) };
  }
  if (plan.responseField !== undefined) {
    const { lookupOf } = await import("./lookup.ts");
    open = withField(open, lookupOf(plan.responseField));
  }
  return open;
}

/** A row that finds content where the user says; raw replies without it are probed. */
function withField(row: EndpointRow, lookup: Lookup): EndpointRow {
  return {
    ...row,
    read(json, facts) {
      if (row.kind === "raw") probe(json, facts);
      facts.error = readError(json);
      facts.usage = readUsage(json);
      const probed = { ...facts };
      if (!takeFound(lookup(json), facts) && row.kind === "raw") Object.assign(facts, probed);
      else if (row.kind === "raw") facts.reasoning = facts.tool = "";
    },
    readOther(value, facts) {
      if (looseObject(value) === undefined && typeof value !== "string")
        return takeFound(lookup(value), facts) || (row.kind === "raw" && probeOther(value, facts));
      return probeOther(value, facts);
    },
  };
}
