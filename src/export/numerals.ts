// Numbers as text, for a file that has a hundred of them a line. A time in nanoseconds is an integer,
// so its milliseconds are its own digits with a point among them: they are put there, which takes a
// fifth of the time of finding the shortest text for a double, and gives the same text.

/** `000` to `999`, and the same without the zeros at the end. */
const THREE = Array.from({ length: 1000 }, (_, i) => String(i).padStart(3, "0"));
const TRIMMED = THREE.map((digits) => digits.replace(/0+$/, ""));

const MILLION = 1e6;
/** Up to here a double shows as many digits as the integer has. */
const DIGITS_MAX = 1e15;

/** What `String(ns / 1e6)` gives. */
export function millionthsText(ns: number): string {
  if (!(ns >= 0 && ns < DIGITS_MAX && Number.isInteger(ns))) return String(ns / MILLION);
  const whole = Math.floor(ns / MILLION);
  const rest = ns - whole * MILLION;
  // Small numbers are written with an exponent.
  if (rest === 0 || (whole === 0 && rest < 10)) return String(ns / MILLION);
  const high = Math.floor(rest / 1000);
  const low = rest - high * 1000;
  return low === 0 ? `${whole}.${TRIMMED[high]}` : `${whole}.${THREE[high]}${TRIMMED[low]}`;
}

const ZERO = 48;
const POINT = 46;
const COMMA = 44;
let room = Buffer.allocUnsafe(64 * 1024);

/** The same of many, with commas between them. */
export function millionthsList(values: Float64Array): string {
  // A double takes 24 characters at most, and its comma one.
  if (room.length < values.length * 25) room = Buffer.allocUnsafe(values.length * 25);
  let at = 0;
  for (let i = 0; i < values.length; i++) {
    const ns = values[i]!;
    if (i > 0) room[at++] = COMMA;
    const whole = Math.floor(ns / MILLION);
    let rest = ns - whole * MILLION;
    if (!(whole > 0 && whole < 1000 && rest > 0 && Number.isInteger(ns))) {
      at += room.write(millionthsText(ns), at, "latin1");
      continue;
    }
    if (whole >= 100) room[at++] = ZERO + Math.floor(whole / 100);
    if (whole >= 10) room[at++] = ZERO + (Math.floor(whole / 10) % 10);
    room[at++] = ZERO + (whole % 10);
    room[at++] = POINT;
    for (let unit = MILLION / 10; rest > 0; unit /= 10) {
      const digit = Math.floor(rest / unit);
      room[at++] = ZERO + digit;
      rest -= digit * unit;
    }
  }
  return room.toString("latin1", 0, at);
}

const SECOND = 1e9;

/** Writes monotonic times as nanoseconds since 1970, nineteen digits that no double holds. */
export function wallText(wallNs: bigint, monotonicNs: number): (ns: number) => string {
  const seconds = Number(wallNs / 1_000_000_000n);
  const fraction = Number(wallNs % 1_000_000_000n);
  return (ns) => {
    const since = fraction + Math.round(ns - monotonicNs);
    const whole = Math.floor(since / SECOND);
    // Ten digits of which the first is a 1, so that the others keep their zeros.
    return `${seconds + whole}${String(since - whole * SECOND + SECOND).slice(1)}`;
  };
}
