/** The first 100 bytes of files that are databases, or not quite. */

/** Noise, the same in every run. */
export const NOISE = Buffer.from(Array.from({ length: 100 }, (_, i) => (Math.imul(i + 1, 2654435761) >>> 13) & 0xff));

/** The header of a database of 12 pages of 4096 bytes, in rollback mode, as SQLite writes it. */
export function plainHeader(change: (header: Buffer) => void = () => undefined): Buffer {
  const header = Buffer.alloc(100);
  header.write("SQLite format 3\0", "latin1");
  header.writeUInt16BE(4096, 16);
  Buffer.from([1, 1, 0, 64, 32, 32]).copy(header, 18);
  header.writeUInt32BE(7, 24);
  header.writeUInt32BE(12, 28);
  header.writeUInt32BE(4, 44);
  header.writeUInt32BE(1, 56);
  header.writeUInt32BE(7, 92);
  change(header);
  return header;
}
