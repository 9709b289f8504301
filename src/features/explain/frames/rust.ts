/** Panics and backtraces of Rust, of anyhow as well: around the message, the innermost frame first. Pure. */
import { type Frame, isAny, linesOfStack, type StackFormat } from "./frame.ts";

/** Before the message; until Rust 1.72 after it, on its line. */
const PANICKED = /(?:\bpanicked at |', )([^\s':,][^':]{0,300}\.rs):(\d{1,9}):\d{1,9}/;
const NAME = /^\s*\d{1,5}: (?:0x[0-9a-f]+ - )?(\S.{0,500})$/;
const PLACE = /^\s+at (\S.{0,1000}):(\d{1,9}):\d{1,9}\s*$/;
const PART = /^(?:[Ss]tack backtrace:|note: )/;

export const RUST: StackFormat = {
  language: "Rust",
  cause: "first",
  stackOf(lines, at) {
    const isPart = (text: string) => NAME.test(text) || PLACE.test(text) || PART.test(text);
    const backtrace = linesOfStack(lines, at, isPart).flatMap((text, i, all) => frameOf(text, all[i - 1]) ?? []);
    const panicked = panickedAt(lines[at]) ?? panickedAt(lines[at - 1]);
    if (panicked === null) return backtrace;
    const { file, line, own } = placeOf(panicked);
    const same = backtrace.find((frame) => frame.line === line && frame.file.endsWith(file.replace(/^\.\//, "")));
    return [{ file, line, own, function: same?.function ?? null }, ...backtrace];
  },
};

function panickedAt(text = ""): RegExpExecArray | null {
  return text.includes("panicked at ") ? PANICKED.exec(text) : null;
}

function frameOf(text: string, before: string | undefined): Frame | null {
  const match = PLACE.exec(text);
  const name = NAME.exec(before ?? "")?.[1];
  return match === null || name === undefined ? null : { ...placeOf(match), function: name.trim() };
}

function placeOf([, file = "", line]: RegExpExecArray): Omit<Frame, "function"> {
  return { file, line: Number(line), own: !isAny(LIBRARY, file) };
}

const LIBRARY: readonly RegExp[] = [
  /^\/rustc\/|[/\\]rustlib[/\\]|[/\\]\.?rustup[/\\]|[/\\]rust[/\\]deps[/\\]|^library[/\\](?:std|core|alloc)[/\\]/,
  /[/\\]\.cargo[/\\]|[/\\]cargo[/\\](?:registry|git)[/\\]|(?:^|[/\\])vendor[/\\]|^</,
];
