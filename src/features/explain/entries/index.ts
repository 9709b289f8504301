/**
 * All that explain knows: one entry a file. Where several have the same code, the one that the code alone stands for
 * comes first.
 */
import type { Entry } from "../entry.ts";
import { asyncContext } from "./async-context.ts";
import { atomicBlockBroken } from "./atomic-block-broken.ts";
import { closedDatabase } from "./closed-database.ts";
import { commitInProgress } from "./commit-in-progress.ts";
import { databaseIsLocked } from "./database-is-locked.ts";
import { databaseTableIsLocked } from "./database-table-is-locked.ts";
import { detachLocked } from "./detach-locked.ts";
import { diskFull } from "./disk-full.ts";
import { diskIoError } from "./disk-io-error.ts";
import { lockingProtocol } from "./locking-protocol.ts";
import { malformed } from "./malformed.ts";
import { nestedTransaction } from "./nested-transaction.ts";
import { noTransaction } from "./no-transaction.ts";
import { notADatabase } from "./not-a-database.ts";
import { poolExhausted } from "./pool-exhausted.ts";
import { readonlyDatabase } from "./readonly-database.ts";
import { safetyLevel } from "./safety-level.ts";
import { serverClosed } from "./server-closed.ts";
import { transactionAborted } from "./transaction-aborted.ts";
import { unableToOpen } from "./unable-to-open.ts";
import { unfinalizedStatements } from "./unfinalized-statements.ts";
import { walInTransaction } from "./wal-in-transaction.ts";
import { wrongThread } from "./wrong-thread.ts";

export const ENTRIES: readonly Entry[] = [
  databaseIsLocked,
  databaseTableIsLocked,
  readonlyDatabase,
  unableToOpen,
  diskIoError,
  malformed,
  notADatabase,
  diskFull,
  lockingProtocol,
  nestedTransaction,
  noTransaction,
  detachLocked,
  commitInProgress,
  unfinalizedStatements,
  walInTransaction,
  safetyLevel,
  closedDatabase,
  wrongThread,
  asyncContext,
  atomicBlockBroken,
  poolExhausted,
  transactionAborted,
  serverClosed,
];
