/** What the command and its worker, which alone opens the database with SQLite, send each other. */
import type { User } from "../../user/user.ts";
import type { KeptMode } from "./report.ts";

export type Job =
  | {
      readonly kind: "switch";
      readonly path: string;
      /** For a link, where better-sqlite3 would trim the name; null else. */
      readonly folder: string | null;
      /** The user that the worker becomes; null: the one that runs sqlock. */
      readonly user: User | null;
      readonly to: KeptMode;
      /** How long to wait for the blockers, in ms. */
      readonly waitMs: number;
    }
  | { readonly kind: "read"; readonly path: string; readonly folder: string | null; readonly waitMs: number };

export type Message =
  /** It has the database open in WAL mode: no other connection is the last one to close. Waits for an answer. */
  | { readonly kind: "attached" }
  /** SQLITE_BUSY at this moment. */
  | { readonly kind: "waiting" }
  /** `held`: no other process can write until the answer has come. Waits for an answer. */
  | { readonly kind: "switched"; readonly held: boolean }
  | { readonly kind: "read"; readonly mode: string; readonly tables: number }
  | { readonly kind: "refused"; readonly refusal: Refusal };

export type Refusal =
  /** SQLITE_BUSY until the time was up. */
  | { readonly kind: "busy" }
  /** SQLite answered with another mode than it was asked for. */
  | { readonly kind: "unchanged"; readonly mode: string }
  /** `code`: SQLITE_FULL and the like. */
  | { readonly kind: "failed"; readonly code: string; readonly message: string };
