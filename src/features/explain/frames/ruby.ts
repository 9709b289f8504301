/** Backtraces of Ruby and Rails: after the message or on its line, the innermost frame first. Pure. */
import { type Frame, INSTALLED_PROGRAM, isAny, linesOfStack, named, type StackFormat } from "./frame.ts";

/** `app/models/order.rb:12:in 'Order#save'`, before Ruby 3.4 with a backquote. */
const FRAME = /(?:^|\s)((?:[A-Za-z]:|<internal:)?[^\s:]{1,1000}):(\d{1,9}):in [`'\u2018]([^'\u2019]{1,300})['\u2019]/;

export const RUBY: StackFormat = {
  language: "Ruby",
  cause: "last",
  stackOf(lines, at) {
    // The next error of a chain has its message behind the label.
    const isFrame = (text: string) => FRAME.test(text) && /['\u2019]\s*$/.test(text);
    return [lines[at] ?? "", ...linesOfStack(lines, at, isFrame)].flatMap((text) => frameOf(text) ?? []);
  },
};

function frameOf(text: string): Frame | null {
  const match = FRAME.exec(text);
  if (match === null) return null;
  const [, file = "", line, label = ""] = match;
  const name = named(label.replace(/^(?:(?:block|rescue|ensure)(?: \(\d+ levels\))? in )+/, ""));
  const own = !isAny(LIBRARY, file) && !INSTALLED_PROGRAM.test(`/${file}`);
  return { file, line: Number(line), function: name, own };
}

const LIBRARY: readonly RegExp[] = [
  /[/\\]gems[/\\]|[/\\]lib(?:64)?[/\\](?:ruby|x86_64-linux-gnu|aarch64-linux-gnu)[/\\]/,
  /(?:^|[/\\])vendor[/\\](?:bundle|ruby|gems)[/\\]/,
  // `<internal:kernel>`, `(eval)`, `-e`.
  /^[<(]|^-e$/,
];
