/**
 * Run by root, this command looks at the database as root, and then becomes the user who owns it, for good: the load,
 * the copy, and what is removed at the end are that user's. The kernel lets him into no process that has changed its
 * user (see as-user.ts), but into its children, which run a program anew: so they get nothing of root's, neither
 * variables nor descriptors nor the current folder, and have no terminal (ownSession).
 */
import { closeSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import type { DatabaseReport } from "../../model/report.ts";
import { readStaysOpen } from "../../proc/fdinfo.ts";
import { readNames, valueOr } from "../../proc/read.ts";
import { type OpenedAs, openedAsOf } from "../../safe-open/actor.ts";
import { hardLinkedCompanion } from "../../safe-open/hard-links.ts";
import { openerOf, pinFiles } from "../../safe-open/pins.ts";
import type { Method } from "../../safe-open/protocol.ts";
import { mayRead } from "../../user/access.ts";
import { becomeUser } from "../../user/as-user.ts";
import type { User } from "../../user/user.ts";
import { changedError, refusalError } from "./errors.ts";
import { WORKER } from "./load-process.ts";
import { cannotRunError, isolatedError } from "./owner-errors.ts";
import type { FileIdentity } from "./protocol.ts";

/** What the load's processes get of the environment: its user can read it. */
const KEPT_VARIABLES: ReadonlySet<string> = new Set(["PATH", "TMPDIR", "LANG", "LC_ALL", "TERM", "NO_COLOR"]);

const SQLITE = "better-sqlite3/build/Release/better_sqlite3.node";

export interface Owned {
  /** Whom this process has become; null: it stays its caller's. */
  readonly openedAs: OpenedAs | null;
  /** The very file that was looked at. */
  readonly file: FileIdentity;
}

/** `method`: how the load's processes open it. @throws UserError where that user cannot do it */
export function becomeOwnerOf(database: DatabaseReport, method: Method): Owned {
  const { givenAs } = database;
  const pins = pinFiles(database);
  const opener = pins === null ? null : openerOf(pins, method === "in-place" ? "write" : "read");
  const [pin] = pins ?? [];
  if (pins === null || pin === undefined || opener === null) throw changedError(givenAs);
  if (opener.kind === "no-user") throw refusalError(opener, givenAs);
  const { actor, user } = opener;
  if (actor.kind === "isolated") throw isolatedError(givenAs, actor.why);
  const linked = hardLinkedCompanion(pins, actor, method);
  if (linked !== null) throw refusalError(linked, givenAs);
  const file = { device: String(pin.device), inode: String(pin.inode) };
  if (user === null) return { openedAs: null, file };
  const missing = programs().find((path) => !mayRead(path, user));
  if (missing !== undefined) throw cannotRunError(givenAs, user.uid, missing);
  leaveRoot(user);
  return { openedAs: openedAsOf(actor), file };
}

/** What the load's processes are made of. */
function programs(): string[] {
  return [process.execPath, WORKER, ...compiledCode()];
}

/** Where it was not built, the load's processes say so. */
function compiledCode(): string[] {
  try {
    return [createRequire(WORKER).resolve(SQLITE)];
  } catch {
    return [];
  }
}

function leaveRoot(user: User): void {
  for (const name of valueOr(readNames("/proc/self/fd"), []))
    if (Number(name) > 2 && readStaysOpen("/proc/self", name)) closeSync(Number(name));
  const { TMPDIR } = process.env;
  if (TMPDIR !== undefined) process.env["TMPDIR"] = resolve(TMPDIR);
  process.chdir("/"); // through its link in /proc, whoever may trace a child enters its folder, whatever lies above it
  becomeUser(user);
  for (const name of Object.keys(process.env)) if (!KEPT_VARIABLES.has(name)) delete process.env[name];
}
