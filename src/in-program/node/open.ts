/** A connection that the program opens. */
import { Connection } from "./connection.ts";
import { withoutFrame } from "./errors.ts";
import { opened } from "./opening.ts";
import { now } from "./own.ts";
import type { AnyFunction } from "./replace.ts";
import { failureName } from "./result-names.ts";
import type { Definition } from "./stream.ts";
import type { Tracer } from "./tracer.ts";

export interface Opening {
  readonly driver: string;
  /** As the program gave it. Not a string: no file. */
  readonly name: unknown;
  readonly hasUris: boolean;
  readonly readOnly: boolean;
  readonly timeoutMs: unknown;
}

/** Calls `make`, and tells of it. */
export function openConnection(
  tracer: Tracer,
  opening: Opening,
  make: () => object,
  above: AnyFunction,
): { readonly object: object; readonly connection: Connection | undefined } {
  const t0 = now();
  let object: object;
  try {
    object = make();
  } catch (error) {
    tellOpen(tracer, opening, t0, above, failureName(error));
    throw withoutFrame(error, above, "node-do-not-add-exception-line");
  }
  return { object, connection: tellOpen(tracer, opening, t0, above) };
}

function tellOpen(tracer: Tracer, opening: Opening, t0: number, above: AnyFunction, error?: string) {
  try {
    const connection = new Connection(tracer);
    const site = tracer.sites.at(above);
    tellOpened(connection, opening, { t0, t1: now(), site, who: tracer.who }, error);
    return connection;
  } catch {
    return undefined; // it is not traced
  }
}

interface When {
  readonly t0: number;
  readonly t1: number;
  readonly site: Definition | undefined;
  readonly who: Definition;
}

export function tellOpened(
  connection: Connection,
  opening: Opening,
  { t0, t1, site, who }: When,
  error?: string,
): void {
  const { stream } = connection.tracer;
  const { driver, name, hasUris, readOnly, timeoutMs } = opening;
  const { path, memory } = typeof name === "string" ? opened(name, hasUris) : { path: null, memory: null };
  const options = {
    timeoutMs: typeof timeoutMs === "number" ? timeoutMs : null,
    memory,
    readOnly,
    ...(error === undefined ? {} : { error }),
  };
  const fields = [connection.id, who.id, site?.id ?? 0, Math.floor(t0), Math.ceil(t1)];
  stream.add("open", [...fields, driver, path, options], who, site);
  stream.flush();
}
