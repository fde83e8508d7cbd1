"""Runs the commands that a Markdown page names, and puts what they print in the place of what they printed before.

A place begins with `<!-- table: COMMAND -->` and ends with `<!-- end -->`. With words as arguments, only commands that contain one of them.
"""

import re
import subprocess
import sys
from pathlib import Path

PLACE = re.compile(r"(<!-- table: (.+?) -->\n).*?(<!-- end -->)", re.DOTALL)


def main() -> None:
    page, words = Path(sys.argv[1]), sys.argv[2:]

    def filled(place: re.Match) -> str:
        opening, command, closing = place.groups()
        if words and not any(word in command for word in words):
            return place.group()
        print(f"running {command}", file=sys.stderr)
        output = subprocess.run(command, shell=True, check=True, stdout=subprocess.PIPE, text=True).stdout
        return f"{opening}{output.strip()}\n{closing}"

    page.write_text(PLACE.sub(filled, page.read_text()))


if __name__ == "__main__":
    main()
