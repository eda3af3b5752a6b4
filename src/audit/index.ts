// The door to the audit: what was gathered about the generator in, a verdict on the run out.

export { type Audit, auditOf, type Reason, type Verdict } from "./audit.ts";
export { auditBlock } from "./block.ts";
export type {
  Agreement,
  AuditFigures,
  Connections,
  Held,
  Inflated,
  MachineFigures,
  Rate,
  RequestCounts,
  StartBurst,
  ThreadFigures,
  Used,
} from "./figures.ts";
export { LIMITS, type Limits, limitsFrom } from "./limits.ts";
export {
  achievedRate,
  departure,
  type HeldOptions,
  heldConcurrency,
  type RequestTimes,
  sendLag,
  slotRefill,
  startBurst,
} from "./load.ts";
export { RULES, type Rule, type Severity } from "./rules.ts";
export { auditSchema } from "./schema.ts";
export { type Spread, spreadOf } from "./spread.ts";
export { auditLines, verdictLine } from "./words.ts";
