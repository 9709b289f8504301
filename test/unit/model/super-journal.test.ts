import { expect, test } from "vitest";
import {
  isCommitted,
  missingSuperJournal,
  type SuperJournalSigns,
  type SuperJournalState,
  superJournalState,
} from "../../../src/model/super-journal.ts";

const GONE: SuperJournalSigns = { there: false, beside: false, sameFolder: true, mainThere: true };

test.each<[string, Partial<SuperJournalSigns>, SuperJournalState, boolean | null]>([
  ["gone from the database's own folder", {}, "gone", true],
  ["there", { there: true, beside: true }, "there", false],
  ["there, in another folder", { there: true, sameFolder: false, mainThere: null }, "there", false],
  ["beside: a path of a container, or of a moved folder", { beside: true, sameFolder: false }, "beside", false],
  ["beside, and whether the path is there may not be looked at", { there: null, beside: true }, "beside", false],
  ["its folder is another one: of a container, or of another database", { sameFolder: false }, "unknown", null],
  ["its folder may not be looked at", { sameFolder: null }, "unknown", null],
  ["the database that it is named after is not there", { mainThere: false }, "unknown", null],
  ["its name is none of a super-journal", { mainThere: null }, "unknown", null],
  ["its path may not be looked at", { there: null }, "unknown", null],
])("%s", (_, change, state, committed) => {
  expect(superJournalState({ ...GONE, ...change })).toBe(state);
  expect(isCommitted(state)).toBe(committed);
});

test("it is missing where SQLite would take a transaction for committed without proof", () => {
  const missing = (state: SuperJournalState) => missingSuperJournal("/app/a-mj", state, "/srv/a-mj");
  expect(missing("there")).toBeNull();
  expect(missing("gone")).toBeNull();
  expect(missing("no-answer")).toBeNull(); // SQLite waits for it
  expect(isCommitted("no-answer")).toBeNull();
  expect(missing("beside")).toEqual({ name: "/app/a-mj", beside: "/srv/a-mj" });
  expect(missing("unknown")).toEqual({ name: "/app/a-mj", beside: null });
});
