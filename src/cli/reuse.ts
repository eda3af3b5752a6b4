// Prompts that are sent twice come out of a server's prefix cache the second time. That may be what
// was wanted, but nobody should learn of it from figures that are too good.

import type { Plan } from "#config";

/** What a reader should know, or nothing. `sessions` are those that each phase has opened. */
export function reuseNotes(
  { phases, dataset }: Pick<Plan, "phases" | "dataset">,
  sessions: readonly number[],
  conversations: number,
): readonly string[] {
  if (dataset.cacheBust !== "none") return [];
  let drawn = 0;
  let measured = 0;
  let again = 0;
  let isWarm = false;
  for (const [index, { kind, load }] of phases.entries()) {
    const opened = sessions[index] ?? 0;
    if (kind === "warmup") isWarm ||= opened > 0;
    else {
      measured += opened;
      // A replay begins with the recording's first session, whatever was sent before.
      const from = load.kind === "schedule" ? 0 : drawn;
      const fresh =
        load.kind === "schedule" ? opened - Math.min(drawn, opened) : conversations - from;
      again += Math.max(0, opened - Math.max(0, fresh));
    }
    drawn += opened;
  }
  if (again === 0) return [];
  const before = isWarm ? "before, in the warm-up or in the run" : "before";
  return [
    `${again} of ${measured} measured sessions repeat prompts that had been sent ${before}: a prefix cache makes such requests faster; --num-dataset-entries makes more prompts`,
  ];
}
