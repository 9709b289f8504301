/** Adds probes one by one: one that fails costs itself. */
import { existsSync, readFileSync } from "node:fs";
import type { Decoder } from "./decode.ts";
import { probeDecoder } from "./decode-call.ts";
import { codeOf, TraceError } from "./errors.ts";
import { parseFormat } from "./format.ts";
import type { Instance } from "./instance.ts";
import { type Definition, definitionsOf, type Probe } from "./probe-definition.ts";
import { appendProbe, writeSetting } from "./tracefs.ts";

export interface FailedProbe {
  readonly probe: Probe;
  /** `path`: the kernel cannot have this path. `define`, `enable`: the kernel refused it. `format`: not as expected. */
  readonly step: "path" | "define" | "enable" | "format";
  /** `ENOENT`: no such file; `EINVAL`: not at an instruction; `ENOSPC`, … Null for `path`. */
  readonly code: string | null;
}

export class Uprobes {
  readonly #tracefs: string;
  readonly #instance: Instance;
  readonly #group: string;
  readonly #events = new Map<string, Definition>();

  constructor(tracefs: string, instance: Instance, group: string) {
    this.#tracefs = tracefs;
    this.#instance = instance;
    this.#group = group;
  }

  /** Entry and return of a function, or neither. `use` gets what decodes their events, before they come. */
  add(probe: Probe, use: (id: number, decoder: Decoder) => void): FailedProbe | null {
    const definitions = definitionsOf(this.#group, probe);
    if (definitions === null) return { probe, step: "path", code: null };
    let step: FailedProbe["step"] = "define";
    try {
      for (const definition of definitions) {
        step = "define";
        appendProbe(this.#tracefs, definition.text);
        this.#events.set(definition.event, definition);
      }
      // the return first: an entry without its return is a call that never ends
      for (const definition of [...definitions].reverse()) {
        const event = `${this.#instance.directory}/events/${this.#group}/${definition.event}`;
        step = "format";
        const format = parseFormat(readFileSync(`${event}/format`, "utf8"), `${event}/format`);
        use(format.id, probeDecoder(format, definition));
        step = "enable";
        writeSetting(`${event}/enable`, "1");
        this.#instance.settings.note(`${this.#group}/${definition.event}`, true);
      }
      return null;
    } catch (error) {
      const code = step === "format" ? null : error instanceof TraceError ? error.code : codeOf(error);
      for (const { event } of definitions) this.#remove(event);
      return { probe, step, code };
    }
  }

  /** Those of a library. False: some are still there. */
  removeOf(library: number): boolean {
    const events = [...this.#events].filter(([, { probe }]) => probe.library === library);
    return events.map(([event]) => this.#remove(event)).every((done) => done);
  }

  /** Those that another program has removed are defined anew, or else left out from now on. `use`: see {@link add}. */
  restore(use: (id: number, decoder: Decoder) => void): void {
    const folder = `${this.#instance.directory}/events/${this.#group}`;
    const lost = [...this.#events.values()].filter(({ event }) => !existsSync(`${folder}/${event}`));
    const libraries = new Set(lost.map(({ probe: { library } }) => library));
    for (const library of libraries) {
      const probes = new Set([...this.#events.values()].map(({ probe }) => probe));
      const own = [...probes].filter((probe) => probe.library === library);
      this.removeOf(library);
      // without one of its calls the stack of calls would be wrong: all or none
      if (own.some((probe) => this.add(probe, use) !== null)) this.removeOf(library);
    }
  }

  #remove(event: string): boolean {
    const definition = this.#events.get(event);
    if (definition === undefined) return true;
    this.#instance.settings.note(`${this.#group}/${event}`, false);
    try {
      writeSetting(`${this.#instance.directory}/events/${this.#group}/${event}/enable`, "0");
      appendProbe(this.#tracefs, `-:${this.#group}/${event}`);
    } catch (error) {
      if (codeOf(error) !== "ENOENT") return false;
    }
    this.#events.delete(event);
    return true;
  }
}
