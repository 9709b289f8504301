/** Stack traces of .NET: after the message, the innermost frame first, a cause before what it caused. Pure. */
import { type Frame, isAny, linesOfStack, type StackFormat } from "./frame.ts";

const AT = /^\s*at ([^\s(][^(]{0,500})\(/;
/** Between an inner exception and what it caused; `dotnet test` prints a heading. */
const PART = /^\s*(?:--- End of |Stack Trace:)/;
const PLACE = /\) in (\S.{0,1000}):line (\d{1,9})\s*$/;

export const DOTNET: StackFormat = {
  language: ".NET",
  cause: "last",
  stackOf(lines, at) {
    return linesOfStack(lines, at, (text) => AT.test(text) || PART.test(text)).flatMap((text) => frameOf(text) ?? []);
  },
};

/** Null: a library's, which has no place; the program's own have one where its .pdb files are there. */
function frameOf(text: string): Frame | null {
  const [place, at] = [PLACE.exec(text), AT.exec(text)];
  if (place === null || at === null) return null;
  const [, file = "", line] = place;
  const name = at[1]?.trim() ?? "";
  return { file, line: Number(line), function: name, own: !isAny(LIBRARY, name) && !/^[/\\]_\d?[/\\]/.test(file) };
}

const LIBRARY: readonly RegExp[] = [
  /^(?:System|Microsoft|Interop|SQLitePCL|SQLite|Dapper|NHibernate|FluentMigrator|ServiceStack|LinqToDB)\./,
  /^(?:SqlSugar|FreeSql|MediatR|Hangfire|Quartz|Serilog|AutoMapper|Castle|Polly|Xunit|NUnit|MassTransit)\./,
];
