// The pace of each kind of load.

import type { LoadPlan } from "#config";
import { ArrivalPace } from "./arrivals.ts";
import { ClosedPace } from "./closed.ts";
import { OpeningPace } from "./openings.ts";
import type { Desk, Pace } from "./pace.ts";

export { openingsOf } from "./openings.ts";

export function makePace(desk: Desk, load: LoadPlan): Pace {
  if (load.kind === "concurrency") return new ClosedPace(desk, load);
  return load.kind === "rate" ? new ArrivalPace(desk, load) : new OpeningPace(desk, load);
}
