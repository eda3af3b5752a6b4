// Published data sets: where their files are, and what becomes of them.

import type { EndpointPlan, PublicPlan, RuntimePlan } from "#config";
import type { Session } from "#core";
import type { Tokenizer } from "#tokenizer";
import { loadShareGpt } from "./sharegpt.ts";

/** Brings a file of a data set on the hub to this machine, and says where it is. */
export type PublicFiles = (file: PublicFile) => Promise<string>;

export interface PublicFile {
  readonly repo: string;
  readonly path: string;
}

export interface PublicRequest {
  readonly plan: {
    readonly dataset: PublicPlan;
    readonly endpoint: EndpointPlan;
    readonly runtime: RuntimePlan;
  };
  readonly tokenizer: Tokenizer;
  readonly seed: number;
}

const FILES: { readonly [name in PublicPlan["name"]]: PublicFile } = {
  sharegpt: {
    repo: "anon8231489123/ShareGPT_Vicuna_unfiltered",
    path: "ShareGPT_V3_unfiltered_cleaned_split.json",
  },
};

/** @throws E_DATASET_DOWNLOAD, and what reading the file raises */
export async function loadPublic(request: PublicRequest, files: PublicFiles): Promise<Session[]> {
  return loadShareGpt(await files(FILES[request.plan.dataset.name]), request);
}
