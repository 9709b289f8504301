/** One database: see who has it, decide how to check it, have it checked, and say what came of it. */
import { chownSync } from "node:fs";
import { type Decision, decide } from "../../safe-open/decide.ts";
import { isReadOnce } from "../../safe-open/header.ts";
import { look, lookAgain, type Seen, startOf } from "../../safe-open/look.ts";
import { filesToCopy } from "../../safe-open/private-copy.ts";
import { type How, situationOf } from "../../safe-open/situation.ts";
import { sleep } from "../../time.ts";
import { needsLink } from "../../worker/name.ts";
import { userToBe } from "../../worker/owner.ts";
import { makePrivateFolder, removePrivateFolder } from "../../worker/private-folder.ts";
import type { Job, Refusal } from "./protocol.ts";
import type { DatabaseCheck } from "./report.ts";
import { runCheck, type Told, type Watcher } from "./run-worker.ts";
import { type Outcome, toEntry } from "./to-entry.ts";

/** How often a database that changes under the look is looked at anew. */
const MOST_TRIES = 5;

/** Between two looks at who keeps readers out. */
const POLL_MS = 100;

type Look = Extract<Decision, { kind: "look" }>;

export async function checkDatabase(givenAs: string, how: How, watcher: Watcher | null): Promise<DatabaseCheck> {
  const started = performance.now();
  const deadline = started + how.timeoutMs;
  const patience = Math.min(started + how.waitMs, deadline);
  let refused: string | null = null;
  let noRoom = false;
  for (let tries = 1; ; ) {
    const seen = await look(givenAs);
    if ("verdict" in seen) return { ...seen, durationMs: Math.round(performance.now() - started) };
    const done = async (outcome: Outcome) =>
      toEntry(seen, await afterwards(seen, outcome), how, Math.round(performance.now() - started));
    if (!seen.isDatabase) return done({ decision: null, told: null, refusal: null });
    const decision = decide({ ...situationOf(seen, how), refused, noRoom });
    if (decision.kind === "wait") {
      if (performance.now() >= patience) return done({ decision: null, told: null, refusal: { kind: "busy" } });
      await sleep(POLL_MS);
      continue;
    }
    const told = await have(seen, decision, how, deadline, watcher);
    const again = tries < MOST_TRIES ? whyAgain(told.refusal, decision, noRoom) : null;
    if (again === null) return done({ decision, told, refusal: told.refusal });
    refused = again.refused ?? refused;
    noRoom ||= told.refusal?.kind === "no-space" || told.refusal?.kind === "no-folder";
    tries++;
  }
}

/** Another look may go better; `refused` when it has to be at a copy. */
function whyAgain(
  refusal: Refusal | null,
  { method }: Look,
  noRoom: boolean,
): { readonly refused: string | null } | null {
  switch (refusal?.kind) {
    case "changed":
    case "unkept":
      return { refused: null };
    case "needs-copy":
      return method === "private-copy" ? null : { refused: `SQLite does not read it where it is (${refusal.reason})` };
    case "backup-failed":
      return { refused: `the backup API cannot copy it (${refusal.message})` };
    case "no-space":
    case "no-folder":
      return noRoom ? null : { refused: null }; // it may do without
    default:
      return null;
  }
}

async function have(
  { database, header }: Seen,
  decision: Look,
  how: How,
  deadline: number,
  watcher: Watcher | null,
): Promise<Told> {
  const folder = decision.method === "in-place" && !needsLink(database.path) ? null : makePrivateFolder();
  if (typeof folder === "object" && folder !== null) return refusedBefore({ kind: "no-folder", why: folder.why });
  const user = decision.wal === "kept-by-others" ? userToBe(database.path) : null;
  if (user !== null && folder !== null) chownSync(folder, user.uid, user.gid);
  const job: Job = {
    path: database.path,
    user,
    method: decision.method,
    folder,
    files: decision.method === "private-copy" && folder !== null ? filesToCopy(database.files, folder) : [],
    wal: decision.wal,
    watched: watcher !== null,
    schemaOnce: isReadOnce(header),
    quick: how.quick,
    foreignKeys: how.foreignKeys,
    maxProblems: how.maxProblems,
    busyMs: how.waitMs,
  };
  try {
    return await runCheck(job, Math.max(1, deadline - performance.now()), watcher);
  } finally {
    if (folder !== null) removePrivateFolder(folder);
  }
}

function refusedBefore(refusal: Refusal): Told {
  return { checks: [], problems: [], truncated: false, refusal, readLockMs: null, end: { kind: "done" } };
}

/** What only a second look can say: who is in the way, and what those have left who went meanwhile. */
async function afterwards(seen: Seen, outcome: Outcome): Promise<Outcome> {
  const inWal = outcome.decision?.wal === "kept-by-others";
  const start = startOf(seen.database.path);
  const later = outcome.refusal?.kind === "busy" || inWal ? await lookAgain(seen) : undefined;
  return { ...outcome, start, ...(later === undefined ? {} : { later }) };
}
