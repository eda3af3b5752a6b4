// Draws what a terminal shows: `bun scripts/picture.ts OUT.svg < text`. Colours of the text's own
// escape codes are kept, so a picture in the README is what a reader will see.

import { argv, stdin } from "bun";

const CELL_WIDTH = 8.4;
const LINE_HEIGHT = 18;
const MARGIN = 16;
const COLOURS: { readonly [code: string]: string } = {
  "1": "#ffffff",
  "31": "#ff7b72",
  "32": "#7ee787",
  "33": "#e3b341",
  "36": "#79c0ff",
};
const INK = "#c9d1d9";
const PAPER = "#0d1117";

const escapeXml = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** The text of a line, cut where its colour changes. */
function* runsOf(line: string): Generator<{ readonly text: string; readonly colour: string }> {
  let colour = INK;
  let from = 0;
  const colourCode = new RegExp(`${String.fromCodePoint(27)}\\[([0-9;]*)m`, "g");
  for (const match of line.matchAll(colourCode)) {
    if (match.index > from) yield { text: line.slice(from, match.index), colour };
    colour = COLOURS[match[1]!.split(";").at(-1) ?? ""] ?? INK;
    from = match.index + match[0].length;
  }
  if (from < line.length) yield { text: line.slice(from), colour };
}

/** What is left of a line after everything that was drawn over it. */
const settled = (line: string) =>
  line
    .replace(/\r+$/, "")
    .split("\r")
    .at(-1)!
    .replaceAll(`${String.fromCodePoint(27)}[K`, "");

const lines = (await new Response(stdin.stream()).text()).trimEnd().split("\n").map(settled);
const columns = Math.max(...lines.map((line) => Bun.stringWidth(line)));
const width = Math.ceil(columns * CELL_WIDTH + 2 * MARGIN);
const height = lines.length * LINE_HEIGHT + 2 * MARGIN;

const rows = lines.map((line, index) => {
  const y = MARGIN + (index + 0.75) * LINE_HEIGHT;
  let column = 0;
  const spans = [...runsOf(line)].map(({ text, colour }) => {
    const x = MARGIN + column * CELL_WIDTH;
    const length = Bun.stringWidth(text);
    column += length;
    const fitted = `textLength="${(length * CELL_WIDTH).toFixed(1)}" lengthAdjust="spacingAndGlyphs"`;
    return `<tspan x="${x.toFixed(1)}" fill="${colour}" ${fitted}>${escapeXml(text)}</tspan>`;
  });
  return `<text y="${y.toFixed(1)}" xml:space="preserve">${spans.join("")}</text>`;
});

await Bun.write(
  argv[2] ?? "picture.svg",
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<title>What a terminal shows</title>
<rect width="100%" height="100%" rx="8" fill="${PAPER}"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14">
${rows.join("\n")}
</g>
</svg>
`,
);
