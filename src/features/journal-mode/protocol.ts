/** What the command and its worker, which alone opens the database with SQLite, tell each other. */
import type { User } from "../../worker/owner.ts";
import type { KeptMode } from "./report.ts";

export type Job =
  | {
      readonly kind: "switch";
      readonly path: string;
      /** For a link, where better-sqlite3 would trim the name. */
      readonly folder: string | null;
      /** Whom to be meanwhile; null: who runs sqlock. */
      readonly user: User | null;
      readonly to: KeptMode;
      /** How long to wait for those who are in the way, in ms. */
      readonly waitMs: number;
    }
  | { readonly kind: "read"; readonly path: string; readonly folder: string | null; readonly waitMs: number };

export type Message =
  /** It has the database open in WAL mode: nobody is the last to close it any more. Waits for an answer. */
  | { readonly kind: "attached" }
  /** SQLITE_BUSY: somebody is in the way at this moment. */
  | { readonly kind: "waiting" }
  /** `held`: nobody else writes until the answer has come. Waits for it. */
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
