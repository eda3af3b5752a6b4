// The metrics of a request as JSON. From one request to the next most of it stays as it is: names,
// units, and the many figures that never vary. So a whole text is kept, and copied up to each figure
// that is another one.

import { NS_PER_MS } from "#core";
import { divisor, type RecordValues } from "#metrics";
import { ByteText, NUMBER_BYTES_MAX } from "./byte-text.ts";

const [OPEN, CLOSE] = [123, 125];
const [OPEN_LIST, CLOSE_LIST] = [91, 93];
/** After so many requests the text that is kept is made anew: what had varied may have settled. */
const REQUESTS_KEPT = 128;

/** The text around a value, and what makes it a display value. */
interface Piece {
  /** With a comma in front. */
  readonly before: Buffer;
  readonly after: Buffer;
  readonly divisor: number;
}

function pieceOf(row: RecordValues["rows"][number]): Piece {
  const unit = row.displayUnit ?? row.unit;
  return {
    before: Buffer.from(`,${JSON.stringify(row.tag)}:{"value":`),
    after: Buffer.from(`,"unit":${JSON.stringify(unit)}}`),
    divisor: divisor(row.unit, unit),
  };
}

/** Writes the metrics of requests that have the same rows. */
export class MetricsText {
  readonly #pieces: readonly Piece[];
  readonly #roomBytes: number;
  /** The metrics as they were: of each row where its text begins, and where in it the value lies. */
  readonly #kept = new ByteText();
  readonly #cells: Float64Array;
  readonly #begins: Int32Array;
  readonly #valueBegins: Int32Array;
  readonly #valueEnds: Int32Array;
  #requests = 0;

  constructor(rows: RecordValues["rows"]) {
    const pieces = rows.map(pieceOf);
    this.#pieces = pieces;
    this.#roomBytes = pieces.reduce(
      (sum, { before, after }) => sum + before.length + after.length + NUMBER_BYTES_MAX,
      2,
    );
    this.#kept.reserve(this.#roomBytes);
    this.#cells = new Float64Array(rows.length).fill(Number.NaN);
    this.#begins = new Int32Array(rows.length + 1);
    this.#valueBegins = new Int32Array(rows.length);
    this.#valueEnds = new Int32Array(rows.length);
  }

  /** Adds a request's metrics, as a JSON object. */
  add(to: ByteText, { cells }: RecordValues): void {
    if (this.#requests-- === 0) this.#keep(cells);
    to.reserve(this.#roomBytes);
    const start = to.length;
    const kept = this.#kept;
    const known = this.#cells;
    let from = 0;
    for (let row = 0; row < cells.length; row++) {
      const cell = cells[row]!;
      if (typeof cell !== "number") {
        if (cell.length === 0) continue;
        to.putPart(kept, from, this.#begins[row]!);
        from = this.#begins[row]!;
        this.#list(to, this.#pieces[row]!, cell);
      } else if (cell !== known[row] && !(isAbsent(cell) && isAbsent(known[row]!))) {
        from = this.#change(to, from, row, cell);
      }
    }
    to.putPart(kept, from, kept.length);
    // The object opens where the first comma would be.
    if (to.length > start) to.bytes[start] = OPEN;
    else to.putByte(OPEN);
    to.putByte(CLOSE);
  }

  /** Adds what is kept up to a row, and the row with another value; answers how far that was. */
  #change(to: ByteText, from: number, row: number, cell: number): number {
    const kept = this.#kept;
    const piece = this.#pieces[row]!;
    if (isAbsent(cell)) {
      to.putPart(kept, from, this.#begins[row]!);
      return this.#begins[row + 1]!;
    }
    if (isAbsent(this.#cells[row]!)) {
      to.putPart(kept, from, this.#begins[row]!);
      to.put(piece.before);
      putValue(to, piece, cell);
      to.put(piece.after);
      return this.#begins[row]!;
    }
    to.putPart(kept, from, this.#valueBegins[row]!);
    putValue(to, piece, cell);
    return this.#valueEnds[row]!;
  }

  #list(to: ByteText, piece: Piece, values: Float64Array): void {
    to.put(piece.before);
    to.putByte(OPEN_LIST);
    if (piece.divisor === NS_PER_MS) to.millionthsList(values);
    else to.text(values.map((value) => value / piece.divisor).join(","));
    to.putByte(CLOSE_LIST);
    to.reserve(this.#roomBytes);
    to.put(piece.after);
  }

  /** Makes the text of these metrics the one that is kept. */
  #keep(cells: RecordValues["cells"]): void {
    const kept = this.#kept;
    kept.length = 0;
    for (let row = 0; row < cells.length; row++) {
      const cell = cells[row]!;
      this.#begins[row] = kept.length;
      this.#cells[row] = Number.NaN;
      if (typeof cell !== "number" || isAbsent(cell)) continue;
      const piece = this.#pieces[row]!;
      this.#cells[row] = cell;
      kept.put(piece.before);
      this.#valueBegins[row] = kept.length;
      putValue(kept, piece, cell);
      this.#valueEnds[row] = kept.length;
      kept.put(piece.after);
    }
    this.#begins[cells.length] = kept.length;
    this.#requests = REQUESTS_KEPT;
  }
}

function putValue(to: ByteText, piece: Piece, cell: number): void {
  if (piece.divisor === NS_PER_MS) to.putMillionths(cell);
  else to.putNumber(cell / piece.divisor);
}

/** What is not finite is no figure. */
function isAbsent(cell: number): boolean {
  return !Number.isFinite(cell);
}
