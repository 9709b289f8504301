import { describe, expect, test } from "vitest";
import { parseCgroup } from "../../../src/proc/cgroup.ts";
import { procFixture } from "../../support/fixture.ts";

const ID = "7d5efbc1755b0be1eb84c98435ef7ae17d5efbc1755b0be1eb84c98435ef7ae1";
const SHORT = ID.slice(0, 12);
const POD = "kubepods-burstable-pod0d4c1f6e_1f3c_4a43.slice";

describe("cgroup v2: one line", () => {
  test.each<[string, string | null, string | null]>([
    ["/", null, null],
    ["/system.slice/gunicorn.service", "gunicorn.service", null],
    ["/user.slice/user-1000.slice/session-3.scope", "session-3.scope", null],
    ["/user.slice/user-1000.slice/user@1000.service/app.slice/app-code.scope", "app-code.scope", null],
    ["/user.slice/user-1000.slice/user@1000.service/init.scope", "init.scope", null],
    ["/system.slice/system-getty.slice/getty@tty1.service", "getty@tty1.service", null],
    [`/system.slice/docker-${ID}.scope`, `docker-${ID}.scope`, `docker:${SHORT}`],
    [`/machine.slice/libpod-${ID}.scope/container`, `libpod-${ID}.scope`, `podman:${SHORT}`],
    [`/machine.slice/libpod-conmon-${ID}.scope`, `libpod-conmon-${ID}.scope`, `podman:${SHORT}`],
    [
      `/kubepods.slice/kubepods-burstable.slice/${POD}/cri-containerd-${ID}.scope`,
      `cri-containerd-${ID}.scope`,
      `containerd:${SHORT}`,
    ],
    [`/kubepods.slice/${POD}/crio-${ID}.scope`, `crio-${ID}.scope`, `cri-o:${SHORT}`],
    [`/kubepods.slice/${POD}/docker-${ID}.scope`, `docker-${ID}.scope`, `docker:${SHORT}`],
    // containerd told to use systemd's names, without systemd
    [`/${POD}:cri-containerd:${ID}`, null, `containerd:${SHORT}`],
    ["/lxc.payload.web/system.slice/nginx.service", "nginx.service", "lxc:web"],
    ["/lxc.payload/web", null, "lxc:web"],
    ["/lxc/web", null, "lxc:web"],
    ["/machine.slice/machine-web.scope/payload/system.slice/db.service", "db.service", "machine:web"],
  ])("%s", (path, unit, container) => {
    expect(parseCgroup(`0::${path}\n`)).toEqual({ unit, container });
  });

  test("the supervisor of an LXC container stands outside of it", () => {
    expect(parseCgroup("0::/lxc.monitor.web\n").container).toBeNull();
  });
});

describe("cgroup v1: a line for each controller", () => {
  test("docker", () => {
    expect(parseCgroup(procFixture("cgroup"))).toEqual({ unit: "docker.service", container: `docker:${SHORT}` });
  });

  test("kubepods", () => {
    expect(
      parseCgroup(
        `11:memory:/kubepods/burstable/pod0d4c1f6e-1f3c/${ID}` +
          `\n1:name=systemd:/kubepods/burstable/pod0d4c1f6e-1f3c/${ID}\n`,
      ),
    ).toEqual({
      unit: null,
      container: `containerd:${SHORT}`,
    });
  });

  test("the unit stands only in systemd's own hierarchy", () => {
    expect(parseCgroup("9:memory:/\n1:name=systemd:/system.slice/cron.service\n0::/\n").unit).toBe("cron.service");
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
  ]) {
    expect(parseCgroup(`0::${path}\n`).container).toBeNull();
  }
});

test("lines that are none say nothing", () => {
  expect(parseCgroup("")).toEqual({ unit: null, container: null });
  expect(parseCgroup("nonsense\n0:/x.service\n::/y.service\n")).toEqual({ unit: null, container: null });
});
