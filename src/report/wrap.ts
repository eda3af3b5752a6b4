// Breaking text into lines of a width. Words that are longer than a line, such as a server's JSON,
// are broken where they must.

/** The lines of a text, none wider than `width` columns. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (Bun.stringWidth(longer) <= width) {
      line = longer;
      continue;
    }
    if (line !== "") lines.push(line);
    line = word;
    while (Bun.stringWidth(line) > width) {
      const head = fitting(line, width);
      lines.push(head);
      line = line.slice(head.length);
    }
  }
  return [...lines, line];
}

/** The same of a line that may begin with blanks, which its continuations then have too. */
export function wrapIndented(text: string, width: number): string[] {
  if (Bun.stringWidth(text) <= width) return [text];
  const indent = /^ */.exec(text)![0];
  const inner = Math.max(1, width - indent.length);
  return wrap(text.slice(indent.length), inner).map((line) => indent + line);
}

/** The same, cut after some lines, with an ellipsis where something is missing. */
export function wrapAtMost(text: string, width: number, linesMax: number): string[] {
  const lines = wrap(text, width);
  if (lines.length <= linesMax) return lines;
  const last = fitting(lines[linesMax - 1]!, width - 1);
  return [...lines.slice(0, linesMax - 1), `${last}…`];
}

/** The longest beginning that fits, at least one character. */
function fitting(text: string, width: number): string {
  let head = "";
  for (const character of text) {
    if (head !== "" && Bun.stringWidth(head + character) > width) break;
    head += character;
  }
  return head;
}
