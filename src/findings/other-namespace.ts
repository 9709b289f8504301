import { defineFinding, type Rule } from "./shared/record.ts";

/** Part of the machine, or other machines, cannot be seen: "nobody" is only "nobody visible". */
const rule: Rule = ({ database, snapshot }) => {
  if (!snapshot.partialView) return [];
  const network = database.fileSystem?.network === true;
  const host = database.fileSystem?.host === true;
  const container = snapshot.childNamespace;
  if (!network && !container) return []; // another database of the same call is the reason
  const outside = [
    ...(container ? ["processes outside of this container (pid namespace)"] : []),
    ...(network ? [host ? "programs on the host of this virtual machine" : "programs on other machines"] : []),
  ].join(", and ");
  return [
    {
      pids: [],
      summary: `What is shown is only what is visible from here: ${outside} may hold the database as well.`,
      detail: container
        ? "In a child pid namespace the kernel leaves out the locks and the processes of all others, so that " +
          "'nobody' and 'hot journal' cannot be known here."
        : `A lock that ${host ? "the host" : "another machine"} holds shows here neither as a process nor as a lock.`,
      remedy: [
        ...(container
          ? [
              "Run sqlock on the host, on the path that the database has there (docker inspect shows the mounts " +
                "of a container); it sees the processes in containers too.",
            ]
          : []),
        ...(network
          ? [
              host
                ? "Look on the host too (Linux, macOS: sqlock who-holds; Windows: the handles in Resource Monitor)."
                : "Run sqlock on the other machines that mount this file system.",
            ]
          : []),
      ].join(" "),
    },
  ];
};

export const otherNamespace = defineFinding({
  id: "other-namespace",
  severity: "info",
  needs: "handles",
  transient: "no",
  namesBlocker: false,
  blocksSwitch: null,
  limitsView: true,
  rule,
});
