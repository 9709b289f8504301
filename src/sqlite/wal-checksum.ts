/** The checksum of a -wal. Pure. Source: `walChecksumBytes` of `wal.c`. */

/** Of this machine. */
const LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Over pairs of 32-bit words, modulo 2^32. */
export function addToChecksum(
  sum: readonly [number, number],
  view: DataView,
  start: number,
  length: number,
  littleEndian: boolean,
): [number, number] {
  let [s1, s2] = sum;
  const from = view.byteOffset + start;
  if (littleEndian === LITTLE_ENDIAN && from % 4 === 0) {
    // several times as fast as the DataView
    const words = new Uint32Array(view.buffer, from, length / 4);
    for (let i = 0; i < words.length; i += 2) {
      s1 = (s1 + (words[i] ?? 0) + s2) | 0;
      s2 = (s2 + (words[i + 1] ?? 0) + s1) | 0;
    }
    return [s1 >>> 0, s2 >>> 0];
  }
  for (let at = start; at < start + length; at += 8) {
    s1 = (s1 + view.getUint32(at, littleEndian) + s2) >>> 0;
    s2 = (s2 + view.getUint32(at + 4, littleEndian) + s1) >>> 0;
  }
  return [s1, s2];
}
