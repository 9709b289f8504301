import { expect, test } from "vitest";
import { programOf } from "../../../../src/features/explain/log-program.ts";

test.each([
  ["web-1  | database is locked", "web-1  | ", "web-1"],
  ["12:00:00 web.1  | database is locked", "12:00:00 web.1  | ", "web.1"],
  ["[pod/web-7d4/app] database is locked", "[pod/web-7d4/app] ", "[pod/web-7d4/app]"],
  ["Mar 01 12:00:00 host web[123]: database is locked", "Mar 01 12:00:00 host web[123]: ", "host web[123]"],
  ["database is locked", "", ""],
  ["a | b", "a | ", "a"],
  ["A | b", "", ""],
  ["[error] database is locked", "", ""],
])("%s", (line, prefix, name) => {
  const program = programOf(line);
  expect(program.prefix).toBe(prefix);
  expect(program.name).toBe(name);
});
