// What to send: sessions of turns, made before the run begins.

export { type DatasetRequest, synthesize } from "./synthetic.ts";
