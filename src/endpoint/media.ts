// Sound written down, and films made: a form with a file, and a job that takes its time.

import { endpointFacts } from "#config";
import { contentsOf, type EndpointRow, fieldsOf } from "./endpoint.ts";
import { promptOf } from "./images.ts";
import { filmJob } from "./job.ts";
import { looseString, readError, serverError } from "./reply.ts";
import { readUsage } from "./usage.ts";

export const audioTranscription: EndpointRow = {
  kind: "audio-transcription",
  ...endpointFacts("audio-transcription"),
  files: ["file"],
  body({ plan, turn }) {
    return { file: contentsOf(turn.audios), model: turn.model, ...fieldsOf(plan, turn) };
  },
  read(json, facts) {
    facts.error = readError(json);
    facts.usage = readUsage(json);
    facts.text = looseString(json.text);
  },
  readOther(value, facts) {
    // With another response_format the body is the text itself.
    facts.text = looseString(value);
    return typeof value === "string";
  },
};

export const videoGeneration: EndpointRow = {
  kind: "video-generation",
  ...endpointFacts("video-generation"),
  job: filmJob,
  body({ plan, turn }) {
    return { prompt: promptOf(turn), model: turn.model, ...fieldsOf(plan, turn) };
  },
  read(json, facts) {
    const status = looseString(json.status);
    facts.error = readError(json);
    if (status === "failed" || status === "cancelled")
      facts.error ??= serverError(`the server says that the film is ${status}`, "VideoFailed");
    facts.usage = readUsage(json);
    facts.hasOther = status === "completed";
    const { inference_time_s: seconds, peak_memory_mb: megabytes } = json;
    if (typeof seconds === "number" || typeof megabytes === "number")
      facts.media = {
        videoInferenceS: typeof seconds === "number" ? seconds : undefined,
        videoPeakMemoryMb: typeof megabytes === "number" ? megabytes : undefined,
      };
  },
};
