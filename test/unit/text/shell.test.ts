import { expect, test } from "vitest";
import { shellQuoted } from "../../../src/text/shell.ts";

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
  ["a line break", "a\nb", "'a\nb'"],
  ["a line break at the end", "a\n", "'a\n'"],
  ["letters that are not ASCII", "é", "'é'"],
])("%s", (_, word, quoted) => {
  expect(shellQuoted(word)).toBe(quoted);
});
