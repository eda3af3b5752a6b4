// Colour is decoration: a text reads the same without it, and Bun.stringWidth does not count it.

export type Paint = "bold" | "dim" | "red" | "yellow" | "green" | "cyan";

const CODES: { readonly [paint in Paint]: readonly [on: number, off: number] } = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  yellow: [33, 39],
  green: [32, 39],
  cyan: [36, 39],
};

/** Colours a text, or does not. */
export type Painter = (paint: Paint, text: string) => string;

export function painter(color: boolean): Painter {
  if (!color) return (_, text) => text;
  return (paint, text) => `\x1b[${CODES[paint][0]}m${text}\x1b[${CODES[paint][1]}m`;
}

/** Whether to use colour: on a terminal, unless NO_COLOR is set (no-color.org) or it is a dumb one. */
export function wantsColor(
  env: { readonly [name: string]: string | undefined },
  isTerminal: boolean,
): boolean {
  return isTerminal && !env.NO_COLOR && env.TERM !== "dumb";
}

/** A text from elsewhere, made safe to print: one line, and nothing that moves the cursor. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, " ").trim();
}
