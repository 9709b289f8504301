/** What the command and its worker, which alone opens the database with SQLite, send each other. */
import type { User } from "../../user/user.ts";
import type { OpenFile } from "../../worker/descriptors.ts";
import type { Pin } from "../../worker/pin.ts";
import type { KeptMode } from "./report.ts";

/** What is opened, and by whom. */
export interface Opening {
  readonly path: string;
  readonly database: Pin;
  /** The files of the look, the database first. */
  readonly pins: readonly Pin[];
  /** The user that the worker becomes; null: the one that runs sqlock. */
  readonly user: User | null;
}

export interface OpenJob extends Opening {
  /** For a link, where better-sqlite3 would trim the name; null else. */
  readonly folder: string | null;
  /** How long to wait for the blockers, in ms. */
  readonly waitMs: number;
}

export type Job =
  | (OpenJob & { readonly kind: "switch"; readonly to: KeptMode })
  | (OpenJob & { readonly kind: "read" });

export type Message =
  /**
   * It has the database open in WAL mode: no other connection is the last one to close. `files`: what it has open.
   * Waits for an answer.
   */
  | { readonly kind: "attached"; readonly files: readonly OpenFile[] }
  /** SQLITE_BUSY at this moment. */
  | { readonly kind: "waiting" }
  /** Waits for an answer. */
  | ({ readonly kind: "switched" } & Switched)
  | { readonly kind: "read"; readonly mode: string; readonly tables: number }
  | { readonly kind: "refused"; readonly refusal: Refusal };

export interface Switched {
  /** No other process can write until the answer has come. */
  readonly held: boolean;
  /** The change counter in the database when WAL mode was left, before another process could write; null: not known. */
  readonly counter: number | null;
}

export type Refusal =
  /** SQLITE_BUSY until the time was up. */
  | { readonly kind: "busy" }
  /** SQLite answered with another mode than it was asked for. */
  | { readonly kind: "unchanged"; readonly mode: string }
  /** The path leads to another file than at the look. `switched`: that showed only after the change. */
  | { readonly kind: "another-file"; readonly switched: boolean }
  /** `code`: SQLITE_FULL and the like. */
  | { readonly kind: "failed"; readonly code: string; readonly message: string };
