/** Failures as pytest prints them: the source of each frame and then its place; shortened, the place first. Pure. */
import { type Frame, named, type StackFormat } from "./frame.ts";
import { isPythonLibrary } from "./python.ts";

/** `E       sqlite3.OperationalError: database is locked`. */
const MESSAGE = /^E {3,}\S/;
/** `orders/store.py:9: OperationalError`, `orders/checkout.py:7: `; shortened: `orders/store.py:9: in save`. */
const PLACE = /^(\S.{0,1000}\.pyx?):(\d{1,9}):(?: in (.{1,300})| [\w.]{1,200}| ?)$/;
const DEFINITION = /^\s*(?:async )?def (\w{1,300})\(/;
const BEGIN = /^_{3,} .* _{3,}$/;
/** The lines of one frame: its arguments and its source. */
const LINES_OF_FRAME = 200;
const LINES_AFTER = 6;

export const PYTEST: StackFormat = {
  language: "Python",
  cause: "first",
  stackOf(lines, at) {
    if (!MESSAGE.test(lines[at] ?? "")) return [];
    const own = lines
      .slice(at + 1, at + 1 + LINES_AFTER)
      .findIndex((text) => !MESSAGE.test(text) && text.trim() !== "");
    const frames: Frame[] = [];
    for (let i = own < 0 ? at : at + 1 + own; i >= 0 && !BEGIN.test(lines[i] ?? ""); i--) {
      const match = PLACE.exec(lines[i] ?? "");
      if (match !== null) frames.push(frameOf(match, lines, i));
    }
    return frames;
  },
};

function frameOf([, file = "", line, name]: RegExpExecArray, lines: readonly string[], at: number): Frame {
  return { file, line: Number(line), function: named(name ?? definedBefore(lines, at)), own: !isPythonLibrary(file) };
}

/** The function whose source stands before its place. */
function definedBefore(lines: readonly string[], at: number): string | undefined {
  for (let i = at - 1; i >= Math.max(0, at - LINES_OF_FRAME); i--) {
    const text = lines[i] ?? "";
    if (PLACE.test(text) || BEGIN.test(text)) return undefined;
    const name = DEFINITION.exec(text)?.[1];
    if (name !== undefined) return name;
  }
  return undefined;
}
