"""What can be done with a node of the CMDB tree: menus, and the forms behind them."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from app.ci_classes import catalogue, classes_in
from app.errors import WatchroomError
from app.words import tr, trn
from ui.commands import Command, Commands
from ui.context import Context
from ui.on_demand import on_demand
from ui.subjects import cmdb

if TYPE_CHECKING:
    from app.tree_node import TreeNode
    from ui.docks import cmdb_forms as forms
    from ui.docks import cmdb_import
    from ui.pages import ci_new
    from ui.work import Job
else:
    ci_new = on_demand("ui.pages.ci_new")
    cmdb_import = on_demand("ui.docks.cmdb_import")
    forms = on_demand("ui.docks.cmdb_forms")

SHEETS = "Excel (*.xlsx);;CSV (*.csv)"


def export_to(desk: object, job: "Job", path: Path) -> int:
    """Write all configuration items on a worker."""
    written: int = cmdb.export_devices(desk, job, path)
    return written


class Actions(QObject):
    """The commands of the tree; every one of them is in a menu, and none of them asks twice."""

    failed = Signal(object)
    done = Signal(str)

    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(parent)
        self._context, self._parent = context, parent

    def menu_of(self, node: "TreeNode", parent: QWidget) -> QMenu:
        """Return the menu of one node."""
        menu = QMenu(parent)
        if node.kind == "ci":
            self._fill_ci(menu, node)
        elif node.kind == "place":
            self._fill_place(menu, node)
        elif node.kind == "class":
            self._context.rights.guard(
                menu.addAction(tr("New here…"), lambda: self.add(node.key.partition(":")[2])), "cmdb.create"
            )
        menu.addSeparator()
        self._fill_sheets(menu)
        return menu

    def add_menu(self, parent: QWidget) -> QMenu:
        """Return the menu of what can be added and imported."""
        menu = QMenu(parent)
        classes = menu.addMenu(tr("New configuration item"))
        for group in catalogue().groups.values():
            inner = classes.addMenu(group.label)
            for kind in classes_in(group.name):
                inner.addAction(kind.label, lambda name=kind.name: self.add(name))
        self._context.rights.guard(menu.addAction(tr("New place…"), lambda: self._new_place(None)), "cmdb.create_place")
        menu.addSeparator()
        self._fill_sheets(menu)
        return menu

    def register(self, commands: Commands) -> None:
        """Put what needs no node into the configuration menu and the palette."""
        for name, title, group, needs, call in (
            ("cmdb-new", tr("New configuration item…"), 0, "cmdb.create", self.add),
            ("cmdb-import", tr("Import a sheet…"), 1, "cmdb.create", self.import_sheet),
            ("cmdb-import-types", tr("Import device types…"), 1, "cmdb.create", self.import_types),
            ("cmdb-export", tr("Export configuration items…"), 1, "", self.export),
        ):
            commands.add(Command(name, title, "config", group=group, needs=needs), call)

    def open(self, node: "TreeNode") -> None:
        """Open a configuration item's form or a rack's view."""
        if node.kind == "ci":
            self._context.nav.open("ci", node.id)
        elif node.kind == "place" and node.place_kind == "rack":
            self._context.nav.open("rack", node.id)

    def add(self, class_name: str = "", place_id: int | None = None) -> None:
        """Open the form of a new configuration item."""
        self._context.nav.open("ci", ci_new.NewCi(class_name, place_id))

    def export(self) -> None:
        """Ask for a file and write all configuration items to it."""
        from PySide6.QtWidgets import QFileDialog

        dialog = QFileDialog(self._parent, tr("Export configuration items"), "", SHEETS)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("xlsx")
        dialog.selectFile(tr("Configuration items"))
        dialog.fileSelected.connect(self._export)
        dialog.open()

    def import_sheet(self) -> None:
        """Open the dialog that imports a sheet."""
        cmdb_import.ImportDialog(self._context, self._parent).open()

    def import_types(self) -> None:
        """Ask for the folder of an unpacked device-type library and import it."""
        from PySide6.QtWidgets import QFileDialog

        dialog = QFileDialog(self._parent, tr("Folder of the unpacked device-type library"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(lambda path: cmdb_import.import_types(self._context, Path(path), self._parent))
        dialog.open()

    def _fill_ci(self, menu: QMenu, node: "TreeNode") -> None:
        menu.setDefaultAction(menu.addAction(tr("Open…"), lambda: self.open(node)))
        self._context.rights.guard(
            menu.addAction(tr("Move…"), lambda: forms.move(self._context, self._parent, node.id)), "cmdb.move"
        )
        self._context.rights.guard(
            menu.addAction(tr("Add relation…"), lambda: forms.relate(self._context, self._parent, node.id)),
            "cmdb.relate",
        )
        menu.addAction(tr("Rack view"), lambda: self._show_rack_of(node.id))
        menu.addAction(tr("Copy the name"), lambda: QGuiApplication.clipboard().setText(node.title))
        menu.addSeparator()
        self._context.rights.guard(
            menu.addAction(tr("Void…"), lambda: forms.void_ci(self._context, self._parent, node.id)), "cmdb.void"
        )

    def _fill_place(self, menu: QMenu, node: "TreeNode") -> None:
        if node.place_kind == "rack":
            menu.setDefaultAction(menu.addAction(tr("Rack view"), lambda: self.open(node)))
        self._context.rights.guard(
            menu.addAction(tr("New configuration item here…"), lambda: self.add(place_id=node.id)), "cmdb.create"
        )
        if node.place_kind != "rack":
            self._context.rights.guard(
                menu.addAction(tr("New place in here…"), lambda: self._new_place(node)), "cmdb.create_place"
            )
        self._context.rights.guard(
            menu.addAction(tr("Edit place…"), lambda: forms.edit_place(self._context, self._parent, node.id)),
            "cmdb.edit_place",
        )
        menu.addSeparator()
        self._context.rights.guard(
            menu.addAction(tr("Void…"), lambda: forms.void_place(self._context, self._parent, node.id)),
            "cmdb.void_place",
        )

    def _fill_sheets(self, menu: QMenu) -> None:
        self._context.rights.guard(menu.addAction(tr("Import a sheet…"), self.import_sheet), "cmdb.create")
        self._context.rights.guard(menu.addAction(tr("Import device types…"), self.import_types), "cmdb.create")
        menu.addAction(tr("Export configuration items…"), self.export)

    def _new_place(self, around: "TreeNode | None") -> None:
        parent_id = around.id if around else None
        forms.new_place(self._context, self._parent, parent_id, around.place_kind if around else None)

    def _show_rack_of(self, ci_id: int) -> None:
        def show(detail: object) -> None:
            place_id = detail.draft.place_id  # type: ignore[attr-defined]  # a CiDetail
            if place_id is None:
                self.done.emit(tr("It has no place yet: move it to one."))
            else:
                self._context.nav.open("rack", place_id)

        self._context.work.read(cmdb.detail, ci_id, done=show, owner=self)

    def _export(self, path: str) -> None:
        def tell(rows: int) -> None:
            self.done.emit(trn("{n} row was written to {path}.", "{n} rows were written to {path}.", rows, path=path))

        def fail(error: WatchroomError) -> None:
            self.failed.emit(error)

        self._context.work.run(export_to, Path(path), done=tell, failed=fail, owner=self)
