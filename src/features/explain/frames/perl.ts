/** Messages and stacks of Perl: the place at the end of the message, its callers after it. Pure. */
import { type Frame, linesOfStack, named, type StackFormat } from "./frame.ts";

const PLACE = / at (\S{1,1000}) line (\d{1,9})(?:[.,;]|\s|$)/;
/** `\tmain::save(1) called at store.pl line 11` of Carp. */
const CALLED =
  /^\s+([\w:]{1,300}|eval \{\.\.\.\}|require \S{1,300})(?:\(.{0,4000}\))? called at (\S{1,1000}) line (\d{1,9})/;
/** Carp repeats the place of the message. */
const AGAIN = /^\s*at \S{1,1000} line \d{1,9}\.?$/;

export const PERL: StackFormat = {
  language: "Perl",
  cause: "first",
  stackOf(lines, at) {
    const place = PLACE.exec(lines[at] ?? "");
    if (place === null || !/[/\\]|\.(?:pl|pm|t|cgi|psgi|plx|fcgi)$/.test(place[1] ?? "")) return [];
    const calls = linesOfStack(lines, at, (text) => CALLED.test(text) || AGAIN.test(text)).flatMap((text) => {
      const [, called, file, line] = CALLED.exec(text) ?? [];
      return called === undefined ? [] : { called, file, line };
    });
    return [{ called: "", file: place[1], line: place[2] }, ...calls].map(({ file = "", line }, i): Frame => {
      const name = named(calls.slice(i).find(({ called }) => !/^(?:eval|require) /.test(called))?.called);
      return { file, line: Number(line), function: name, own: !LIBRARY.test(file) };
    });
  },
};

const LIBRARY = /[/\\](?:perl5?|perl-base|site_perl|vendor_perl)[/\\]|^\(/;
