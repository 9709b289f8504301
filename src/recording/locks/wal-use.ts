/** Who uses the -shm of a database now, as far as its locks tell. Pure. */
import type { Database } from "./database.ts";
import type { Held } from "./held.ts";
import { DMS, READ0, READ4 } from "./slots.ts";

/** A lock on READ*k*: the read mark `mark` of the wal-index stays what it is while it is held. */
export interface WalReader {
  readonly held: Held;
  /** k. */
  readonly mark: number;
}

export interface WalUse {
  /** Of the -shm, as the kernel's events have it. */
  readonly inode: number;
  /** Somebody has it open: what it says is up to date. */
  readonly isOpen: boolean;
  /** Null: locks may be held that are not known. */
  readonly readers: readonly WalReader[] | null;
}

/** Null: which file is the -shm is not known, or there is none. */
export function walUse({ shm, confirmedShm }: Database): WalUse | null {
  if (shm === null || confirmedShm !== null) return null;
  const readers: WalReader[] = [];
  for (let slot = READ0; slot <= READ4; slot++)
    for (const held of shm.slots[slot] ?? []) if (held.type === "read") readers.push({ held, mark: slot - READ0 });
  const isOpen = (shm.slots[DMS] ?? []).length > 0;
  return { inode: shm.inode, isOpen, readers: shm.incomplete ? null : readers };
}
