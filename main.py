"""The app's entry; the packager finds it only here, at the root."""

import flet as ft

from mobile_app.app import main

ft.run(main)
