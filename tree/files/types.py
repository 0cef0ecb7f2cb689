"""The accepted file types, with their extensions and the content types of their records."""

from dataclasses import dataclass

DOWNLOAD = "application/octet-stream"
_WORDS = "application/vnd.openxmlformats-officedocument."


@dataclass(frozen=True)
class FileType:
    """A file type. Stored names get its first extension."""

    extensions: tuple[str, ...]
    content_type: str

    @property
    def is_image(self) -> bool:
        return self.content_type.startswith("image/")


IMAGES = (
    FileType(("png",), "image/png"),
    FileType(("jpg", "jpeg"), "image/jpeg"),
    FileType(("gif",), "image/gif"),
    FileType(("webp",), "image/webp"),
)
PDF = FileType(("pdf",), "application/pdf")
OFFICE = (
    FileType(("docx",), f"{_WORDS}wordprocessingml.document"),
    FileType(("xlsx",), f"{_WORDS}spreadsheetml.sheet"),
    FileType(("pptx",), f"{_WORDS}presentationml.presentation"),
)
TEXTS = (
    FileType(("txt", "log", "ini", "conf", "cfg", "yaml", "yml", "xml"), "text/plain"),
    FileType(("md",), "text/markdown"),
    FileType(("csv",), "text/csv"),
    FileType(("tsv",), "text/tab-separated-values"),
    FileType(("json",), "application/json"),
)
TYPES = (*IMAGES, PDF, *OFFICE, *TEXTS)
EXTENSIONS = tuple(extension for known in TYPES for extension in known.extensions)

# Taken only where the setting DOWNLOAD_ONLY_FILES names them. Browsers are told nothing of what they are.
SCRIPTS = FileType(("ps1", "bat", "cmd", "reg", "rdp", "ovpn", "svg"), DOWNLOAD)
EML = FileType(("eml",), DOWNLOAD)
MSG = FileType(("msg",), DOWNLOAD)
VISIO = FileType(("vsdx",), DOWNLOAD)
HEIC = FileType(("heic",), DOWNLOAD)
ZIP = FileType(("zip",), DOWNLOAD)
DOWNLOADS = (SCRIPTS, EML, MSG, VISIO, HEIC, ZIP)
DOWNLOAD_EXTENSIONS = tuple(extension for known in DOWNLOADS for extension in known.extensions)

BY_EXTENSION = {extension: known for known in (*TYPES, *DOWNLOADS) for extension in known.extensions}
