/** In a worker: becomes the user as whom the database is opened. */
import Database from "better-sqlite3";
import { becameUser, becomeUser } from "../user/as-user.ts";
import type { User } from "../user/user.ts";

/** Null: nothing changes. @throws Error where that fails, or where an earlier job made it another user's for good */
export function becomeOpener(user: User | null): void {
  const became = becameUser();
  if (became !== null) {
    if (user?.uid === became.uid && user.gid === became.gid && user.name === became.name) return;
    throw new Error(`this process is user ${became.uid}'s for good`);
  }
  if (user === null) return;
  new Database(":memory:").close(); // its compiled code is loaded while root can still read it
  becomeUser(user);
}
