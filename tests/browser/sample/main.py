"""The smallest app that proves the bundle: components, Chinese, every compiled package."""

import ctypes
import importlib.util
from pathlib import Path

import apsw
import flet as ft
import httpx
import pydantic
import sqlalchemy as sa


def argon2_library() -> ctypes.CDLL:
    """The C library inside argon2-cffi-bindings: cffi itself has no browser wheel."""
    spec = importlib.util.find_spec("_argon2_cffi_bindings")
    assert spec is not None
    assert spec.submodule_search_locations
    return ctypes.CDLL(str(Path(spec.submodule_search_locations[0]) / "_ffi.so"))


def argon2id(secret: bytes, salt: bytes, kilobytes: int) -> bytes:
    """A raw Argon2id digest of 32 bytes with one pass and one lane."""
    out = ctypes.create_string_buffer(32)
    code = argon2_library().argon2id_hash_raw(
        1, kilobytes, 1, secret, len(secret), salt, len(salt), out, 32
    )
    assert code == 0, code
    return out.raw


def stack() -> str:
    """One sentence that needs every package of the bundle."""
    table = sa.Table("t", sa.MetaData(), sa.Column("a", sa.Integer))
    sql = str(sa.select(table.c.a))
    parsed = pydantic.TypeAdapter(list[int]).validate_json("[1, 2]")
    cipher = apsw.Connection(":memory:").pragma("cipher")
    digest = argon2id(b"123456", b"0123456789abcdef", 8192).hex()[:8]
    return f"{sql.split()[0]} {parsed} {cipher} {digest} {httpx.__version__}"


@ft.component
def Home() -> ft.View:  # noqa: N802 - components are called like classes
    count, set_count = ft.use_state(0)
    name, set_name = ft.use_state("")
    return ft.View(
        route="/",
        appbar=ft.AppBar(title="外勤簿样本"),
        controls=[
            ft.Text("○ 本机 ◐ 已送达 ● 已入档 〓 ·→ ¥1,234,567.89", size=16),
            ft.Text("王䶮 李𬭚 𰻝 😀 加粗", size=20, weight=ft.FontWeight.BOLD),
            ft.Text(stack(), size=12),
            ft.Text(f"共 {count} 次,你好{name}", size=16),
            ft.FilledButton("加一", on_click=lambda: set_count(lambda before: before + 1)),
            ft.TextField(label="客户姓名", on_change=lambda e: set_name(e.control.value)),
            ft.Chip(label="理财", on_select=lambda: None),
            ft.OutlinedButton("客户", on_click=lambda: ft.context.page.navigate("/c/7")),
        ],
    )


@ft.component
def Customer() -> ft.View:  # noqa: N802 - components are called like classes
    number = ft.use_route_params()["number"]
    return ft.View(
        route=ft.use_view_path(),
        appbar=ft.AppBar(title="客户"),
        controls=[ft.Text(f"第 {number} 位客户")],
    )


@ft.component
def App() -> ft.Control:  # noqa: N802 - components are called like classes
    children = [ft.Route(path="c/:number", component=Customer)]
    return ft.Router([ft.Route(path="/", component=Home, children=children)], manage_views=True)


def before_main(page: ft.Page) -> None:
    fallback = ["FieldbookRare"]
    style = ft.TextStyle(font_family="Fieldbook", font_family_fallback=fallback)
    page.fonts = {"FieldbookRare": "fonts/FieldbookRare-Regular.woff2"}
    text_theme = ft.TextTheme(body_large=style, body_medium=style, body_small=style)
    page.theme = ft.Theme(font_family="Fieldbook", text_theme=text_theme)


ft.run(lambda page: page.render_views(App), before_main=before_main)
