import { expect, test } from "vitest";
import {
  isOfVectorEntries,
  isVectorFunction,
  isVectorIndex,
} from "../../../../../src/features/integrity/worker/vector-indexes.ts";
import { problem } from "../../../../support/integrity.ts";

test.each([
  ["CREATE INDEX i ON t (libsql_vector_idx(embedding))", true],
  ["CREATE INDEX i ON t (LibSQL_Vector_Idx (a, 'metric=cosine')) WHERE a", true],
  ["CREATE INDEX i ON t (a) WHERE b = 'libsql_vector_idx('", false],
  ["CREATE INDEX libsql_vector_idx ON t (a)", false],
])("%s", (sql, expected) => {
  expect(isVectorIndex(sql)).toBe(expected);
});

test("its entries are left out, its pages are not", () => {
  const isOf = isOfVectorEntries([{ table: "t", index: "v" }]);
  const of = (message: string, index = "v") => isOf(problem(message, { index, table: "t" }));
  expect(of("wrong # of entries in index v")).toBe(true);
  expect(of("row 7 missing from index v")).toBe(true);
  expect(of("Tree 3 page 4: btreeInitPage() returns error code 11")).toBe(false);
  expect(of("row 7 missing from index w", "w")).toBe(false);
});

test("its function is missing only where there is no such index", () => {
  const function_ = { type: "function", name: "libsql_vector_idx" } as const;
  expect(isVectorFunction([{ table: "t", index: "v" }])(function_)).toBe(true);
  expect(isVectorFunction([])(function_)).toBe(false);
  expect(isVectorFunction([{ table: "t", index: "v" }])({ type: "function", name: "f" })).toBe(false);
});
