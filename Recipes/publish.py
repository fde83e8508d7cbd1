"""Puts what a recipe made where it is shipped: the head into Config/heads, its pictures into Docs/results, its tables into Docs/results.md, in the
places that begin with `<!-- results: NAME -->` and, where the recipe measured controlled decoding, `<!-- results: NAME-decoding -->`, and end with
`<!-- end -->`.

    publish.py NAME WORK
"""

import re
import shutil
import sys
from pathlib import Path


def main() -> None:
    name, work = sys.argv[1], Path(sys.argv[2])
    page = Path("Docs/results.md")
    text = page.read_text()
    for place, folder in [(name, "results"), (f"{name}-decoding", "decoding")]:
        if folder == "decoding" and not (work / folder).exists():
            continue
        # Without its title, and one level down.
        tables = (work / folder / "results.md").read_text().split("\n", 1)[1].strip().replace("\n## ", "\n### ")
        tables = tables.replace("](sweep.svg)", f"](results/{name}-sweep.svg)")
        pattern = re.compile(rf"(<!-- results: {re.escape(place)} -->\n).*?(<!-- end -->)", re.DOTALL)
        text, count = pattern.subn(lambda match: f"{match[1]}{tables}\n{match[2]}", text)
        if count != 1:
            sys.exit(f"{page} has {count} places for the results of {place}, not one")

    pictures = Path("Docs/results")
    pictures.mkdir(exist_ok=True)
    shutil.copy(work / name / f"{name}.safetensors", "Config/heads")
    shutil.copy(work / name / "training.svg", pictures / f"{name}-training.svg")
    shutil.copy(work / "results/sweep.svg", pictures / f"{name}-sweep.svg")
    page.write_text(text)


if __name__ == "__main__":
    main()
