// A wall-clock moment as AIPerf writes it: local time, microseconds, no zone.

/** `2026-11-24T08:18:29.749211`, from nanoseconds since 1970. */
export function localTime(wallNs: bigint): string {
  const micros = wallNs / 1000n;
  const date = new Date(Number(micros / 1000n));
  const pad = (value: number, digits = 2): string => String(value).padStart(digits, "0");
  const day = `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
  const time = `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
  return `${day}T${time}.${pad(Number(micros % 1_000_000n), 6)}`;
}
