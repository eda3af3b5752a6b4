import { expect, test } from "bun:test";
import { lineSchema } from "../../src/export/schema-line.ts";
import { acceptanceObject, speculationText } from "../../src/export/spec-decode.ts";
import { makeRecord } from "../metrics/make-record.ts";

const VLLM = { engine: "vllm", steps: 4, drafted: 12, accepted: 6 };
const { usage: _, ...plain } = makeRecord();
const parsed = (text: string) => JSON.parse(`{${text.slice(1)}}`).spec_decode_acceptance;

test("what a server said is told under AIPerf's keys, in their order", () => {
  const speculation = {
    ...VLLM,
    ...{ histogram: [1, 1, 1, 1, 0], draftMax: 4 },
    ...{ acceptedByStep: [0, 1, 2, 3], draftedByStep: [3, 3, 3, 3] },
  };
  const told = parsed(speculationText(makeRecord({ speculation })));
  expect(Object.keys(told)).toEqual([
    "engine",
    "mean_acceptance_length",
    "draft_acceptance_rate",
    "acceptance_histogram",
    "num_accepted_draft_tokens",
    "num_draft_tokens",
    "num_spec_steps",
    "num_spec_tokens",
    "per_step_accepted",
    "per_step_drafted",
  ]);
  expect(told).toMatchObject({ mean_acceptance_length: 2.5, draft_acceptance_rate: 0.5 });
  expect(told.acceptance_histogram).toEqual({ "0": 1, "1": 1, "2": 1, "3": 1 });
  expect(lineSchema.shape.spec_decode_acceptance.parse(told)).toEqual(told);
});

test("without steps there are none to divide by", () => {
  const speculation = { engine: "vllm", steps: 0, drafted: 0, accepted: 0 };
  expect(parsed(speculationText({ ...plain, usage: undefined, speculation }))).toMatchObject({
    ...{ mean_acceptance_length: 1, draft_acceptance_rate: 0, acceptance_histogram: {} },
  });
});

test("a request without it has no such key", () => expect(speculationText(makeRecord())).toBe(""));

test("places without steps are left out", () =>
  expect(acceptanceObject([0, 2, 0, 1])).toEqual({ "1": 2, "3": 1 }));
