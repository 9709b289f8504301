/** The words for what is wrong with a header. Pure. */
import type { HeaderFault } from "../../safe-open/header.ts";

export function headerFaultText(fault: HeaderFault): string {
  switch (fault.code) {
    case "magic":
      return "the first 16 bytes are not 'SQLite format 3' and a zero";
    case "page-size":
      return `the page size is ${fault.stored}, which is no power of two from 512 to 32768, and not 1 (65536)`;
    case "read-version":
      return `the read version is ${fault.version}: SQLite knows 1 (rollback journal) and 2 (WAL)`;
    case "read-version-zero":
      return "the read version is 0: SQLite takes it for 1 (rollback journal)";
    case "write-version":
      return `the write version is ${fault.version}: SQLite knows 1 and 2, and opens the database only to read`;
    case "versions-differ":
      return `the write version is ${fault.write} and the read version ${fault.read}: SQLite writes both the same`;
    case "reserved-bytes":
      return (
        `${fault.reserved} bytes at the end of each page are reserved, which leaves less than 480 of ` +
        `${fault.pageSize}`
      );
    case "payload-fractions":
      return `the payload fractions are ${fault.fractions.join(", ")} and not 64, 32, 32`;
    case "schema-format":
      return `the schema format is ${fault.format}: SQLite knows 1 to 4`;
    case "text-encoding":
      return `the text encoding is ${fault.encoding}: SQLite knows 1 (UTF-8), 2 and 3 (UTF-16)`;
    case "unused-bytes":
      return `bytes ${fault.first} to ${fault.last} are not zero: SQLite does not use them`;
    case "cut-off":
      return (
        `the file is cut off: the header says ${fault.pages} pages of ${fault.pageSize} bytes, and ` +
        `${fault.sizeBytes} bytes are there (${Math.floor(fault.sizeBytes / fault.pageSize)} whole pages)`
      );
    case "too-long":
      return (
        `the file is longer than the header says: ${fault.pages} pages of ${fault.pageSize} bytes, and ` +
        `${fault.sizeBytes} bytes are there`
      );
    case "torn-page":
      return `the file ends inside a page: ${fault.sizeBytes} bytes are no multiple of ${fault.pageSize}`;
    case "outdated-page-count":
      return (
        "the page count of the header was written by a program that did not keep it up (SQLite before 3.7.0): " +
        "SQLite goes by the size of the file"
      );
  }
}
