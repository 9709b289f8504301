/** The words for the files of a database. Pure. */
import { COMPANIONS, type Role } from "../sqlite/roles.ts";

/** `database`, `-wal`, `-journal`, `super-journal`. */
export function fileName(role: Role): string {
  return COMPANIONS.find((companion) => companion.role === role)?.suffix ?? role;
}
