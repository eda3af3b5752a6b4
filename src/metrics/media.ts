// Images, sound and film: how many went out, how long the sound was, and how fast they were dealt
// with. A request without any has none of these figures.

import { NS_PER_MS, NS_PER_S, type RequestRecord } from "#core";
import { type MetricRow, rowsLike } from "./row.ts";
import { requestLatencyNs } from "./timing.ts";

const { NaN: NONE } = Number;

/** Images in the request; NaN without any. */
function imagesIn(record: RequestRecord): number {
  return record.media?.images || NONE;
}

function audioS(record: RequestRecord): number {
  return record.media?.audioS ?? NONE;
}

const record = rowsLike({ kind: "record", scope: "ok", group: "default", reads: "media" });

export const MEDIA: readonly MetricRow[] = [
  record({
    tag: "video_inference_time",
    header: "Video Inference Time",
    unit: "sec",
    displayUnit: "ms",
    order: 310,
    of: (r) => r.media?.videoInferenceS ?? NONE,
  }),
  record({
    tag: "video_peak_memory",
    header: "Video Peak Memory",
    unit: "MB",
    order: 311,
    of: (r) => r.media?.videoPeakMemoryMb ?? NONE,
  }),
  record({
    tag: "rtfx",
    header: "Inverse Real-Time Factor",
    shortHeader: "RTFx",
    unit: "ratio",
    order: 850,
    largerIsBetter: true,
    of: (r) => (audioS(r) * NS_PER_S) / requestLatencyNs(r),
  }),
  record({
    tag: "image_throughput",
    header: "Image Throughput",
    unit: "images/sec",
    order: 860,
    largerIsBetter: true,
    of: (r) => (imagesIn(r) * NS_PER_S) / requestLatencyNs(r),
  }),
  record({
    tag: "image_latency",
    header: "Image Latency",
    unit: "ms/image",
    order: 861,
    of: (r) => requestLatencyNs(r) / NS_PER_MS / imagesIn(r),
  }),
  record({
    tag: "audio_duration",
    header: "Audio Duration",
    unit: "sec",
    group: "none",
    of: audioS,
  }),
  record({
    tag: "num_images",
    header: "Number of Images",
    unit: "images",
    group: "none",
    of: imagesIn,
  }),
];
