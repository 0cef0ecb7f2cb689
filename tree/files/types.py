"""The accepted file types, with their extensions and content types."""

from dataclasses import dataclass

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
BY_CONTENT_TYPE = {known.content_type: known for known in TYPES}
EXTENSIONS = tuple(extension for known in TYPES for extension in known.extensions)
