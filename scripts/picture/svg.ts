/** Lines with the colours of a terminal as an SVG: text as text, each piece at its column, whatever the font. */
import anser from "anser";
import XMLBuilder from "fast-xml-builder";
import stringWidth from "string-width";

const WIDTH = 8.4;
const HEIGHT = 18;
const MARGIN = 16;
const SIZE = 14;

/**
 * On a ground of its own, so that it is the same on a light page and on a dark one; each of these has a contrast of 6
 * or more with it.
 */
const GROUND = "#1b1f24";
const PLAIN = "#d7dce2";
const DIM = "#a3adb8";
const COLOURS: Readonly<Record<string, string>> = {
  red: "#ff8a80",
  yellow: "#e6c15c",
  green: "#85d996",
  blue: "#8ab4f8",
  magenta: "#e2a1f0",
  cyan: "#76d3de",
};

interface Piece {
  readonly text: string;
  readonly column: number;
  readonly colour: string;
  readonly bold: boolean;
}

/** @param screen lines with ANSI sequences. @param title what a screen reader says of it. */
export function svgOf(screen: string, columns: number, title: string): string {
  const lines = linesOf(screen);
  const width = Math.ceil(columns * WIDTH + 2 * MARGIN);
  const height = lines.length * HEIGHT + 2 * MARGIN;
  const builder = new XMLBuilder({
    ignoreAttributes: false,
    attributeNamePrefix: "@",
    suppressEmptyNode: true,
    format: false,
  });
  return `${builder.build({
    svg: {
      "@xmlns": "http://www.w3.org/2000/svg",
      "@viewBox": `0 0 ${width} ${height}`,
      "@width": width,
      "@height": height,
      "@fill": PLAIN,
      "@role": "img",
      "@aria-labelledby": "title",
      title: { "@id": "title", "#text": title },
      style:
        `text{font:${SIZE}px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono","Liberation ` +
        'Mono",monospace;white-space:pre}.b{font-weight:700}',
      rect: { "@width": width, "@height": height, "@rx": 8, "@fill": GROUND },
      text: lines.flatMap((line, row) => line.map((piece) => elementOf(piece, row))),
    },
  })}\n`;
}

function elementOf({ text, column, colour, bold }: Piece, row: number): Readonly<Record<string, string | number>> {
  return {
    "@x": round(MARGIN + column * WIDTH),
    "@y": MARGIN + row * HEIGHT + SIZE,
    "@textLength": round(stringWidth(text) * WIDTH),
    "@lengthAdjust": "spacingAndGlyphs",
    ...(colour === PLAIN ? {} : { "@fill": colour }),
    ...(bold ? { "@class": "b" } : {}),
    "#text": text,
  };
}

const round = (value: number) => Math.round(value * 10) / 10;

/**
 * Runs of characters of one colour, without the spaces around them, by line. A colour may go on over the end of a line.
 */
function linesOf(screen: string): Piece[][] {
  const lines: Piece[][] = [[]];
  let column = 0;
  for (const { content, fg, decorations } of anser.ansiToJson(screen, { use_classes: true, remove_empty: true })) {
    const named = COLOURS[(fg ?? "").replace(/^ansi-(bright-)?/, "")];
    const colour = named ?? (decorations.includes("dim") ? DIM : PLAIN);
    for (const [i, part] of content.split("\n").entries()) {
      if (i > 0) {
        lines.push([]);
        column = 0;
      }
      // Cells of a table are pieces, too: not every viewer keeps several spaces within a text.
      for (const { 0: text, index } of part.matchAll(/\S+(?: \S+)*/g)) {
        const start = column + stringWidth(part.slice(0, index));
        lines.at(-1)?.push({ text, column: start, colour, bold: decorations.includes("bold") });
      }
      column += stringWidth(part);
    }
  }
  return lines;
}
