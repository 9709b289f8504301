/**
 * Loaded by every Node.js that has it in NODE_OPTIONS, in each of its threads: nearly none of them has SQLite, so that
 * this file is small. The tracer itself is in node-tracer.cjs beside it, which is loaded with the first driver.
 */
import { closeSync, fstatSync, openSync, readFileSync, readlinkSync, writeSync } from "node:fs";
import { whenAddonIsLoaded } from "./addons.ts";
import { whenSqliteIsLoaded } from "./builtin.ts";
import type { Own } from "./own.ts";
import type { Trace } from "./tracing.ts";

const TRACER = "./node-tracer.cjs";

const folder = process.env["SQLOCK_TRACE"];

if (folder?.startsWith("/")) {
  try {
    start(folder);
  } catch {
    // the program runs untraced
  }
}

function start(folder: string): void {
  const own: Own = {
    fs: { closeSync, fstatSync, openSync, readFileSync, readlinkSync, writeSync },
    startTimer: setTimeout,
    afterThis: queueMicrotask,
    bigint: process.hrtime.bigint,
    getBuiltinModule: process.getBuiltinModule,
    prepareStackTrace: Error.prepareStackTrace,
  };
  const load = require;
  let tracer: Trace | undefined;
  const tracerOf = (): Trace => {
    tracer ??= (load(TRACER) as { startTracer: (folder: string, own: Own) => Trace }).startTracer(folder, own);
    hide(load.resolve(TRACER));
    return tracer;
  };
  hide(__filename);
  whenAddonIsLoaded((addon) => tracerOf().addon(addon));
  whenSqliteIsLoaded(own.getBuiltinModule, (builtin) => tracerOf().builtin(builtin));
}

/** A program that looks finds its own modules alone. */
function hide(file: string): void {
  const loaded = require.cache[file];
  delete require.cache[file];
  const children = module.children;
  if (loaded !== undefined && children.includes(loaded)) children.splice(children.indexOf(loaded), 1);
}
