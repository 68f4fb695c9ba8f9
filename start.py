"""Sets evote up in this folder and runs it; needs Python 3.11 or later and nothing else.

    python3 start.py demo [OPTIONS]   holds and verifies an election (evote demo)
    python3 start.py test [OPTIONS]   runs the tests (pytest, on all cores)
    python3 start.py evote ARGUMENTS  runs any other command of evote
    python3 start.py install          only sets up, with everything that development needs

The first call makes the virtual environment .venv in this folder and installs evote and what it
needs into it, from this folder; that takes a minute and the network. Later calls start at once,
until pyproject.toml changes. Options are passed on; so is the exit code. A set-up that fails
ends with 4, wrong arguments with 2.

The syntax stays readable for old Pythons, so that they can be refused in a sentence.
"""

import sys

if sys.version_info < (3, 11):
    sys.stderr.write("evote needs Python 3.11 or later; this is Python " + sys.version.split()[0] + ".\n")
    sys.exit(4)

import hashlib
import os
import subprocess
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
STAMP = VENV / "evote-installed"
"""Written last, so that an installation that was cut short is done again."""

EXIT_ARGUMENTS, EXIT_FAILED, EXIT_INTERRUPTED = 2, 4, 130
EXTRAS = {"demo": "", "evote": "", "test": "test", "install": "test"}


class SetupError(Exception):
    """The machine cannot do it; the text says what to do."""


def say(text: str) -> None:
    """One line for the user. On stderr, because stdout belongs to the program that is started."""
    print(f"evote: {text}", file=sys.stderr, flush=True)


def stamp_text(extra: str) -> str:
    """What the environment was made from: another pyproject.toml or folder means installing again."""
    project = hashlib.sha256((ROOT / "pyproject.toml").read_bytes()).hexdigest()
    return f"{project} {ROOT} {extra}\n"


def is_ready(extra: str) -> bool:
    """Whether the environment holds the project with ``extra`` ('test' includes '')."""
    if not STAMP.is_file() or not works():
        return False
    stamp = STAMP.read_text(encoding="utf-8")
    return stamp in (stamp_text(extra), stamp_text("test"))


def works() -> bool:
    """Whether the environment's Python runs and is new enough; it breaks when its base is removed."""
    if not PYTHON.exists():
        return False
    probe = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    try:
        done = subprocess.run([str(PYTHON), "-I", "-c", probe], capture_output=True, stdin=subprocess.DEVNULL)
    except OSError:
        return False
    return done.returncode == 0


def make_venv() -> None:
    """Makes .venv, or makes it again where it is broken; never clears a folder of another kind."""
    if works():
        return
    if VENV.exists() and any(VENV.iterdir()) and not (VENV / "pyvenv.cfg").is_file():
        raise SetupError(f"{VENV} is not a virtual environment; move it away and start again.")
    say(f"making the virtual environment .venv with Python {sys.version.split()[0]}")
    try:
        venv.EnvBuilder(clear=True, symlinks=os.name != "nt", with_pip=True).create(VENV)
    except (OSError, subprocess.CalledProcessError) as error:
        raise SetupError(
            f"the virtual environment cannot be made ({error}). "
            "On Debian and Ubuntu, install the package python3-venv and start again."
        ) from error


def install(extra: str) -> None:
    """Installs the project from this folder with ``extra``; editable, so that edits count at once."""
    make_venv()
    STAMP.unlink(missing_ok=True)
    say("installing evote and what it needs into .venv; this takes a minute, once")
    target = f"{ROOT}[{extra}]" if extra else str(ROOT)
    pip = [str(PYTHON), "-I", "-m", "pip", "install", "-qq", "--no-input", "--disable-pip-version-check"]
    hidden = ("PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PYTHONHOME", "PYTHONPATH")
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    done = subprocess.run([*pip, "--editable", target], env=environment, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise SetupError("the installation failed; the lines above say why. Is there a network?")
    STAMP.write_text(stamp_text(extra), encoding="utf-8")


def spread(options: list[str]) -> list[str]:
    """Options that spread the tests over all cores, unless the caller says how, or wants to debug."""
    own = ("-n", "--numprocesses", "--dist", "--pdb", "--trace", "no:xdist", "-s")
    if any(option.startswith(own) for option in options):
        return []
    return ["-n", "auto", "--dist", "worksteal"]


def hand_over(command: list[str]) -> int:
    """Becomes the program (its signals and exit code are then its own); on Windows, waits for it."""
    sys.stdout.flush()
    sys.stderr.flush()
    if os.name != "nt":
        os.execv(command[0], command)  # noqa: S606 - a list of arguments, no shell
    return subprocess.run(command).returncode


def main(arguments: list[str]) -> int:
    """The exit code for these command-line arguments."""
    usage = str(__doc__).split("\n\n")[1]
    if arguments[:1] in (["-h"], ["--help"]):
        print(__doc__)
        return 0
    if not arguments or arguments[0] not in EXTRAS:
        print(usage, file=sys.stderr)
        return EXIT_ARGUMENTS
    name, *rest = arguments
    try:
        if not is_ready(EXTRAS[name]):
            install(EXTRAS[name])
        if name == "install":
            say(f"ready; the program is {BIN / 'evote'}")
            return 0
        if name == "test":
            os.chdir(ROOT)
            return hand_over([str(PYTHON), "-m", "pytest", *spread(rest), *rest])
        program = str(BIN / ("evote.exe" if os.name == "nt" else "evote"))
        return hand_over([program, *(["demo"] if name == "demo" else []), *rest])
    except (SetupError, OSError) as error:
        say(str(error))
        return EXIT_FAILED
    except KeyboardInterrupt:
        say("interrupted; start again to finish")
        return EXIT_INTERRUPTED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
