/** The words for what is wrong with a header. Pure. */
import type { HeaderFault } from "../../safe-open/header.ts";

export function headerFaultText(fault: HeaderFault): string {
  switch (fault.code) {
    case "magic":
      return "the first 16 bytes are not 'SQLite format 3' and a zero";
    case "cut-header":
      return `the file is truncated: it has ${fault.sizeBytes} of the 100 bytes of a header, and nothing else`;
    case "page-size":
      return `the page size is ${fault.stored}, which is neither a power of two from 512 to 32768 nor 1 (65536)`;
    case "read-version":
      return `the read version is ${fault.version}: SQLite knows 1 (rollback journal) and 2 (WAL)`;
    case "read-version-zero":
      return "the read version is 0: SQLite treats it as 1 (rollback journal)";
    case "write-version":
      return `the write version is ${fault.version}: SQLite knows 1 and 2, and opens the database read-only`;
    case "versions-differ":
      return (
        `the write version is ${fault.write} and the read version ${fault.read}: SQLite always writes ` +
        `the same number to both`
      );
    case "reserved-bytes":
      return (
        `${fault.reserved} bytes at the end of each page are reserved, which leaves fewer than 480 of its ` +
        `${fault.pageSize}`
      );
    case "payload-fractions":
      return `the payload fractions are ${fault.fractions.join(", ")} instead of 64, 32, 32`;
    case "schema-format":
      return `the schema format is ${fault.format}: SQLite knows 1 to 4`;
    case "text-encoding":
      return `the text encoding is ${fault.encoding}: SQLite knows 1 (UTF-8), 2 and 3 (UTF-16)`;
    case "unused-bytes":
      return `bytes ${fault.first} to ${fault.last} are not zero: SQLite does not use them`;
    case "cut-off":
      return (
        `the file is truncated: the header says ${fault.pages} pages of ${fault.pageSize} bytes, but the file has ` +
        `${fault.sizeBytes} bytes (${Math.floor(fault.sizeBytes / fault.pageSize)} whole pages)`
      );
    case "too-long":
      return (
        `the file is longer than the header says: ${fault.pages} pages of ${fault.pageSize} bytes, but the file has ` +
        `${fault.sizeBytes} bytes`
      );
    case "torn-page":
      return `the file ends in the middle of a page: ${fault.sizeBytes} bytes are not a multiple of ${fault.pageSize}`;
    case "outdated-page-count":
      return (
        "a program that does not update the page count of the header has written it (SQLite before 3.7.0): SQLite " +
        "uses the size of the file instead"
      );
  }
}
