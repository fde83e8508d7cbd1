"""Puts what a recipe made where it is shipped: the head into Config/heads, its pictures into Docs/results, its tables into Docs/results.md, in the
place that begins with `<!-- results: NAME -->` and ends with `<!-- end -->`.

    publish.py NAME WORK
"""

import re
import shutil
import sys
from pathlib import Path


def main() -> None:
    name, work = sys.argv[1], Path(sys.argv[2])
    pictures = Path("Docs/results")
    pictures.mkdir(exist_ok=True)
    shutil.copy(work / name / f"{name}.safetensors", "Config/heads")
    shutil.copy(work / name / "training.svg", pictures / f"{name}-training.svg")
    shutil.copy(work / "results/sweep.svg", pictures / f"{name}-sweep.svg")

    # Without its title, and one level down.
    tables = (work / "results/results.md").read_text().split("\n", 1)[1].strip().replace("\n## ", "\n### ")
    tables = tables.replace("](sweep.svg)", f"](results/{name}-sweep.svg)")
    page = Path("Docs/results.md")
    place = re.compile(rf"(<!-- results: {re.escape(name)} -->\n).*?(<!-- end -->)", re.DOTALL)
    text, count = place.subn(lambda match: f"{match[1]}{tables}\n{match[2]}", page.read_text())
    if count != 1:
        sys.exit(f"{page} has {count} places for the results of {name}, not one")
    page.write_text(text)


if __name__ == "__main__":
    main()
