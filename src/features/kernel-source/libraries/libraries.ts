/**
 * Which SQLite a process uses, and where its calls can be probed. Each file is read once; one process after the other,
 * by turns of their users; and other work has its turn between any two pieces of a file.
 */
import { closeSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { type CodeMapping, parseCodeMappings } from "../../../proc/maps.ts";
import { readTextInPieces, valueOr } from "../../../proc/read.ts";
import { readCredentials } from "../../../proc/status.ts";
import type { UnknownStatements } from "../../../recording/source-event.ts";
import { uptimeMs } from "../../../time.ts";
import { inOrder } from "./candidates.ts";
import { type Examined, examine, examineStripped, hasSqliteText } from "./examine.ts";
import type { Library, ProcessLibraries } from "./library.ts";
import { holdFile, holdMappedFiles, isUnchanged, type MappedFile, withBytesOf } from "./mapped-file.ts";
import { Turns } from "./turns.ts";

/** For one process, in ms: a program of 120 MB takes some 200. */
const PROCESS_MS = 5000;

/** Files of one process: a desktop program maps 300. */
const MAX_FILES = 1000;

/** Of them at once: each is a descriptor. */
const HELD_AT_ONCE = 64;

/** A program has at most 65,530 mappings (vm.max_map_count), of 50 to 200 bytes each. */
const MAX_MAPS_BYTES = 16 * 1024 * 1024;

/**
 * Libraries that are probed: each costs its probes in the kernel, and adding them takes time. Some places are kept for
 * files of root, and some for those of other users: nobody takes all of them by copies of his own.
 */
const MAX_LIBRARIES = { all: 64, notOfRoot: 48, ofOneUser: 16 } as const;

/** What is remembered of files. */
const MAX_REMEMBERED = 10_000;

type NoLibrary = Exclude<Examined["kind"], "sqlite"> | "too-many";

/** What is known of a file: a library, or why it is none. */
interface Remembered {
  result: Library | NoLibrary;
  /** Whether SQLite's texts are in it, once that was asked. */
  hasText: boolean | "go" | null;
}

type Found = Extract<Examined, { kind: "sqlite" }>;

/** What was found in the files of a process so far. */
interface Findings {
  readonly libraries: Library[];
  readonly reasons: Set<UnknownStatements>;
  /** Those without SQLite's functions. */
  readonly others: CodeMapping[];
}

export class Libraries {
  readonly #proc: string;
  readonly #remembered = new Map<string, Remembered>();
  readonly #libraries: Library[] = [];
  /** Of each library: whose file it is. */
  readonly #owners: number[] = [];
  /** By index: `probePath` leads through their descriptors. */
  #files: MappedFile[] = [];
  readonly #turns = new Turns(uptimeMs);

  constructor(proc = "/proc") {
    this.#proc = proc;
  }

  /** All that were found, by their index. */
  get all(): readonly Library[] {
    return this.#libraries;
  }

  /** What a process has mapped now; it may load SQLite later. Null: it has ended. */
  of(pid: number): Promise<ProcessLibraries | null> {
    const directory = `${this.#proc}/${pid}`;
    const uid = valueOr(readCredentials(directory), null)?.uid ?? 0;
    return this.#turns.next(uid, () => this.#of(directory));
  }

  /**
   * Whether the file still has the bytes that were read: to be asked just before its probes are added. A probe in the
   * middle of an instruction ends the programs that come there. Where not, ask `of` again.
   */
  isUnchanged({ index }: Library): boolean {
    const file = this.#files[index];
    return file !== undefined && isUnchanged(file);
  }

  /** The SQLite in a file that no process needs to have mapped; null: there is none that can be probed. */
  ofFile(path: string): Promise<Library | null> {
    return this.#turns.next(0, () => this.#ofFile(path));
  }

  /** Probes that were added stay. */
  close(): void {
    for (const { fd } of this.#files) closeSync(fd);
    this.#files = [];
  }

  async #of(directory: string): Promise<ProcessLibraries | null> {
    const untilMs = uptimeMs() + PROCESS_MS;
    const maps = await readTextInPieces(`${directory}/maps`, 4096, untilMs, MAX_MAPS_BYTES);
    if (maps.kind === "gone") return null;
    if (maps.kind === "denied") return { known: false, why: "not-readable" };
    if (maps.value.text === "") return null; // a process that is ending has given up its memory before its files
    const mappings = inOrder(parseCodeMappings(Buffer.from(maps.value.text, "latin1").toString()));
    const found: Findings = { libraries: [], reasons: new Set(), others: [] };
    if (!maps.value.complete || mappings.length > MAX_FILES) found.reasons.add("not-readable");
    await this.#each(directory, mappings.slice(0, MAX_FILES), found, untilMs, (file) =>
      this.#take(file, found, untilMs),
    );
    if (found.libraries.length === 0)
      await this.#each(directory, found.others, found, untilMs, (file) => this.#searchText(file, found, untilMs));
    return conclude(found);
  }

  async #ofFile(path: string): Promise<Library | null> {
    const file = holdFile(path);
    if (file === null) return null;
    try {
      const known = this.#remembered.get(file.key) ?? (await this.#examine(file, uptimeMs() + PROCESS_MS));
      return typeof known.result === "object" ? known.result : null;
    } finally {
      if (!this.#files.includes(file)) closeSync(file.fd);
    }
  }

  /** Takes hold of some files at a time, and looks at each. */
  async #each(
    directory: string,
    mappings: readonly CodeMapping[],
    found: Findings,
    untilMs: number,
    look: (file: MappedFile) => Promise<void>,
  ): Promise<void> {
    for (let start = 0; start < mappings.length; start += HELD_AT_ONCE) {
      const { files, refused } = holdMappedFiles(directory, mappings.slice(start, start + HELD_AT_ONCE));
      if (refused > 0) found.reasons.add("not-readable");
      try {
        for (const file of files) {
          if (uptimeMs() > untilMs) found.reasons.add("not-readable");
          else await look(file).catch(() => found.reasons.add("not-readable"));
        }
      } finally {
        for (const file of files) if (!this.#files.includes(file)) closeSync(file.fd);
      }
    }
  }

  async #take(file: MappedFile, found: Findings, untilMs: number): Promise<void> {
    const { result } = this.#remembered.get(file.key) ?? (await this.#examine(file, untilMs));
    if (typeof result === "object") {
      if (!found.libraries.includes(result)) found.libraries.push(result);
    } else if (result === "none") found.others.push(file.mapping);
    else found.reasons.add(result === "malformed" ? "not-readable" : result);
  }

  async #examine(file: MappedFile, untilMs: number): Promise<Remembered> {
    const examined = await withBytesOf(file, untilMs, examine);
    const result = examined.kind === "sqlite" ? this.#libraryOf(file, examined) : examined.kind;
    const remembered = { result, hasText: null };
    if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.clear();
    this.#remembered.set(file.key, remembered);
    return remembered;
  }

  /** A new one, unless the same file is one already: by two probes each call would be seen twice. */
  #libraryOf(file: MappedFile, found: Found): Library | NoLibrary {
    const index = this.#files.findIndex((other) => isSameFile(other, file));
    const known = this.#libraries[index];
    if (known === undefined) return this.#isRoomFor(file.owner) ? this.#add(file, found) : "too-many";
    if (!isDeepStrictEqual([known.probes, known.buildId], [found.probes, found.buildId])) return "not-verified";
    if (this.#files[index]?.device === file.device) this.#files[index] = { ...file, fd: this.#files[index].fd };
    return known;
  }

  #isRoomFor(owner: number): boolean {
    const ofOthers = this.#owners.filter((each) => each !== 0);
    if (this.#owners.length >= MAX_LIBRARIES.all) return false;
    if (owner === 0) return true;
    const ofOwner = ofOthers.filter((each) => each === owner);
    return ofOthers.length < MAX_LIBRARIES.notOfRoot && ofOwner.length < MAX_LIBRARIES.ofOneUser;
  }

  #add(file: MappedFile, { buildId, probes, layout }: Found): Library {
    const { device, inode, fd } = file;
    const probePath = `/proc/${process.pid}/fd/${fd}`;
    const index = this.#libraries.length;
    const library = { index, device, inode, buildId, path: file.mapping.path, probePath, probes, layout };
    this.#libraries.push(library);
    this.#files.push(file);
    this.#owners.push(file.owner);
    return library;
  }

  async #searchText(file: MappedFile, found: Findings, untilMs: number): Promise<void> {
    const remembered = this.#remembered.get(file.key);
    if (remembered === undefined) return;
    if (remembered.hasText === null) {
      remembered.hasText = await withBytesOf(file, untilMs, hasSqliteText);
      const examined = remembered.hasText !== false ? await withBytesOf(file, untilMs, examineStripped) : null;
      if (examined?.kind === "sqlite") remembered.result = this.#libraryOf(file, examined);
    }
    if (typeof remembered.result === "object") found.libraries.push(remembered.result);
    else if (remembered.result === "too-many") found.reasons.add("too-many");
    else if (remembered.hasText !== false) found.reasons.add(remembered.hasText === "go" ? "go-code" : "no-symbols");
  }
}

/** Also that an overlay shows: see {@link MappedFile}. Two copies on btrfs have one number, and are two. */
function isSameFile(one: MappedFile, other: MappedFile): boolean {
  if (one.device === other.device && one.inode === other.inode) return true;
  return (one.isOverlay || other.isOverlay) && one.overlayKey === other.overlayKey;
}

/** The reason that tells most, first. */
const BY_WEIGHT: readonly UnknownStatements[] = [
  ...(["too-many", "not-verified", "go-code", "no-symbols", "other-processor", "not-readable"] as const),
];

/** These were SQLite for certain. */
const BESIDES: readonly UnknownStatements[] = ["too-many", "not-verified"];

/** Beside a known library, what could not be read is most likely no SQLite. */
function conclude({ libraries, reasons }: Findings): ProcessLibraries {
  if (libraries.length > 0)
    return { known: true, libraries, besides: BESIDES.find((reason) => reasons.has(reason)) ?? null };
  return { known: false, why: BY_WEIGHT.find((reason) => reasons.has(reason)) ?? "no-library" };
}
