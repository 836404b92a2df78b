"""Command line of the bundle: `python -m bundle build | font | icon | pins`."""

from __future__ import annotations

import argparse
from pathlib import Path

from bundle import build


def parser() -> argparse.ArgumentParser:
    """The four commands and their options."""
    root = argparse.ArgumentParser(prog="python -m bundle", description=__doc__)
    commands = root.add_subparsers(dest="command", required=True)
    make = commands.add_parser("build", help="make the web app")
    make.add_argument("--out", type=Path, default=Path("build/webapp"))
    make.add_argument("--app", type=Path, default=build.ROOT, help="folder with main.py")
    font = commands.add_parser("font", help="cut the font files (Debian package fonts-noto-cjk)")
    font.add_argument("--source", type=Path, default=None, help="folder of the font collections")
    commands.add_parser("icon", help="draw the icon's PNG files with Chromium")
    commands.add_parser("pins", help="write requirements/web.txt for this environment")
    return root


def cut_fonts(source: Path | None) -> None:
    """Cut the committed fonts; fontTools is needed only here."""
    from bundle import font

    for path in font.build_fonts(source or font.DEBIAN_FOLDER, build.ROOT / "assets" / "fonts"):
        print(f"{path.name}: {path.stat().st_size / 1e6:.2f} MB", flush=True)


def draw_icons() -> None:
    """Draw the icon's PNG files; Playwright is needed only here."""
    from bundle import icon

    for path in icon.draw(build.ROOT / "assets" / "icons"):
        print(path.name, flush=True)


def write_pins() -> None:
    """Pin the browser's packages at the versions of this environment."""
    from bundle import pins

    pins.write_pins(build.ROOT / "requirements" / "web.txt")


def main() -> None:
    """Run one command."""
    options = parser().parse_args()
    if options.command == "build":
        plan = build.Plan(app=options.app, out=options.out)
        build.build(plan, lambda line: print(line, flush=True))
    elif options.command == "font":
        cut_fonts(options.source)
    elif options.command == "icon":
        draw_icons()
    else:
        write_pins()


if __name__ == "__main__":
    main()
