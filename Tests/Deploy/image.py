"""Carries out the steps of the last stage of Deploy/docker/Dockerfile in a folder, and runs what it describes there: a chroot, no container engine."""

import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess

from support import DEPLOY, PROGRAM, ROOT

DOCKERFILE = DEPLOY / "docker/Dockerfile"
BASE = ROOT / ".cache/deploy/bookworm.tar"


def stages():
    """The Dockerfile's stages, each a list of (instruction, its words)."""
    lines = [line for line in DOCKERFILE.read_text().splitlines() if not line.lstrip().startswith("#")]
    text = "\n".join(lines).replace("\\\n", " ")
    found = []
    for line in text.splitlines():
        if not line.strip():
            continue
        instruction, words = line.split(None, 1)
        if instruction == "FROM":
            found.append([])
        found[-1].append((instruction, re.sub(r"\s+", " ", words)))
    return found


class Image:
    """The last stage, carried out in a folder."""

    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.environment, self.user, self.folder, self.volumes = {}, "0:0", "/", []
        self.entry, self.command, self.health, self.stop_signal = [], [], [], "SIGTERM"
        for instruction, words in stages()[-1]:
            getattr(self, "step_" + instruction.lower())(words)

    def step_from(self, words):
        if words != "debian:bookworm-slim":
            raise ValueError(f"the last stage is from {words}; this knows Debian 12 alone")
        if not BASE.exists():
            # What the image is made of, too: Debian's smallest variant.
            BASE.parent.mkdir(parents=True, exist_ok=True)
            subprocess.run(["debootstrap", "--variant=minbase", "bookworm", self.root], check=True, stdout=subprocess.DEVNULL)
            subprocess.run(["tar", "-C", self.root, "-cf", f"{BASE}.part", "."], check=True)
            os.rename(f"{BASE}.part", BASE)
        else:
            subprocess.run(["tar", "-C", self.root, "-xf", BASE], check=True)

    def step_run(self, words):
        # As an engine does, what fetches gets the machine's names and settings for the time of the step.
        places = ["/etc/resolv.conf", "/etc/hosts", *map(str, pathlib.Path("/etc/apt/apt.conf.d").glob("*"))]
        lent = []
        for place in places:
            target = self.root / place[1:]
            if pathlib.Path(place).exists() and not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(place, target)
                lent.append(target)
        try:
            subprocess.run(["unshare", "--mount", "--pid", "--fork", "chroot", self.root, "/bin/sh", "-c",
                            f"mount -t proc proc /proc && export DEBIAN_FRONTEND=noninteractive && {words}"],
                           check=True, stdout=subprocess.DEVNULL)
        finally:
            for target in lent:
                target.unlink(missing_ok=True)

    def step_copy(self, words):
        *options, source, target = words.split()
        if options == ["--from=build"]:
            if source != "/out/rudder":
                raise ValueError(f"the first stage's {source} is not known here")
            source = PROGRAM
        else:
            source = ROOT / source
        place = self.root / target[1:]
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(source, place) if pathlib.Path(source).is_dir() else shutil.copy(source, place)

    def step_env(self, words):
        self.environment |= dict(word.split("=", 1) for word in shlex.split(words))

    def step_user(self, words):
        self.user = words

    def step_workdir(self, words):
        self.folder = words

    def step_volume(self, words):
        self.volumes.append(words)

    def step_expose(self, words):
        self.port = int(words)

    def step_stopsignal(self, words):
        self.stop_signal = words

    def step_healthcheck(self, words):
        self.health = json.loads(words.split(" CMD ", 1)[1])

    def step_entrypoint(self, words):
        self.entry = json.loads(words)

    def step_cmd(self, words):
        self.command = json.loads(words)

    def run(self, command, mounts, environment):
        """Starts a command as compose.yaml has it run: read-only but for volumes and /tmp, as the image's user, without any capability.

        mounts: folders of this machine, by their places in the image; read-only where the place ends in `:ro`.
        """
        root = shlex.quote(str(self.root))
        script = [f"mount --bind {root} {root}"]
        for place, folder in mounts.items():
            place, _, mode = place.partition(":")
            target = shlex.quote(f"{self.root}{place}")
            pathlib.Path(f"{self.root}{place}").mkdir(parents=True, exist_ok=True)
            script += [f"mount --bind {shlex.quote(str(folder))} {target}"]
            script += [f"mount -o remount,bind,ro {target}"] if mode == "ro" else []
        script += [f"mount -o remount,bind,ro {root}", f"mount -t proc proc {root}/proc", f"mount -t tmpfs tmpfs {root}/tmp",
                   f"mount --bind /dev {root}/dev"]
        user, group = self.user.split(":")
        variables = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"} | self.environment | environment
        inner = ["chroot", str(self.root), "setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups", "--no-new-privs",
                 "--bounding-set=-all", "--inh-caps=-all", "env", "-i", f"--chdir={self.folder}",
                 *(f"{name}={value}" for name, value in variables.items()), *command]
        script += ["exec " + shlex.join(inner)]
        return subprocess.Popen(["unshare", "--mount", "sh", "-ec", "\n".join(script)],
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
