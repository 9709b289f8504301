/** Text in the room that there is, as the canvas measures it. */

/** At spaces, in at most so many lines; the last one is shortened. */
export function wrapped(context: CanvasRenderingContext2D, text: string, room: number, most: number): string[] {
  const lines: string[] = [];
  let line = "";
  const words = text.split(" ");
  for (const [i, word] of words.entries()) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line === "" || context.measureText(longer).width <= room) line = longer;
    else if (lines.length + 1 === most) {
      line = `${line} ${words.slice(i).join(" ")}`;
      break;
    } else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line].map((each) => shortened(context, each, room));
}

export function shortened(context: CanvasRenderingContext2D, text: string, room: number): string {
  if (context.measureText(text).width <= room) return text;
  let [low, high] = [0, text.length];
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (context.measureText(`${text.slice(0, middle)}\u2026`).width <= room) low = middle;
    else high = middle - 1;
  }
  return low === 0 ? "" : `${text.slice(0, low)}\u2026`;
}
