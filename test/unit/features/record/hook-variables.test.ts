import { expect, test } from "vitest";
import { hookVariables } from "../../../../src/features/record/hook-variables.ts";
import { BLOCKER, waitLine } from "../../../support/record-end.ts";
import { callSite } from "../../../support/recording.ts";

const FACTS = { path: "/srv/app/db.sqlite3", waiter: null, blocker: null, atMs: 0 };

test("lines of code of both sides, as an editor opens them", () => {
  const wait = waitLine({ callSite: callSite(42), blockers: [{ ...BLOCKER, callSite: callSite(17) }] });
  expect(hookVariables({ ...FACTS, wait }, "")).toMatchObject({
    SQLOCK_CALL_SITE: "/srv/app/shop/views.py:17",
    SQLOCK_WAITER_CALL_SITE: "/srv/app/shop/views.py:42",
  });
});

test("empty where they are not known", () => {
  const variables = hookVariables({ ...FACTS, wait: waitLine({ blockers: [] }) }, "");
  expect(variables).toMatchObject({ SQLOCK_CALL_SITE: "", SQLOCK_WAITER_CALL_SITE: "" });
});
