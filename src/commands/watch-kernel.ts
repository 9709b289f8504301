/** `sqlock watch --source kernel`: loaded for that alone. */
import { KernelReader } from "../features/watch/kernel-reader.ts";
import { asUserError } from "./trace-error.ts";

/** Whatever happens, nothing stays in the kernel. @throws UserError where its events cannot be had */
export async function withKernelReader<T>(
  paths: readonly string[],
  use: (reader: KernelReader) => Promise<T>,
): Promise<T> {
  let reader: KernelReader | null = null;
  try {
    reader = new KernelReader(paths);
    return await use(reader);
  } catch (error) {
    throw asUserError(error);
  } finally {
    reader?.end();
  }
}
