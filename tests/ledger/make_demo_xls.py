"""Rebuild xlpolicy/ledger/data/示例.xls: the demonstration's form 15, saved as .xls by LibreOffice.

Run it when the form's layout changes: `python tests/ledger/make_demo_xls.py`.
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from xlpolicy.batch import demo


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        form = demo._Writer(folder).form(15, demo.TECH, {"investment": 1234.56})
        subprocess.run(
            ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to",
             "xls:MS Excel 97", "--outdir", name, str(form)],
            check=True, env={"PATH": "/usr/bin:/bin", "HOME": name},
        )  # fmt: skip
        demo._XLS.parent.mkdir(exist_ok=True)
        demo._XLS.write_bytes(form.with_suffix(".xls").read_bytes())
        print(demo._XLS, demo._XLS.stat().st_size)


if __name__ == "__main__":
    main()
