/** Why a file cannot be read though nothing forbids it, and what to do about it. Pure. */

const WORDS = {
  "no-descriptor": {
    message: (path: string) => `too many open files: ${path} cannot be opened`,
    hint: "raise the limit (ulimit -n 1024), and try again",
  },
  "io-error": {
    message: (path: string) => `${path} cannot be read: input/output error (EIO)`,
    hint: "see the kernel's log (dmesg): the disk, or the file system, may be failing",
  },
} as const;

/** `path`: what cannot be read. */
export function troubleText(
  trouble: keyof typeof WORDS,
  path: string,
): { readonly message: string; readonly hint: string } {
  const { message, hint } = WORDS[trouble];
  return { message: message(path), hint };
}
