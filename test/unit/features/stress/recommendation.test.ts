import { expect, test } from "vitest";
import { type Recommendation, recommendationFor } from "../../../../src/features/stress/recommendation.ts";
import type { Failures } from "../../../../src/features/stress/report.ts";
import type { Settings } from "../../../../src/features/stress/settings.ts";
import { failures, stressSettings } from "../../../support/stress-result.ts";

const IMMEDIATE = { transaction: "immediate" } as const;
const TIMEOUT = { busyTimeoutMs: 5000 };

test.each<[string, Recommendation | null, Partial<Settings>, Failures[]]>([
  ["nothing failed", null, {}, []],
  ["deferred transactions that read first", IMMEDIATE, {}, [failures()]],
  ["an outdated snapshot", IMMEDIATE, { journalMode: "wal" }, [failures({ code: "SQLITE_BUSY_SNAPSHOT" })]],
  ["the same without a timeout: a timeout would not help", IMMEDIATE, { busyTimeoutMs: 0 }, [failures()]],
  ["no timeout", TIMEOUT, { busyTimeoutMs: 0, readThenWrite: false }, [failures()]],
  ["readers without a timeout", TIMEOUT, { busyTimeoutMs: 0 }, [failures({ role: "reader", phase: "read" })]],
  ["the timeout is too short", null, { busyTimeoutMs: 100, readThenWrite: false }, [failures()]],
  ["not SQLITE_BUSY", null, { busyTimeoutMs: 0, readThenWrite: false }, [failures({ code: "SQLITE_LOCKED" })]],
])("%s", (_, recommendation, settings, all) => {
  expect(recommendationFor(stressSettings(settings), all)).toEqual(recommendation);
});
