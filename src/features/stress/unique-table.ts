/** The name of the table in a database that is not sqlock's own. */
import { randomBytes } from "node:crypto";
import { TABLE } from "./protocol.ts";

/** Unlike every table of the user, and of another run. */
export function uniqueTable(): string {
  return `${TABLE}_${randomBytes(4).toString("hex")}`;
}
