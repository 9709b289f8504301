/** Any code point. */
import fc from "fast-check";

/**
 * A third of them ASCII, control characters included; no half of a surrogate pair. For `fc.string({ unit })`:
 * fast-check's own unit "binary" takes more than a second to make.
 */
export const CODE_POINT = fc
  .oneof(
    fc.integer({ min: 0, max: 0x7f }),
    fc.integer({ min: 0, max: 0xd7ff }),
    fc.integer({ min: 0xe000, max: 0x10ffff }),
  )
  .map((code) => String.fromCodePoint(code));
