/** A file as pieces of text, unpacked where it is compressed. */
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { StringDecoder } from "node:string_decoder";
import { createGunzip } from "node:zlib";

const PIECE = 256 * 1024;
const GZIP_MAGIC = [0x1f, 0x8b];

/** `take` returns false where the rest is not needed. @returns whether the file was cut off within what is compressed */
export async function piecesOf(path: string, take: (piece: string) => boolean): Promise<boolean> {
  const file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
  await file.close();
  const isGzip = bytesRead === 2 && buffer[0] === GZIP_MAGIC[0] && buffer[1] === GZIP_MAGIC[1];
  const bytes = createReadStream(path, { highWaterMark: PIECE });
  const stream = isGzip ? bytes.pipe(createGunzip({ chunkSize: PIECE })) : bytes;
  const decoder = new StringDecoder("utf8");
  try {
    for await (const chunk of stream) if (!take(decoder.write(chunk as Buffer))) break;
    return false;
  } catch (error) {
    if (isGzip && (error as NodeJS.ErrnoException).code?.startsWith("Z_") === true) return true;
    throw error;
  } finally {
    bytes.destroy();
  }
}
