"""
Prints {"name", "content"} for each file in a .tar.xz (as Latin-1, which reads any byte) or for a single
.xz (as UTF-8): Node reads neither. Usage: unpack.py FILE.
"""

import json
import lzma
import sys
import tarfile

if __name__ == "__main__":
    path = sys.argv[1]
    if path.endswith(".tar.xz"):
        with tarfile.open(path, "r:xz") as archive:
            for member in archive:
                file = archive.extractfile(member) if member.isfile() else None
                if file is not None:
                    print(json.dumps({"name": member.name, "content": file.read().decode("latin-1")}))
    else:
        with lzma.open(path, "rt", encoding="utf-8", newline="") as text:
            print(json.dumps({"name": path, "content": text.read()}))
