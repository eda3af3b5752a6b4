// How much later than it was written a token was stamped. Two processes' wall clocks differ by a
// constant; the quickest message each way tells it, as in NTP.
//
//   client   start ──╮                 ╭──▶ first … last
//   mock             ╰──▶ arrival  write

/** A request on both sides; wall-clock ns of each side's own clock. */
export interface Exchanged {
  readonly startNs: number;
  readonly arrivalNs: number;
  readonly firstWriteNs: number;
  readonly lastWriteNs: number;
  readonly firstNs: number;
  readonly lastNs: number;
}

/** The p99 of the delays of first and last tokens, the worse of the two, in ms. */
export function receiveErrorMs(requests: readonly Exchanged[]): number {
  const there = least(requests.map((request) => request.arrivalNs - request.startNs));
  const back = least(requests.map((request) => request.firstNs - request.firstWriteNs));
  const offsetNs = (back - there) / 2;
  const worse = [
    requests.map((request) => request.firstNs - request.firstWriteNs - offsetNs),
    requests.map((request) => request.lastNs - request.lastWriteNs - offsetNs),
  ].map(p99);
  return Math.max(...worse) / 1e6;
}

function least(values: readonly number[]): number {
  return values.reduce((a, b) => Math.min(a, b));
}

function p99(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil(0.99 * sorted.length) - 1]!;
}
