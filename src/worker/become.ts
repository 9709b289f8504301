/** In a worker: becomes the user as whom the database is opened. */
import Database from "better-sqlite3";
import { becomeUser } from "../user/as-user.ts";
import type { User } from "../user/user.ts";

/** Null: nothing changes. @throws Error where that fails */
export function becomeOpener(user: User | null): void {
  if (user === null) return;
  new Database(":memory:").close(); // its compiled code is loaded while root can still read it
  becomeUser(user);
}
