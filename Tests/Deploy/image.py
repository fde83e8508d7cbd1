"""Carries out the steps of the last stage of Deploy/docker/Dockerfile in a folder, and runs what it describes there: a chroot, no container engine."""

import dataclasses
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


@dataclasses.dataclass
class DocumentedRun:
    """A `docker run` of Deploy/README.md."""

    # Options without a value, such as `--read-only`.
    flags: list[str]
    # What is mounted, as it is written: `SOURCE:PLACE[:ro]`.
    volumes: list[str]
    environment: dict[str, str]
    ports: list[str]
    # What follows the image's name, and the file that standard output goes to.
    command: list[str]
    output: str | None


def documented_runs():
    """The `docker run` commands of Deploy/README.md, in their order."""
    section = (DEPLOY / "README.md").read_text().split("\n## Docker\n")[1].split("\n## ")[0]
    text = re.search(r"```sh\n(.*?)```", section, re.S)[1].replace("\\\n", " ")
    return [documented_run(shlex.split(line, comments=True)) for line in text.splitlines() if line.startswith("docker run ")]


def documented_run(words):
    found = DocumentedRun([], [], {}, [], [], None)
    words = words[2:]
    while words[0].startswith("-"):
        option = words.pop(0)
        if option == "-v":
            found.volumes.append(words.pop(0))
        elif option == "-p":
            found.ports.append(words.pop(0))
        elif option == "-e":
            name, value = words.pop(0).split("=", 1)
            found.environment[name] = value
        elif option in ("--rm", "--read-only"):
            found.flags.append(option)
        elif option in ("--tmpfs", "--cap-drop", "--security-opt"):
            found.flags.append(f"{option} {words.pop(0)}")
        else:
            raise ValueError(f"{option} is not known here")
    if words.pop(0) != "rudder":
        raise ValueError("the image is not rudder")
    if ">" in words:
        *words, _, found.output = words
    found.command = words
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

    def run(self, command, mounts, environment, stderr=subprocess.STDOUT):
        """Starts a command as compose.yaml has it run: read-only but for volumes and /tmp, as the image's user, without any capability.

        mounts: folders and files of this machine, by their places in the image; read-only where the place ends in `:ro`.
        """
        root = shlex.quote(str(self.root))
        script = [f"mount --bind {root} {root}"]
        for place, folder in mounts.items():
            place, _, mode = place.partition(":")
            target = shlex.quote(f"{self.root}{place}")
            point = pathlib.Path(f"{self.root}{place}")
            (point if pathlib.Path(folder).is_dir() else point.parent).mkdir(parents=True, exist_ok=True)
            if not point.exists():
                point.touch()
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
                                stdout=subprocess.PIPE, stderr=stderr, text=True)
