/** Connections of the programs: a pointer of a process, until it is closed. Pure. */
import type { Database } from "../locks/database.ts";
import type { Transaction } from "./transaction.ts";

export class Connection {
  /** In this recording; null until it is seen to be of one of its databases. */
  number: number | null = null;
  /** Those whose locks it was seen to take. */
  readonly databases: Database[] = [];
  transaction: Transaction | null = null;
  /** What it did while no transaction of it was known, and no border was seen: it may have begun before. */
  earlier: Transaction | null = null;
  /** Whether it is between BEGIN and COMMIT shows by a statement that was seen; else it may have begun before. */
  isBorderKnown = false;

  readonly pid: number;
  readonly pointer: number;

  constructor(pid: number, pointer: number) {
    this.pid = pid;
    this.pointer = pointer;
  }

  isOf(database: Database): boolean {
    return this.databases.includes(database);
  }
}
