/**
 * An instance of tracefs: buffers and events of our own, beside those of others. Source:
 * Documentation/trace/ftrace.rst, "Instances".
 */
import { existsSync, mkdirSync } from "node:fs";
import { readNames, readText, valueOr } from "../proc/read.ts";
import { availableKbOf, bufferSizes, cpuCount } from "./buffer.ts";
import { TraceError } from "./errors.ts";
import type { EventFormat } from "./format.ts";
import { Settings } from "./settings.ts";
import { removeInstance } from "./sweep.ts";
import { attempt, readFormat, writeTracefs } from "./tracefs.ts";

export interface InstanceOptions {
  /** Of each CPU, in kB; by default what fits the machine. */
  readonly bufferKb?: number | undefined;
}

export class Instance {
  readonly directory: string;
  readonly settings: Settings;
  readonly #tracefs: string;
  readonly #name: string;

  /** @throws TraceError */
  constructor(tracefs: string, name: string, options: InstanceOptions) {
    this.directory = `${tracefs}/instances/${name}`;
    this.settings = new Settings(tracefs, this.directory);
    this.#tracefs = tracefs;
    this.#name = name;
    attempt(this.directory, () => mkdirSync(this.directory));
    try {
      this.#set("tracing_on", "0");
      this.#set("trace_clock", "mono");
      // what is new is kept, and the stream itself says where how many events were overwritten
      this.#set("options/overwrite", "1");
      this.#setIfAny("options/record-tgid");
      this.#allocate(options.bufferKb);
      this.#set("tracing_on", "1");
    } catch (error) {
      this.remove();
      throw error;
    }
  }

  get cpus(): number[] {
    const names = valueOr(readNames(`${this.directory}/per_cpu`), []);
    return names.flatMap((name) => (/^cpu\d+$/.test(name) ? [Number(name.slice(3))] : [])).sort((a, b) => a - b);
  }

  hasEvent(event: string): boolean {
    return existsSync(`${this.directory}/events/${event}/enable`);
  }

  /** @throws TraceError */
  format(event: string): EventFormat {
    return readFormat(`${this.directory}/events/${event}/format`);
  }

  /** Replaces the filter of an event at once: no event is missed meanwhile. @throws TraceError */
  filter(event: string, text: string): void {
    writeTracefs(`${this.directory}/events/${event}/filter`, text);
    this.settings.noteFilter(event, text);
  }

  /** @throws TraceError */
  enable(event: string, on: boolean): void {
    writeTracefs(`${this.directory}/events/${event}/enable`, on ? "1" : "0");
    this.settings.note(event, on);
  }

  /** Nothing more is written into the buffers. */
  stop(): void {
    this.#set("tracing_on", "0");
  }

  /** False: a reader of it is open. */
  remove(): boolean {
    return removeInstance(this.#tracefs, this.#name);
  }

  #set(file: string, text: string): void {
    writeTracefs(`${this.directory}/${file}`, text);
  }

  #setIfAny(option: string): void {
    if (existsSync(`${this.directory}/${option}`)) this.#set(option, "1");
  }

  #allocate(wantedKb: number | undefined): void {
    const online = Math.max(1, cpuCount(valueOr(readText("/sys/devices/system/cpu/online"), "")));
    const available = availableKbOf(valueOr(readText("/proc/meminfo"), ""));
    const sizes = wantedKb === undefined ? bufferSizes(online, available) : [wantedKb];
    for (const size of sizes) {
      try {
        this.#set("buffer_size_kb", String(size));
        return;
      } catch (error) {
        if (!(error instanceof TraceError) || error.reason !== "no-memory") throw error;
      }
    }
    throw new TraceError("no-memory", `${this.directory}/buffer_size_kb`, "ENOMEM");
  }
}
