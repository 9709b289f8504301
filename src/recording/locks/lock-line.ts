/** The line of a lock that is released, or still held at the end. Pure. */

import type { LockLine } from "../lines.ts";
import { sqlFacts } from "../sql-facts.ts";
import { NO_CALL_SITE, type State } from "../state.ts";
import type { Held } from "./held.ts";

export function lockLine(state: State, held: Held): LockLine {
  return {
    type: "lock",
    ...state.who(held.pid, held.tid ?? held.pid),
    path: held.file.database.path,
    connection: held.connection?.number ?? null,
    ...(held.sharedBy > 1 ? { sharedBy: held.sharedBy } : {}),
    lock: held.name,
    lockType: held.type,
    fromMs: held.fromMs,
    toMs: held.toMs,
    atLeast: held.atLeast || held.toMs === null,
    ...sqlFacts(held.sql),
    callSite: NO_CALL_SITE,
  };
}
