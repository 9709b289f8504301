import { expect, test } from "vitest";
import { quotedPath, shellQuoted } from "../../../src/text/shell.ts";

test.each([
  ["a plain path", "/srv/app/db.sqlite3", "/srv/app/db.sqlite3"],
  ["what a shell reads as it stands", "a@b%c+d=e:f,g.h-i_j", "a@b%c+d=e:f,g.h-i_j"],
  ["a dash inside", "my-db", "my-db"],
  ["a leading dash", "-rf", "'-rf'"],
  ["nothing", "", "''"],
  ["a space", "my db", "'my db'"],
  ["a quote", "it's", "'it'\\''s'"],
  ["nothing but a quote", "'", "''\\'''"],
  ["a variable", "$HOME", "'$HOME'"],
  ["a command", "`id`;id", "'`id`;id'"],
  ["a glob", "*.db", "'*.db'"],
  ["a tilde", "~/db", "'~/db'"],
  ["a line break", "a\nb", "$'a\\nb'"],
  ["a line break at the end, a quote and a backslash", "it's \\n\n", "$'it\\'s \\\\n\\n'"],
  ["what a terminal obeys", "\x1b[2J1\u202e1", "$'\\033[2J1\\342\\200\\2561'"],
  ["a pile of marks", "a\u0301\u0301\u0301\u0301\u0301", "$'a\u0301\u0301\u0301\u0301\\314\\201'"],
  ["letters that are not ASCII", "é", "'é'"],
])("%s", (_, word, quoted) => {
  expect(shellQuoted(word)).toBe(quoted);
});

test.each([
  ["-rf", "./-rf"],
  ["-my db", "'./-my db'"],
  ["/srv/-db", "/srv/-db"],
  ["db", "db"],
])("a path as it was given is no option: %s", (path, quoted) => {
  expect(quotedPath(path)).toBe(quoted);
});
