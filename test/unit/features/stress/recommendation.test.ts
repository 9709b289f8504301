import { expect, test } from "vitest";
import { cureFor, type Recommendation, recommendationFor } from "../../../../src/features/stress/recommendation.ts";
import type { Concern, Failures } from "../../../../src/features/stress/report.ts";
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

const WAIT = { kind: "long-wait", longestMs: 4000, p99Ms: 1, busyTimeoutMs: 5000 } as const;
const READER: Concern = { ...WAIT, role: "reader" };
const WRITER: Concern = { ...WAIT, role: "writer" };
const UNEVEN: Concern = { kind: "uneven-writers", jain: 0.27, leastCommits: 1, mostCommits: 226 };
const WAL = { journalMode: "wal" } as const;

interface Circumstances {
  readonly onNetwork?: boolean;
  readonly workMs?: number;
}

test.each<[string, Recommendation | null, Concern[], Partial<Settings>, Circumstances]>([
  ["nothing is bad", null, [], {}, {}],
  ["readers wait in rollback mode", WAL, [READER], {}, {}],
  ["writers wait in rollback mode", WAL, [WRITER], {}, {}],
  ["uneven writers in rollback mode", WAL, [UNEVEN], {}, {}],
  ["writers that hold the lock: WAL mode does not shorten that", { thinkMs: 100 }, [WRITER], { holdMs: 20 }, {}],
  ["and readers beside them", WAL, [WRITER, READER], { holdMs: 20 }, {}],
  ["WAL mode does not work over a network", null, [READER], {}, { onNetwork: true }],
  [
    "exclusive transactions keep readers out",
    { transaction: "immediate" },
    [READER],
    { transaction: "exclusive" },
    { onNetwork: true },
  ],
  ["in WAL mode: all writers have their turn in a pause", { thinkMs: 100 }, [UNEVEN], { ...WAL, holdMs: 20 }, {}],
  ["with short transactions", { thinkMs: 1 }, [WRITER], WAL, {}],
  ["with longer work", { thinkMs: 20 }, [WRITER], WAL, { workMs: 3 }],
  ["they pause already", null, [UNEVEN], { ...WAL, thinkMs: 5 }, {}],
  ["readers in WAL mode", null, [READER], WAL, {}],
])("a cure: %s", (_, cure, concerns, change, { onNetwork = false, workMs = 0.1 }) => {
  const settings = { ...stressSettings({ readThenWrite: false }), journalMode: "delete" as const, ...change };
  const latencyMs = { writeWorking: { p50: workMs, p95: null, p99: null, max: null } };
  expect(
    cureFor({
      settings: { ...settings, journalMode: settings.journalMode ?? "delete" },
      concerns,
      latencyMs,
      onNetwork,
    }),
  ).toEqual(cure);
});
