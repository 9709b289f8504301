/** The names in a folder, which may be more than fit into memory (FUSE). */
import { type Dirent, opendirSync } from "node:fs";
import { asUser } from "../user/as-user.ts";
import type { User } from "../user/user.ts";

/** How many names are read at once. */
const NAMES_AT_ONCE = 512;

/** In no order, without `.` and `..`. `user`: who opens it, where root may not. @throws an error of the system */
export function* entriesOf(folder: string, user: User | null): Generator<Dirent> {
  const directory = asUser(user, () => opendirSync(folder, { bufferSize: NAMES_AT_ONCE }));
  try {
    for (let entry = directory.readSync(); entry !== null; entry = directory.readSync()) yield entry;
  } finally {
    directory.closeSync();
  }
}
