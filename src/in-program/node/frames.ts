/** The stack of a call: its innermost frames as V8 has them, and which of them are the program's own. */
import type { AnyFunction } from "./replace.ts";

export interface Frame {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly name: string | null;
  readonly owner: Owner;
  /** In the whole stack, from its top. */
  readonly place: number;
}

/** `driver`: the library of SQLite itself. */
export type Owner = "program" | "library" | "driver" | "runtime";

const LIBRARY = /[\\/]node_modules[\\/]/;
const DRIVER =
  /[\\/]node_modules[\\/](?:better-sqlite3|sqlite3|bindings)(?:-[^\\/]*)?[\\/](?!.*[\\/]node_modules[\\/])/;
const MOST_FILES = 2000;

const owners = new Map<string, Owner>();

export function ownerOf(file: string): Owner {
  const known = owners.get(file);
  if (known !== undefined) return known;
  if (owners.size >= MOST_FILES) owners.clear();
  const owner = judged(file);
  owners.set(file, owner);
  return owner;
}

function judged(file: string): Owner {
  if (file === __filename || file.startsWith("node:") || file === "native") return "runtime";
  if (!LIBRARY.test(file)) return "program";
  return DRIVER.test(file) ? "driver" : "library";
}

const asIs = (_: unknown, sites: NodeJS.CallSite[]) => sites;

/** The frames from the caller of `above` on: their lines are those of what V8 has compiled. */
export function rawFrames(above: AnyFunction, most: number): Frame[] {
  const sites = withStackOf(above, most, asIs) as NodeJS.CallSite[];
  const frames: Frame[] = [];
  if (!Array.isArray(sites)) return frames;
  for (const [place, site] of sites.entries()) {
    const file = site.getFileName() ?? site.getEvalOrigin() ?? "";
    if (file === "") continue;
    const owner = ownerOf(file);
    if (owner === "runtime") continue;
    const [line, column] = [site.getLineNumber() ?? 0, site.getColumnNumber() ?? 0];
    frames.push({ file, line, column, name: site.getFunctionName(), owner, place });
  }
  return frames;
}

/** The same in the words of the program: by its own source maps, where it has any. Null: they are not to be read. */
export function writtenStack(above: AnyFunction, most: number): string | null {
  const stack = withStackOf(above, most);
  return typeof stack === "string" ? stack : null;
}

type Prepare = (error: unknown, sites: NodeJS.CallSite[]) => unknown;

/** Error's own settings are the program's: they are as before when this returns. */
function withStackOf(above: AnyFunction, most: number, prepare?: Prepare): unknown {
  const settings = Error as { stackTraceLimit?: unknown; prepareStackTrace?: unknown };
  const limit = settings.stackTraceLimit;
  const before = settings.prepareStackTrace;
  const hadPrepare = prepare === undefined || Object.hasOwn(settings, "prepareStackTrace");
  try {
    settings.stackTraceLimit = most;
    if (prepare !== undefined) settings.prepareStackTrace = prepare;
    const holder: { stack?: unknown } = {};
    Error.captureStackTrace(holder, above);
    return holder.stack;
  } finally {
    if (limit === undefined) delete settings.stackTraceLimit;
    else settings.stackTraceLimit = limit;
    if (!hadPrepare) delete settings.prepareStackTrace;
    else if (prepare !== undefined) settings.prepareStackTrace = before;
  }
}
