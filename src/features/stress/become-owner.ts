/**
 * Run by root, this command looks at the database as root, and then becomes the user who owns it, for good: the load,
 * the copy, and what is removed at the end are that user's.
 */
import type { DatabaseReport } from "../../model/report.ts";
import { openerOf, pinFiles } from "../../safe-open/pins.ts";
import { mayRead } from "../../user/access.ts";
import { becomeUser } from "../../user/as-user.ts";
import { cannotRunError, changedError, isolatedError, refusalError } from "./errors.ts";
import { WORKER } from "./load-process.ts";

/** What the load's processes get of the environment: its user can read it. */
const KEPT_VARIABLES: ReadonlySet<string> = new Set(["PATH", "TMPDIR", "LANG", "LC_ALL", "TERM", "NO_COLOR"]);

/** @throws UserError where that user cannot do it */
export function becomeOwnerOf(database: DatabaseReport): void {
  const { givenAs } = database;
  const pins = pinFiles(database);
  const opener = pins === null ? null : openerOf(pins);
  if (opener === null) throw changedError(givenAs);
  if (opener.kind === "no-user") throw refusalError(opener, givenAs);
  const { actor, user } = opener;
  if (actor.kind === "isolated") throw isolatedError(givenAs, actor.why);
  if (user === null) return;
  const missing = [process.execPath, WORKER].find((path) => !mayRead(path, user));
  if (missing !== undefined) throw cannotRunError(givenAs, user.uid, missing);
  becomeUser(user);
  for (const name of Object.keys(process.env)) if (!KEPT_VARIABLES.has(name)) delete process.env[name];
}
