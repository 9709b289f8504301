import { describe, expect, test } from "vitest";
import { type Cgroup, NO_CGROUP, parseCgroup } from "../../../src/proc/cgroup.ts";
import { procFixture } from "../../support/fixture.ts";

const ID = "7d5efbc1755b0be1eb84c98435ef7ae17d5efbc1755b0be1eb84c98435ef7ae1";
const SHORT = ID.slice(0, 12);
const OTHER = "0".repeat(64);
const POD = "kubepods-burstable-pod0d4c1f6e_1f3c_4a43.slice";
const USER = "/user.slice/user-1001.slice";
const MANAGER = `${USER}/user@1001.service`;

const system = (unit: string | null, container: string | null = null): Cgroup => ({
  ...NO_CGROUP,
  unit,
  unitManager: unit === null ? null : "system",
  container,
});

/** A unit of the manager inside a container. */
const inside = (unit: string, container: string, containerUid: number | null = null): Cgroup => ({
  ...NO_CGROUP,
  unit,
  unitManager: "container",
  container,
  containerUid,
});

/** A unit of the manager of user 1001, and a container of that user. */
const user = (unit: string | null, container: string | null = null): Cgroup => ({
  ...NO_CGROUP,
  unit,
  unitManager: unit === null ? null : "user",
  unitUid: unit === null ? null : 1001,
  container,
  containerUid: container === null ? null : 1001,
});

describe("cgroup v2: one line", () => {
  test.each<[string, Cgroup]>([
    ["/", NO_CGROUP],
    ["/init.scope", system("init.scope")],
    ["/system.slice/gunicorn.service", system("gunicorn.service")],
    ["/system.slice/gunicorn.service/worker", system("gunicorn.service")],
    [`${USER}/session-3.scope`, system("session-3.scope")],
    ["/system.slice/system-getty.slice/getty@tty1.service", system("getty@tty1.service")],
    ["/system.slice/_cgroup.service", system("cgroup.service")],
    [`/system.slice/docker-${ID}.scope`, system(`docker-${ID}.scope`, `docker:${SHORT}`)],
    [`/machine.slice/libpod-${ID}.scope/container`, system(`libpod-${ID}.scope`, `podman:${SHORT}`)],
    [`/machine.slice/libpod-conmon-${ID}.scope`, system(`libpod-conmon-${ID}.scope`, `podman:${SHORT}`)],
    [
      `/kubepods.slice/kubepods-burstable.slice/${POD}/cri-containerd-${ID}.scope`,
      system(`cri-containerd-${ID}.scope`, `containerd:${SHORT}`),
    ],
    [`/kubepods.slice/${POD}/crio-${ID}.scope`, system(`crio-${ID}.scope`, `cri-o:${SHORT}`)],
    [`/kubepods.slice/${POD}/docker-${ID}.scope`, system(`docker-${ID}.scope`, `docker:${SHORT}`)],
    [`/kubepods.slice/kubepods-burstable.slice/${POD}/${ID}`, system(null, `containerd:${SHORT}`)],
    // containerd told to use systemd's names, without systemd
    [`/${POD}:cri-containerd:${ID}`, system(null, `containerd:${SHORT}`)],
    [
      `/system.slice/containerd.service/${POD}:cri-containerd:${ID}`,
      system("containerd.service", `containerd:${SHORT}`),
    ],
    ["/lxc.payload.web/system.slice/nginx.service", inside("nginx.service", "lxc:web")],
    ["/lxc.payload/web", system(null, "lxc:web")],
    ["/lxc/web", system(null, "lxc:web")],
    ["/machine.slice/machine-web.scope/payload/system.slice/db.service", inside("db.service", "machine:web")],
    ["/machine.slice/systemd-nspawn@web.service/payload/system.slice/db.service", inside("db.service", "machine:web")],
    ["/machine.slice/systemd-nspawn@web.service/payload", system("systemd-nspawn@web.service", "machine:web")],
  ])("%s", (path, expected) => {
    expect(parseCgroup(`0::${path}\n`)).toEqual(expected);
    expect(parseCgroup(`1:name=systemd:${path}\n0::/\n`)).toEqual(expected);
  });

  test("the supervisor of an LXC container stands outside of it", () => {
    expect(parseCgroup("0::/lxc.monitor.web\n").container).toBeNull();
  });
});

describe("what a user's own manager runs, or the user has made below it, is that user's word", () => {
  test.each<[string, Cgroup]>([
    [`${MANAGER}/app.slice/app-code.scope`, user("app-code.scope")],
    [`${MANAGER}/init.scope`, user("init.scope")],
    [`${MANAGER}/app.slice/sshd.service`, user("sshd.service")],
    [`${MANAGER}/system.slice/sshd.service`, user("sshd.service")],
    [`${MANAGER}/app.slice/evil.service/system.slice/sshd.service`, user("evil.service")],
    [`${MANAGER}/user.slice/user-0.slice/user@0.service/app.slice/sshd.service`, user("user@0.service")],
    // no unit of that manager's: it puts none there
    [`${MANAGER}/evil/system.slice/sshd.service`, user(null)],
    [MANAGER, user(null)],
    // rootless podman and docker are that user's
    [`${MANAGER}/user.slice/libpod-${ID}.scope/container`, user(`libpod-${ID}.scope`, `podman:${SHORT}`)],
    [
      `${MANAGER}/user.slice/user-libpod_pod_${OTHER}.slice/libpod-${ID}.scope`,
      user(`libpod-${ID}.scope`, `podman:${SHORT}`),
    ],
    [`${MANAGER}/app.slice/docker-${ID}.scope`, user(`docker-${ID}.scope`, `docker:${SHORT}`)],
    [`${MANAGER}/app.slice/docker.service/docker/${ID}`, user("docker.service", `docker:${SHORT}`)],
    [
      `${MANAGER}/user.slice/libpod-${ID}.scope/container/system.slice/sshd.service`,
      inside("sshd.service", `podman:${SHORT}`, 1001),
    ],
    // so is what only has such a name
    [`${MANAGER}/machine.slice/machine-web.scope`, user("machine-web.scope", "machine:web")],
    [`${MANAGER}/kubepods/pod1/${ID}`, user(null, `containerd:${SHORT}`)],
    [`${MANAGER}/lxc/web`, user(null, "lxc:web")],
    [`${MANAGER}/lxc.payload.web/system.slice/sshd.service`, inside("sshd.service", "lxc:web", 1001)],
    // lxc of a user in a session that was given to the user
    [`${USER}/session-4.scope/lxc.payload.web`, { ...system("session-4.scope", "lxc:web"), containerUid: 1001 }],
  ])("%s", (path, expected) => {
    expect(parseCgroup(`0::${path}\n`)).toEqual(expected);
    expect(parseCgroup(`4:memory:${USER}\n1:name=systemd:${path}\n0::${path}\n`)).toEqual(expected);
  });

  test("root's manager is a user's manager as well", () => {
    expect(parseCgroup("0::/user.slice/user-0.slice/user@0.service/app.slice/a.service\n")).toEqual({
      ...user("a.service"),
      unitUid: 0,
    });
  });

  test("only where logind puts it", () => {
    expect(parseCgroup("0::/system.slice/user@1001.service/app.slice/a.service\n")).toEqual(
      system("user@1001.service"),
    );
    expect(parseCgroup(`0::${USER}/user@1002.service/app.slice/a.service\n`)).toEqual(system("user@1002.service"));
  });
});

describe("names below a unit have another maker than systemd", () => {
  test.each<[string, Cgroup]>([
    // a service that runs as an ordinary user, and was given its cgroup (Delegate=yes)
    ["/system.slice/evil.service/system.slice/sshd.service", system("evil.service")],
    [`/system.slice/evil.service/docker/${ID}`, system("evil.service")],
    [`/system.slice/evil.service/docker-${ID}.scope`, system("evil.service")],
    [`/system.slice/evil.service/libpod-${ID}.scope`, system("evil.service")],
    [`/system.slice/evil.service/kubepods.slice/${POD}/cri-containerd-${ID}.scope`, system("evil.service")],
    [`/system.slice/evil.service/${POD}:cri-containerd:${ID}`, system("evil.service")],
    ["/system.slice/evil.service/lxc/web", system("evil.service")],
    ["/system.slice/evil.service/lxc.payload.web", system("evil.service")],
    ["/system.slice/evil.service/machine-web.scope", system("evil.service")],
    // a container in a container is that one's word: the system knows the outer one
    [`/docker/${ID}/docker/${OTHER}`, system(null, `docker:${SHORT}`)],
    [
      `/system.slice/docker-${ID}.scope/system.slice/docker-${OTHER}.scope`,
      inside(`docker-${OTHER}.scope`, `docker:${SHORT}`),
    ],
    [`/docker/${ID}/system.slice/sshd.service`, inside("sshd.service", `docker:${SHORT}`)],
  ])("%s", (path, expected) => {
    expect(parseCgroup(`0::${path}\n`)).toEqual(expected);
  });

  test("outside of this cgroup namespace nobody can be told from another", () => {
    expect(parseCgroup("0::/../../system.slice/sshd.service\n")).toEqual({ ...NO_CGROUP, unit: "sshd.service" });
    expect(parseCgroup(`0::/../docker-${ID}.scope\n`)).toEqual({ ...NO_CGROUP, unit: `docker-${ID}.scope` });
  });

  test("no unit has a name with blanks, controls or more", () => {
    for (const name of ["a b.service", "a\u001b[2J.service", "a;reboot;.service", "é.service", ".service"])
      expect(parseCgroup(`0::/system.slice/${name}\n`)).toEqual(NO_CGROUP);
  });
});

describe("cgroup v1: a line for each controller", () => {
  test("docker", () => {
    expect(parseCgroup(procFixture("cgroup"))).toEqual(system("docker.service", `docker:${SHORT}`));
  });

  test("kubepods", () => {
    expect(
      parseCgroup(
        `11:memory:/kubepods/burstable/pod0d4c1f6e-1f3c/${ID}` +
          `\n1:name=systemd:/kubepods/burstable/pod0d4c1f6e-1f3c/${ID}\n`,
      ),
    ).toEqual(system(null, `containerd:${SHORT}`));
  });

  test("the unit stands only in systemd's own hierarchy", () => {
    expect(parseCgroup("9:memory:/\n1:name=systemd:/system.slice/cron.service\n0::/\n").unit).toBe("cron.service");
    expect(parseCgroup(`9:memory:/system.slice/sshd.service\n1:name=systemd:${MANAGER}/app.slice/a.service\n`)).toEqual(
      user("a.service"),
    );
  });
});

test("what looks like a container, and is none", () => {
  for (const path of [
    "/system.slice/docker.service",
    "/docker/abc",
    "/user.slice/lxcfs",
    "/system.slice/lxc.service",
    "/system.slice/lxc-net.service",
    "/kubepods",
    `/a/docker/${ID}`,
    `/user/mallory/0/docker/${ID}`,
  ]) {
    expect(parseCgroup(`0::${path}\n`).container).toBeNull();
  }
});

test("lines that are none say nothing", () => {
  expect(parseCgroup("")).toEqual(NO_CGROUP);
  expect(parseCgroup("nonsense\n0:/x.service\n::/y.service\n")).toEqual(NO_CGROUP);
});
