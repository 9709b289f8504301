/** A path that is an open descriptor of a process: it leads to the file itself, whatever its name is by now. Pure. */

const DESCRIPTOR = /^\/proc\/\d+\/(?:task\/\d+\/)?fd\/\d+$/;

/** Nobody can put another link there: it is the kernel's. Source: proc_pid_fd(5) */
export function isDescriptorPath(path: string | Buffer): path is string {
  return typeof path === "string" && DESCRIPTOR.test(path);
}
