import { expect, test } from "vitest";
import { render } from "../../../../src/render/integrity/index.ts";
import type { ReporterName } from "../../../../src/render/integrity/reporter-names.ts";
import { CONTEXT, corrupt, integrityReport } from "../../../support/integrity.ts";

const START: Record<ReporterName, RegExp> = {
  pretty: /^\/srv\/app\/db\.sqlite3: corrupt, 6 problems/,
  json: /^\{\n {2}"schemaVersion": 1,/,
  junit: /^<\?xml version="1\.0"/,
  github: /^::error file=app\/db\.sqlite3/,
  sarif: /^\{\n.*"\$schema": "[^"]*sarif/s,
};

test.each(Object.entries(START))("%s: its text, with one newline at the end", (name, start) => {
  const text = render(name as ReporterName, integrityReport(corrupt()), CONTEXT);
  expect(text).toMatch(start);
  expect(text).toMatch(/[^\n]\n$/);
});
