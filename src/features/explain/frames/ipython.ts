/** Tracebacks of IPython and Jupyter: before the message, with lines of the source, the innermost frame last. Pure. */
import { type Frame, named, type StackFormat } from "./frame.ts";
import { isPythonLibrary } from "./python.ts";

/** From IPython 8 on: `File /srv/app.py:5, in save(order)`. */
const FILE = /^File (.{1,1000}):(\d{1,9})(?:, in (.{1,300}))?$/;

/** `Cell In[2], line 1`; of 8.0 to 8.6 `Input In [2], in <cell line: 1>()` and `Cell In [2], line 1`. */
const CELL =
  /^((?:Cell|Input) In ?\[\d{1,9}\])(?:, in <(?:cell )?line: (\d{1,9})>\(\)|, line (\d{1,9})(?:, in (.{1,300}))?)$/;

/** Before 8: `/srv/app.py in save(order)`, `<ipython-input-2-1f2e> in <module>`; the arrow has the line. */
const OLD = /^([~/]\S{0,1000}|[A-Z]:\\\S{0,1000}|<ipython-input-\S{1,100}>) in (.{1,300})$/;

/** `----> 5     con.execute(…)`. */
const ARROW = /^-+> ?(\d{1,9})(?:\s|$)/;

/** `      3 def save():`, an arrow, and what stands for lines and frames that are left out. */
const SOURCE = /^\s*\d{1,9}(?:\s|$)|^-+> ?\d|^\s*\(\.\.\.\)$|^\s*\.{3}|^\s*\[\.\.\. .{1,200}\]$/;

/** Between a frame and the next one, or the message. */
const LINES_OF_FRAME = 30;

export const IPYTHON: StackFormat = {
  language: "Python",
  cause: "first",
  stackOf(lines, at) {
    const frames: Frame[] = [];
    let arrow: number | null = null;
    let last = at;
    for (let i = at - 1; i >= 0 && last - i <= LINES_OF_FRAME; i--) {
      const text = (lines[i] ?? "").trimEnd();
      const frame = frameOf(text, arrow);
      if (frame !== null) {
        if (arrow !== null) frames.push(frame);
        arrow = null;
        last = i;
      } else if (text !== "" && !SOURCE.test(text)) break;
      const line = ARROW.exec(text)?.[1];
      if (line !== undefined) arrow = Number(line);
    }
    return frames;
  },
};

/** `arrow`: the line at the arrow below it. */
function frameOf(text: string, arrow: number | null): Frame | null {
  const cell = CELL.exec(text);
  if (cell !== null)
    return { file: cell[1] ?? "", line: Number(cell[2] ?? cell[3]), function: functionOf(cell[4]), own: true };
  const inFile = FILE.exec(text);
  const [, file = "", where] = inFile ?? OLD.exec(text) ?? [];
  if (file === "") return null;
  const isCell = file.startsWith("<ipython-input-");
  const name = inFile === null ? where : inFile[3];
  const line = inFile === null ? (arrow ?? 0) : Number(inFile[2]);
  return { file, line, function: functionOf(name), own: isCell || !isPythonLibrary(file) };
}

/** `Store.save(self, con, order)` without what it was called with. */
function functionOf(text: string | undefined): string | null {
  return named(text?.replace(/\(.*$/, ""));
}
