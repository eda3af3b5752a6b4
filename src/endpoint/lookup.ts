// Paths in JMESPath, compiled once. In a file of its own because few runs need the library.

import { compile, type JSONValue, TreeInterpreter } from "@jmespath-community/jmespath";
import { fail, messageOf } from "#core";
import type { Lookup } from "./probe.ts";

/** @throws E_TEMPLATE for what is no path */
export function lookupOf(path: string): Lookup {
  try {
    const compiled = compile(path);
    return (json) => {
      try {
        return TreeInterpreter.search(compiled, json as JSONValue);
      } catch {
        // A function that does not fit what the reply has there finds nothing.
        return undefined;
      }
    };
  } catch (error) {
    const what = `--extra-inputs response_field is not a path in JMESPath: ${messageOf(error)}`;
    return fail("E_TEMPLATE", what, "write it like data[].embedding");
  }
}
