/** Stack traces of PHP: on the line of the message and after it, the innermost frame first. Pure. */
import { type Frame, linesOfStack, named, type StackFormat } from "./frame.ts";

/** `#0 /srv/shop/orders.php(12): PDO->exec()`: what was called there. */
const CALL = /^\s*#\d{1,5} (?:(\S.{0,1000}?)\((\d{1,9})\): |\[internal function\]: |)([^(]{0,300})/;
/** Where the error was made: ` in /srv/shop/orders.php:12`, ` on line 12`, Monolog's ` at /srv/shop/orders.php:12)`. */
const MADE = /(?: in | at )(\S[^:()]{0,300}?\.(?:php\d?|phtml|inc|module))(?::| on line )(\d{1,9})(?:\)|\s|$)/;
/** PHPUnit prints the places alone. */
const PLACE = /^\s*(\/.{1,1000}\.php):(\d{1,9})\s*$/;
const PART = /^\s*(?:Stack trace:|\[stacktrace\]|#\d{1,5} )/;

interface Call {
  readonly file: string | undefined;
  readonly line: number;
  readonly called: string;
}

export const PHP: StackFormat = {
  language: "PHP",
  cause: "first",
  stackOf(lines, at) {
    const calls = linesOfStack(lines, at, (text) => PART.test(text) || PLACE.test(text)).flatMap(
      (text) => callOf(text) ?? [],
    );
    const made = MADE.exec(lines[at] ?? "");
    const place = made === null ? null : { file: made[1], line: Number(made[2]), called: "" };
    // A function of PHP itself has no file: then both are the line that called it.
    const [innermost] = calls;
    const same = place !== null && innermost?.file === place.file && innermost?.line === place.line;
    const all = place === null || same ? calls : [place, ...calls];
    return all.flatMap((call, i) => frameOf(call, all[i + 1]) ?? []);
  },
};

function callOf(text: string): Call | null {
  const match = CALL.exec(text) ?? PLACE.exec(text);
  return match === null ? null : { file: match[1], line: Number(match[2] ?? 0), called: match[3] ?? "" };
}

/** It stands in the function that the next frame calls. */
function frameOf({ file, line }: Call, outer: Call | undefined): Frame | null {
  if (file === undefined) return null;
  return { file, line, function: named(outer?.called), own: !LIBRARY.test(file) };
}

const LIBRARY =
  /(?:^|[/\\])vendor[/\\]|^phar:|(?:^|[/\\])wp-(?:includes|admin)[/\\]|(?:^|[/\\])artisan$|\beval\(\)'d code/;
