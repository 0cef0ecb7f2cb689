"""Re-encoding of images, which removes everything but the pixels: EXIF with its locations, and hidden content."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps, JpegImagePlugin

from tree.exceptions import FileRefused, FileTooLarge

MAX_PIXELS = 50_000_000
MAX_WEBP_PIXELS = 24_000_000  # its encoder needs more memory per pixel
MAX_FRAMES = 500
_KEPT = ("transparency", "duration", "loop", "disposal", "background")
_FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/gif": "GIF", "image/webp": "WEBP"}
_BROKEN = (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, MemoryError)


@dataclass(frozen=True)
class Size:
    """The size of an image in pixels."""

    width: int
    height: int


def rewrite(path: Path, filename: str, content_type: str) -> Size:
    """Replace the file by one that contains only the image. Raises FileRefused, FileTooLarge, OSError."""
    Image.MAX_IMAGE_PIXELS = None  # the limit below has a message for people
    name = _FORMATS[content_type]
    try:
        with Image.open(path, formats=(name,)) as image:
            most = MAX_WEBP_PIXELS if name == "WEBP" else MAX_PIXELS
            if image.width * image.height > most:
                raise FileTooLarge(
                    f"“{filename}” has {image.width:,} × {image.height:,} pixels; "
                    f"at most {most // 1_000_000} million are possible."
                )
            frames = list(_frames(image, filename))
            options = _options(image, name)
            _save(frames, path, name, options)
            return Size(*frames[0].size)
    except _BROKEN as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # an error of the disk, not of the image
        raise FileRefused(f"“{filename}” cannot be read as a picture: it is damaged, or too large.") from error


def _frames(image: Image.Image, filename: str) -> Iterator[Image.Image]:
    if not getattr(image, "is_animated", False):
        turned = ImageOps.exif_transpose(image)
        yield _bare(turned)
        return
    most = min(MAX_FRAMES, MAX_PIXELS // (image.width * image.height))
    number = 0
    while True:
        try:
            image.seek(number)
        except EOFError:
            return
        if number >= most:
            raise FileTooLarge(f"“{filename}” has more than {most} pictures of this size in it.")
        yield _bare(image.copy())
        number += 1


def _bare(image: Image.Image) -> Image.Image:
    image.load()
    image.info = {key: value for key, value in image.info.items() if key in _KEPT}
    return image


def _options(image: Image.Image, name: str) -> dict[str, Any]:
    if name == "JPEG" and isinstance(image, JpegImagePlugin.JpegImageFile) and image.mode in ("RGB", "L"):
        sampling = JpegImagePlugin.get_sampling(image)
        return {"qtables": image.quantization} | ({"subsampling": sampling} if sampling >= 0 else {})
    return {"quality": 90} if name in ("JPEG", "WEBP") else {}


def _save(frames: list[Image.Image], path: Path, name: str, options: dict[str, Any]) -> None:
    first, *others = frames
    if name == "JPEG" and first.mode not in ("RGB", "L"):
        first = first.convert("RGB")
    if others:
        options |= {"save_all": True, "append_images": others}
        options["duration"] = [frame.info.get("duration", 100) for frame in frames]
        options["loop"] = first.info.get("loop", 0)
    written = path.with_name(path.name + ".new")
    descriptor = os.open(written, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(descriptor, "wb") as file:
            first.save(file, name, **options)
        written.replace(path)
    finally:
        written.unlink(missing_ok=True)
