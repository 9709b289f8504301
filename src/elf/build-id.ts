/** The number that a linker gives each build: the note NT_GNU_BUILD_ID. Pure. Source: elf(5), ld(1) --build-id. */
import { ElfError } from "./elf-error.ts";
import { type Elf, PT_NOTE } from "./header.ts";
import type { Source } from "./source.ts";

const NT_GNU_BUILD_ID = 3;

/** Programs have two or three segments of notes, of some 100 bytes. */
const MAX_NOTES_BYTES = 64 * 1024;

const MAX_ID_BYTES = 64;

/** In hexadecimal; null: it has none. @throws ElfError */
export async function readBuildId(source: Source, { segments }: Elf): Promise<string | null> {
  for (const { type, offset, size, alignment } of segments) {
    if (type !== PT_NOTE) continue;
    if (size > MAX_NOTES_BYTES) throw new ElfError("too-big");
    const id = buildIdIn(await source.exactly(offset, size), alignment === 8 ? 8 : 4);
    if (id !== null) return id;
  }
  return null;
}

function buildIdIn(notes: Buffer, alignment: number): string | null {
  const aligned = (length: number) => Math.ceil(length / alignment) * alignment;
  for (let at = 0; at + 12 <= notes.length; ) {
    const [nameSize, idSize] = [notes.readUInt32LE(at), notes.readUInt32LE(at + 4)];
    const name = at + 12;
    const id = at + aligned(12 + nameSize);
    if (id + idSize > notes.length) return null;
    const isBuildId = notes.readUInt32LE(at + 8) === NT_GNU_BUILD_ID && nameSize === 4;
    if (isBuildId && notes.toString("latin1", name, name + 4) === "GNU\0" && idSize > 0 && idSize <= MAX_ID_BYTES)
      return notes.toString("hex", id, id + idSize);
    at = id + aligned(idSize);
  }
  return null;
}
