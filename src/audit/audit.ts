// The verdict on a run: whether its load was what was asked, and how much of its figures is ours.

import type { AuditFigures } from "./figures.ts";
import type { Limits } from "./limits.ts";
import { RULES, type Rule, type Severity } from "./rules.ts";

export type Verdict = "valid" | Severity;

export interface Reason {
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly value: number;
  /** What the value had to stay at or below. */
  readonly limit: number;
  readonly unit: Rule["unit"];
}

export interface Audit {
  readonly verdict: Verdict;
  /** The gravest first; empty for a valid run. */
  readonly reasons: readonly Reason[];
  readonly figures: AuditFigures;
  readonly limits: Limits;
}

/** Judges a run by what was gathered about the generator. */
export function auditOf(figures: AuditFigures, limits: Limits): Audit {
  const found = RULES.flatMap((rule) => reasonOf(rule, figures, limits) ?? []);
  const of = (severity: Severity) => found.filter((reason) => reason.severity === severity);
  const reasons = [...of("invalid"), ...of("doubtful")];
  return { verdict: reasons[0]?.severity ?? "valid", reasons, figures, limits };
}

function reasonOf(rule: Rule, figures: AuditFigures, limits: Limits): Reason | undefined {
  const value = rule.of(figures, limits);
  const limit = rule.limit?.(limits, figures) ?? 0;
  if (value === undefined || !(value > limit)) return undefined;
  const { code, severity, unit } = rule;
  return {
    ...{ code, severity, value, limit, unit },
    message: rule.message(figures, sizeOf(value, unit)),
  };
}

function sizeOf(value: number, unit: Rule["unit"]): string {
  if (unit === "count") return String(value);
  return `${value.toFixed(value < 100 ? 1 : 0)} ${unit}`;
}
