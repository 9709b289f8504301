/**
 * The number that a linker gives each build: the note NT_GNU_BUILD_ID, and that of Go's linker. Pure. Source: elf(5),
 * ld(1) --build-id; cmd/link/internal/ld/elf.go of Go.
 */
import { ElfError } from "./elf-error.ts";
import { type Elf, PT_NOTE } from "./header.ts";
import type { Source } from "./source.ts";

const GNU = { type: 3, owner: "GNU\0" } as const;
const GO = { type: 4, owner: "Go\0\0" } as const;

/** Programs have two or three segments of notes, of some 100 bytes. */
const MAX_NOTES_BYTES = 64 * 1024;

/** Those of Go have 83. */
const MAX_ID_BYTES = 128;

/** In hexadecimal; null: it has none. @throws ElfError */
export function readBuildId(source: Source, elf: Elf): Promise<string | null> {
  return readNote(source, elf, GNU);
}

/** Whether Go's linker made the program. @throws ElfError */
export async function isGoProgram(source: Source, elf: Elf): Promise<boolean> {
  return (await readNote(source, elf, GO)) !== null;
}

async function readNote(source: Source, { segments }: Elf, wanted: typeof GNU | typeof GO): Promise<string | null> {
  for (const { type, offset, size, alignment } of segments) {
    if (type !== PT_NOTE) continue;
    if (size > MAX_NOTES_BYTES) throw new ElfError("too-big");
    const id = noteIn(await source.exactly(offset, size), alignment === 8 ? 8 : 4, wanted);
    if (id !== null) return id;
  }
  return null;
}

function noteIn(notes: Buffer, alignment: number, { type, owner }: typeof GNU | typeof GO): string | null {
  const aligned = (length: number) => Math.ceil(length / alignment) * alignment;
  for (let at = 0; at + 12 <= notes.length; ) {
    const [nameSize, idSize] = [notes.readUInt32LE(at), notes.readUInt32LE(at + 4)];
    const name = at + 12;
    const id = at + aligned(12 + nameSize);
    if (id + idSize > notes.length) return null;
    const isWanted = notes.readUInt32LE(at + 8) === type && nameSize === 4;
    if (isWanted && notes.toString("latin1", name, name + 4) === owner && idSize > 0 && idSize <= MAX_ID_BYTES)
      return notes.toString("hex", id, id + idSize);
    at = id + aligned(idSize);
  }
  return null;
}
