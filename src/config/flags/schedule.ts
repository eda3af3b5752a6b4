// Flags about replaying given times, about users with a pace of their own, and about cancelling.

import { group } from "./row.ts";

export const FIXED_SCHEDULE = group("Fixed schedule", [
  {
    names: ["--fixed-schedule"],
    kind: "boolean",
    since: "0.5",
    help: "send each request at its timestamp",
  },
  {
    names: ["--no-fixed-schedule"],
    kind: "boolean",
    since: "0.13",
    help: "ignore timestamps that the input has",
  },
  {
    names: ["--fixed-schedule-auto-offset"],
    kind: "boolean",
    since: "0.5",
    defaultNote: "on, unless a start is given",
    help: "make the first timestamp the start",
  },
  {
    names: ["--fixed-schedule-start-offset"],
    kind: "integer",
    since: "0.5",
    min: 0,
    value: "MS",
    help: "leave out what is earlier",
  },
  {
    names: ["--fixed-schedule-end-offset"],
    kind: "integer",
    since: "0.5",
    min: 0,
    value: "MS",
    help: "leave out what is later",
  },
]);

export const USERS = group("Users and cancellation", [
  {
    names: ["--user-centric-rate"],
    kind: "number",
    since: "0.5",
    above: 0,
    max: 1e6,
    value: "PER-SECOND",
    help: "requests each second from all users together, each at an even pace",
  },
  {
    names: ["--num-users"],
    kind: "integer",
    since: "0.5",
    min: 1,
    sweeps: true,
    help: "how many users there are at any time",
  },
  {
    names: ["--request-cancellation-rate"],
    kind: "number",
    since: "0.5",
    above: 0,
    max: 100,
    value: "PERCENT",
    help: "share of requests to abandon",
  },
  {
    names: ["--request-cancellation-delay"],
    kind: "number",
    since: "0.5",
    min: 0,
    max: 1e9,
    default: 0,
    value: "SECONDS",
    help: "how long after sending a request is abandoned",
  },
]);

export const SYNTHESIS = group("Trace synthesis", [
  {
    names: ["--synthesis-speedup-ratio"],
    kind: "number",
    since: "0.5",
    min: 0,
    default: 1,
    help: "how much closer together requests come than in the trace",
  },
  {
    names: ["--synthesis-prefix-len-multiplier"],
    kind: "number",
    since: "0.5",
    min: 0,
    default: 1,
    help: "factor on the shared prefixes' lengths",
  },
  {
    names: ["--synthesis-prefix-root-multiplier"],
    kind: "integer",
    since: "0.5",
    min: 1,
    default: 1,
    help: "how many copies of the prefix tree to spread requests over",
  },
  {
    names: ["--synthesis-prompt-len-multiplier"],
    kind: "number",
    since: "0.5",
    min: 0,
    default: 1,
    help: "factor on the unshared part of prompts",
  },
  {
    names: ["--synthesis-output-len-multiplier"],
    kind: "number",
    since: "0.13",
    min: 0,
    default: 1,
    help: "factor on the replies' lengths",
  },
  {
    names: ["--synthesis-max-isl"],
    kind: "integer",
    since: "0.5",
    min: 1,
    value: "TOKENS",
    help: "leave out longer prompts",
  },
  {
    names: ["--synthesis-max-osl"],
    kind: "integer",
    since: "0.5",
    min: 1,
    value: "TOKENS",
    help: "cut longer replies down to this",
  },
]);
