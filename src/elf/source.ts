/** Bytes of a file that may be made to hurt its reader: each piece is small, and their sum has a limit. Pure. */
import { ElfError } from "./elf-error.ts";

/** Up to `length` bytes from `offset`; fewer at the end of the file. */
export type Read = (offset: number, length: number) => Uint8Array | Promise<Uint8Array>;

/** Of one piece, in bytes: other work has its turn between two of them. */
export const PIECE_BYTES = 256 * 1024;

/** Of all pieces of a file: the tables of a browser with its debug information fit. */
const MAX_BYTES = 512 * 1024 * 1024;

export class Source {
  readonly #read: Read;
  readonly #maxBytes: number;
  /** How much was asked for. */
  bytes = 0;

  constructor(read: Read, maxBytes = MAX_BYTES) {
    this.#read = read;
    this.#maxBytes = maxBytes;
  }

  /** Asks for nothing yet. @throws ElfError where so many bytes more are too many */
  expect(length: number): void {
    if (this.bytes + length > this.#maxBytes) throw new ElfError("too-big");
  }

  /** So many bytes at most, at the end of the file fewer. @throws ElfError */
  async upTo(offset: number, length: number): Promise<Buffer> {
    this.expect(length);
    if (length > PIECE_BYTES) throw new ElfError("too-big");
    this.bytes += length;
    const bytes = await this.#read(offset, length);
    return Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, length));
  }

  /** Just so many bytes. @throws ElfError */
  async exactly(offset: number, length: number): Promise<Buffer> {
    const bytes = await this.upTo(offset, length);
    if (bytes.length < length) throw new ElfError("cut-short");
    return bytes;
  }
}

/** A number of 64 bits that is a place in a file or in a program. @throws ElfError where it is beyond 2^48 */
export function placeAt(bytes: Buffer, offset: number): number {
  const high = bytes.readUInt32LE(offset + 4);
  if (high > 0xffff) throw new ElfError("malformed");
  return high * 0x1_0000_0000 + bytes.readUInt32LE(offset);
}
