/**
 * Whether an instance still is as it was set: any other program of root may switch its tracing off, turn off its
 * events or narrow them, and nothing in the stream tells.
 */
import { constants, readFile } from "node:fs";
import { readText } from "../proc/read.ts";
import { codeOf } from "./errors.ts";
import { writeSetting } from "./tracefs.ts";

export class Settings {
  readonly #tracefs: string;
  readonly #directory: string;
  /** `SYSTEM/EVENT`. */
  readonly #events = new Set<string>();
  /** By event, as the kernel shows them. */
  readonly #filters = new Map<string, { readonly written: string; readonly shown: string | null }>();

  #isReading = false;

  /** `directory`: of the instance. */
  constructor(tracefs: string, directory: string) {
    this.#tracefs = tracefs;
    this.#directory = directory;
  }

  /** It was enabled, or disabled, just now. */
  note(event: string, on: boolean): void {
    if (on) this.#events.add(event);
    else this.#events.delete(event);
  }

  /** The filter of the event was written just now. */
  noteFilter(event: string, written: string): void {
    this.#filters.set(event, { written, shown: this.#read(`events/${event}/filter`) });
  }

  /** False: events are missing, or it cannot be known whether they are. */
  get areKept(): boolean {
    if (this.#read("tracing_on") !== "1") return false;
    if (this.#pidFiles().length > 0) return false;
    const enabled = new Set(this.#read("set_event")?.split("\n"));
    for (const event of this.#events) if (!enabled.has(event.replace("/", ":"))) return false;
    for (const [event, { shown }] of this.#filters) if (this.#read(`events/${event}/filter`) !== shown) return false;
    return true;
  }

  /**
   * The kernel has a lock for all events, which it keeps for seconds while another tracer starts or ends: who reads a
   * setting then waits. Before a look, a reading beside this thread tells: of a file that is not the instance's, which
   * could not be removed while one of its files is open. Source: event_mutex, trace_events.c
   */
  get isLocked(): boolean {
    return this.#isReading;
  }

  /** Begins that reading: {@link isLocked} until it is done. */
  tryRead(): void {
    if (this.#isReading) return;
    this.#isReading = true;
    readFile(`${this.#tracefs}/set_event_pid`, () => {
      this.#isReading = false;
    });
  }

  /** What cannot be set anew shows in {@link areKept}. */
  restore(): void {
    for (const file of this.#pidFiles()) this.#write(file, " ", constants.O_WRONLY | constants.O_TRUNC);
    for (const [event, { written }] of this.#filters) this.#write(`events/${event}/filter`, written);
    // the return of a call before its entry
    for (const event of [...this.#events].reverse()) this.#write(`events/${event}/enable`, "1");
    this.#write("tracing_on", "1");
  }

  /** Events of some processes alone are recorded, or of all but some. */
  #pidFiles(): string[] {
    return ["set_event_pid", "set_event_notrace_pid"].filter((file) => (this.#read(file) ?? "") !== "");
  }

  #read(file: string): string | null {
    const reading = readText(`${this.#directory}/${file}`);
    return reading.kind === "ok" ? reading.value.trim() : null;
  }

  #write(file: string, text: string, flags?: number): void {
    try {
      writeSetting(`${this.#directory}/${file}`, text, flags);
    } catch (error) {
      codeOf(error);
    }
  }
}
