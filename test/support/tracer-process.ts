/** A process with a tracer, for tests that kill it, or start it where it cannot trace. Says so, and waits. */
import { TraceError } from "../../src/trace/errors.ts";
import { Tracer } from "../../src/trace/tracer.ts";

const say = (what: object): boolean => process.stdout.write(`${JSON.stringify(what)}\n`);

try {
  const tracer = Tracer.open({ bufferKb: 64 });
  const [file, offset] = process.argv.slice(2);
  const probes =
    file === undefined
      ? []
      : tracer.addProbes([
          { library: 0, file, function: "sqlite3_step", offset: Number(offset), sqlOffset: null, stateOffset: null },
        ]).added;
  say({ name: tracer.name, tracefs: tracer.tracefs, guardPid: tracer.guardPid, probes: probes.length });
  process.stdin.on("end", () => tracer.close()).resume();
} catch (error) {
  if (!(error instanceof TraceError)) throw error;
  say({ reason: error.reason, path: error.path, code: error.code });
}
