// The audit as it stands in the JSON: names with underscores, times in ms. What was not measured is
// not there.

import { NS_PER_MS } from "#core";
import type { Audit } from "./audit.ts";

/** The `audit` of profile_export_aiperf.json; auditSchema is its shape. */
export function auditBlock({ verdict, reasons, figures, limits }: Audit): object {
  return { verdict, reasons, figures: written(figures), limits: written(limits) };
}

/** Objects with their keys written; `meanNs: 2e6` becomes `mean_ms: 2`. */
function written(value: object): object {
  const entries = Object.entries(value).flatMap(([key, inner]): [string, unknown][] => {
    if (inner === undefined) return [];
    if (Array.isArray(inner)) return [[snake(key), inner.map(written)]];
    if (typeof inner === "object") return [[snake(key), written(inner)]];
    if (key.endsWith("Ns")) return [[`${snake(key.slice(0, -2))}_ms`, inner / NS_PER_MS]];
    return [[snake(key), inner]];
  });
  return Object.fromEntries(entries);
}

function snake(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
